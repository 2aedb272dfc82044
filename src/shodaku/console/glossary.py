"""Hard words of the screens, each explained in a sentence or two beside where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class HardWord:
    word: str | Promise
    meaning: str | Promise


HARD_WORDS: Final[Mapping[str, HardWord]] = {
    "handed_over": HardWord(
        _("Handed over"),
        _(
            "The next mail server said that it takes the mail. Nobody can know more than that for sure: "
            "whether it lies in the inbox, or was read, is not said."
        ),
    ),
    "uncertain": HardWord(
        _("Not certain"),
        _(
            "The connection broke after the mail had begun to leave. It may have arrived, so it is not "
            "sent again by itself: nobody gets advertising twice."
        ),
    ),
    "bounce": HardWord(
        _("Came back"),
        _(
            "A mail server refused the mail, at once or in the days after. An address that does not exist "
            "is never written to again; of a full mailbox we wait and see."
        ),
    ),
    "complaint": HardWord(
        _("Reported as spam"),
        _(
            "Somebody pressed the spam button of their mail program, and the provider told us. Everything "
            "stops for that person. More than 3 of 1,000 harm all your mails."
        ),
    ),
    "open": HardWord(
        _("Opened"),
        _(
            "A picture of the mail was fetched. Mail programs fetch pictures by themselves, or never: the "
            "number is a hint, and no basis for a decision."
        ),
    ),
    "held": HardWord(
        _("Held back"),
        _(
            "You chose these people, and a rule kept the mail from them: there is no consent, it has ended, "
            "or they said no. Each has one reason."
        ),
    ),
    "consent": HardWord(
        _("Live consent"),
        _(
            "Somebody agreed to a topic, it is proved in the ledger, and it has neither ended nor been "
            "taken back. Only then advertising may go to them."
        ),
    ),
    "pending": HardWord(
        _("Waiting for confirmation"),
        _(
            "Somebody filled in the form and has not pressed the link in the confirmation mail yet. Until "
            "then nothing else is sent to them."
        ),
    ),
    "never_contact": HardWord(
        _("Never-contact list"),
        _(
            "Addresses that nothing is ever sent to again. They are kept as marks that cannot be read back, "
            "so that an import recognises them even after an erasure."
        ),
    ),
    "reconfirm": HardWord(
        _("Asking whether to go on"),
        _(
            "After a long silence one mail asks whether somebody wants to go on. Without an answer the "
            "consent ends on the day shown."
        ),
    ),
    "ledger": HardWord(
        _("Ledger"),
        _(
            "Every consent and every no is an entry that is chained to the others and signed. A record that "
            "is changed or removed afterwards is found."
        ),
    ),
    "dmarc": HardWord(
        _("SPF, DKIM and DMARC"),
        _(
            "Three records of your domain by which receivers see that a mail is really from you. Without "
            "them Gmail and others refuse mails to many."
        ),
    ),
    "warm_up": HardWord(
        _("Warming up"),
        _(
            "A new mail server is trusted only little by little, so it sends few mails on the first days "
            "and more on each of the next."
        ),
    ),
    "rule_pack": HardWord(
        _("Rule pack"),
        _(
            "The laws as rules with a version number. Each decision names the pack it was made by, so that "
            "it can be explained years later."
        ),
    ),
    "proof": HardWord(
        _("Proof to hand over"),
        _(
            "A file with the entries of one person, signed by the ledger. Whoever gets it checks it without "
            "this server, by a program of one file."
        ),
    ),
    "sealed": HardWord(
        _("Sealed evidence"),
        _(
            "What proves the consent of somebody who was erased. It is encrypted until the day on which the "
            "law lets it go. Two persons open it, with a reason."
        ),
    ),
    "checkpoint": HardWord(
        _("Newest checkpoint"),
        _(
            "A few signed lines that fix how many entries the ledger has, and what stands in them. Kept "
            "outside, they show any later rewriting."
        ),
    ),
}
