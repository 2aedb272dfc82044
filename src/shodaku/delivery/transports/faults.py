"""Why a job cannot be handed to a server, in a sentence. It stands apart, for
mypyc, which compiles the send path, keeps no docstring of an exception: it would lose its sentence.
"""

from __future__ import annotations

from shodaku.kit.errors import ShodakuError


class UnsafeEnvelope(ShodakuError):
    """An envelope address holds what cannot be written into an SMTP command."""

    code = "unsafe_envelope"
