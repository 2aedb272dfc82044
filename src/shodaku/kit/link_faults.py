"""Why no link can be made, a sentence each. They stand apart, for
mypyc, which compiles the send path, keeps no docstring of an exception: it would lose its sentence.
"""

from __future__ import annotations

from shodaku.kit.errors import ShodakuError


class UnusableLinkKey(ShodakuError):
    """A link key is missing, not of 16 to 64 bytes, or its epoch is not between 0 and 255."""

    code = "unusable_link_key"
    exit_status = 2


class NumberTooBigForLink(ShodakuError):
    """A number is too big to be written into a link."""

    code = "number_too_big_for_link"
