"""Where a mailbox elsewhere is, and what opens it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Protocol(StrEnum):
    IMAP = "imap"  # RFC 3501
    POP3 = "pop3"  # RFC 1939


PORTS: Final = {Protocol.IMAP: 993, Protocol.POP3: 995}
STARTTLS_PORTS: Final = {Protocol.IMAP: 143, Protocol.POP3: 110}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Never shown."""

    host: str
    user: str
    password: str
    port: int = PORTS[Protocol.IMAP]
    tls: bool = True
    ca_file: str = ""  # of a server whose certificate is our own
    folder: str = "INBOX"  # of IMAP, as the next line
    moved_to: str = ""  # done mails go there; empty: they are marked as read
    protocol: str = Protocol.IMAP.value
    starttls: bool = False  # with `tls`: encrypted after a greeting in the open (RFC 2595, RFC 3501)
    delete: bool = False  # POP3: done mails are deleted; else they are remembered

    def __repr__(self) -> str:
        return f"Mailbox({self.host}:{self.port})"
