"""What is wrong with the journal of a chunk, a sentence each. They stand apart, for
mypyc, which compiles the send path, keeps no docstring of an exception: it would lose its sentence.
"""

from __future__ import annotations

from shodaku.kit.errors import ShodakuError


class OwnerAlive(ShodakuError):
    """Another process holds the journal; its chunk is not ours to recover."""

    code = "owner_alive"


class JournalDamaged(ShodakuError):
    """The journal of a chunk cannot be read; everybody in the chunk counts as begun."""

    code = "journal_damaged"


class JournalFull(ShodakuError):
    """The journal cannot be written; the message was not sent."""

    code = "journal_full"
    exit_status = 3
