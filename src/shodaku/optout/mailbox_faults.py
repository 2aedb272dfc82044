"""Why a mailbox cannot be read: whole sentences in English, kept as they are in the database. The desk has
each of them in both languages (`console.mailbox_words`). A server's own words are not kept: it may repeat the
user name in them.
"""

from __future__ import annotations

import ssl
from enum import StrEnum

from shodaku.delivery.selectors import Sentence, sentence_of
from shodaku.kit.errors import OutOfReach, WrongUse


class Said(StrEnum):
    LOGIN_REFUSED = (
        "The server refuses this user name with this password: remove the mailbox, and add it again."
    )
    IN_USE = "Another program has the mailbox open; it is read again in a minute."
    LATER = "The server asks to come again later; it is read again in a minute."
    NO_NAMES = (
        "The server gives its mails no lasting names (UIDL), so nothing could be remembered of them:"
        " read this mailbox by IMAP."
    )
    TOO_MANY = (
        "More than 20,000 mails lie in the mailbox, and only the newest are read: take old ones out,"
        " or let done ones be deleted."
    )
    TOO_SLOW = "The mailbox was not read to its end within two minutes; the rest follows in a minute."
    NO_STARTTLS = "The server offers no encryption (STARTTLS), and a password is never sent without."
    NOT_UNDERSTOOD = "The server does not answer as a mailbox does: are the port and the protocol right?"
    NO_FOLDER = "The folder cannot be opened: is its name right?"
    NOT_LISTENING = "Nothing listens at this address and port."
    CA_UNREADABLE = "The file of the certificate authority cannot be read."


class MailboxAway(OutOfReach):
    """The mailbox cannot be read."""

    code = "mailbox_away"


class NotHandedOut(MailboxAway):
    """The mailbox refuses what was asked of it."""

    code = "not_handed_out"


class PlainMailbox(WrongUse):
    """Without TLS a password is read by whoever listens: only a server on this machine is asked that way."""

    code = "plain_mailbox"


def network_fault(fault: BaseException) -> Said | Sentence:
    """What the network, or a server's nonsense, is in a sentence."""
    match fault:
        case ConnectionRefusedError():
            return Said.NOT_LISTENING
        case OSError() if getattr(fault, "reason", "") == "WRONG_VERSION_NUMBER":
            return Said.NOT_UNDERSTOOD  # it talks without TLS at this port
        case ssl.SSLEOFError():
            return Sentence.CLOSED
        case OSError():
            return sentence_of(fault)
        case _:
            return Said.NOT_UNDERSTOOD
