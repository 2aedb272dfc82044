"""Why a mailbox elsewhere cannot be read, in the reader's language."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shodaku.console.route_words import SENTENCES
from shodaku.console.words import Words
from shodaku.optout.selectors import MailboxAway, MailboxSaid, MailboxUnreadable, PlainMailbox

# what stands in the row of a mailbox is English, for it is written where there is no reader
MAILBOX_SENTENCES: Final[Words] = {
    MailboxSaid.LOGIN_REFUSED: _(
        "The server refuses this user name with this password: remove the mailbox, and add it again."
    ),
    MailboxSaid.IN_USE: _("Another program has the mailbox open; it is read again in a minute."),
    MailboxSaid.LATER: _("The server asks to come again later; it is read again in a minute."),
    MailboxSaid.NO_NAMES: _(
        "The server gives its mails no lasting names (UIDL), so nothing could be remembered of them: read"
        " this mailbox by IMAP."
    ),
    MailboxSaid.TOO_MANY: _(
        "More than 20,000 mails lie in the mailbox, and only the newest are read: take old ones out, or let"
        " done ones be deleted."
    ),
    MailboxSaid.TOO_SLOW: _(
        "The mailbox was not read to its end within two minutes; the rest follows in a minute."
    ),
    MailboxSaid.NO_STARTTLS: _(
        "The server offers no encryption (STARTTLS), and a password is never sent without."
    ),
    MailboxSaid.NOT_UNDERSTOOD: _(
        "The server does not answer as a mailbox does: are the port and the protocol right?"
    ),
    MailboxSaid.NO_FOLDER: _("The folder cannot be opened: is its name right?"),
    MailboxSaid.NOT_LISTENING: _("Nothing listens at this address and port."),
    MailboxSaid.CA_UNREADABLE: _("The file of the certificate authority cannot be read."),
    MailboxUnreadable().message: _("The file of a mailbox cannot be read; remove it and add it again."),
    MailboxAway().message: _("The mailbox cannot be read."),
    PlainMailbox().message: _(
        "Without TLS a password is read by whoever listens: only a server on this machine is asked that way."
    ),
}


def told(fault: str) -> str | Promise:
    """A mailbox and a mail server have the faults of the network in common."""
    return MAILBOX_SENTENCES.get(fault) or SENTENCES.get(fault) or fault
