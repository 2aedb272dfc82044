"""Why mails come back, in words that need no knowledge of mail: four classes, and a reason under each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shodaku.console.words import Badge
from shodaku.delivery.selectors import BounceClass, BounceReason

CLASSES: Final[Mapping[str, Badge]] = {
    BounceClass.HARD: Badge("danger", _("No such address")),
    BounceClass.SOFT: Badge("wait", _("Passing, or in doubt")),
    BounceClass.FILTERED: Badge("never", _("Kept out by the person’s own filter")),
    BounceClass.OURS: Badge("wait", _("About us as the sender")),
}
FOLLOWS: Final[Mapping[str, str | Promise]] = {
    BounceClass.HARD: _("Nothing more is sent to these addresses."),
    BounceClass.SOFT: _("The address is tried again; it ends only if this goes on."),
    BounceClass.FILTERED: _("The address is alive. A telephone that filters mail has to let your domain in."),
    BounceClass.OURS: _(
        "Nothing is wrong with the address. Look at your sending domain and your mail server."
    ),
}
REASONS: Final[Mapping[str, str | Promise]] = {
    BounceReason.USER_UNKNOWN: _("There is no such mailbox."),
    BounceReason.HOST_UNKNOWN: _("There is no such domain."),
    BounceReason.HAS_MOVED: _("The person has moved to another address."),
    BounceReason.NOT_ACCEPT: _("The domain takes no mail at all."),
    BounceReason.MAILBOX_FULL: _("The mailbox is full."),
    BounceReason.SUSPEND: _("The mailbox is suspended."),
    BounceReason.EXPIRED: _("The receiving server did not answer for days."),
    BounceReason.SYSTEM_ERROR: _("The receiving server had a fault."),
    BounceReason.SYSTEM_FULL: _("The receiving server is full."),
    BounceReason.MAILER_ERROR: _("A program of the receiving server failed."),
    BounceReason.NETWORK_ERROR: _("The network to the receiving server failed."),
    BounceReason.TOO_MANY_CONNECTIONS: _("The receiving server had too many connections."),
    BounceReason.SPEEDING: _("The mails came faster than the receiving server takes them."),
    BounceReason.MESSAGE_TOO_BIG: _("The mail is larger than the receiving server takes."),
    BounceReason.EXCEED_LIMIT: _("A limit of the mailbox was reached."),
    BounceReason.CONTENT_ERROR: _("The receiving server could not read the mail."),
    BounceReason.SYNTAX_ERROR: _("The two servers misunderstood each other."),
    BounceReason.FAILED_STARTTLS: _("The connection could not be encrypted."),
    BounceReason.ON_HOLD: _("The receiving server said something that no rule knows."),
    BounceReason.UNDEFINED: _("The receiving server gave no reason."),
    BounceReason.FILTERED: _("The person’s filter refused it."),
    BounceReason.REJECTED: _("The mailbox takes no mail of this sender."),
    BounceReason.AUTH_FAILURE: _("The proof of the sender failed (SPF, DKIM or DMARC)."),
    BounceReason.REQUIRE_PTR: _("The sending server has no name in DNS."),
    BounceReason.NO_RELAYING: _("The server does not pass on mails for this address."),
    BounceReason.BLOCKED: _("The sending server is on a block list."),
    BounceReason.BAD_REPUTATION: _("The receiving server does not trust the sender yet."),
    BounceReason.SPAM_DETECTED: _("The content looked like spam."),
    BounceReason.VIRUS_DETECTED: _("The content looked like a virus."),
    BounceReason.POLICY_VIOLATION: _("A rule of the receiving server forbids it."),
    BounceReason.SECURITY_ERROR: _("The receiving server had doubts about safety."),
    BounceReason.NOT_COMPLIANT: _("The mail does not keep to the standard."),
}
