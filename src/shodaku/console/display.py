"""What the law wants to be seen in the mail, checked on the finished text, with what was found of each."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Sender
from shodaku.campaigns import selectors as campaigns
from shodaku.campaigns import services
from shodaku.console import words
from shodaku.console.guard import Visitor
from shodaku.content.domain import Frozen, TemplateFault
from shodaku.policy.domain import Reason


@dataclass(frozen=True, slots=True)
class Check:
    tone: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """`trouble`: the content cannot be finished at all, and why."""

    trouble: str = ""
    checks: tuple[Check, ...] = ()
    frozen: Frozen | None = None

    @property
    def missing(self) -> int:
        return sum(check.tone == "danger" for check in self.checks)


def report(visitor: Visitor, campaign: campaigns.Campaign) -> Report:
    sender = accounts.sender(visitor.workspace_id, campaign.sender_id)
    if sender is None:
        return Report(_("The sender of this campaign does not exist any more."))
    try:
        frozen = services.frozen(visitor.workspace_id, campaign)
    except TemplateFault as fault:
        return Report(fault.sentence(get_language() or "ja"))
    return Report("", tuple(_checks(sender, set(frozen.display_missing))), frozen)


def _checks(sender: Sender, missing: set[Reason]) -> list[Check]:
    wanted = [
        (_("Name of the sender"), sender.formal_name, (Reason.DISPLAY_NAME_MISSING,)),
        (_("Postal address"), sender.postal_address, (Reason.DISPLAY_ADDRESS_MISSING,)),
        (
            _("How to stop"),
            _("In the text and in the head of the mail (RFC 8058)"),
            (
                Reason.DISPLAY_OPTOUT_MISSING,
                Reason.DISPLAY_OPTOUT_WORDS_MISSING,
                Reason.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT,
                Reason.HEADER_ONECLICK_MISSING,
            ),
        ),
        (_("Complaints and questions"), sender.complaint_contact, (Reason.DISPLAY_CONTACT_MISSING,)),
        (_("Why the mail comes"), _("With a link to the evidence"), (Reason.WHY_LINE_MISSING,)),
    ]
    shown = [_check(title, value, missing & set(reasons)) for title, value, reasons in wanted]
    told = {reason for _title, _value, reasons in wanted for reason in reasons}
    return shown + [
        Check("danger", str(words.told(reason).text), words.told(reason).next_step)
        for reason in sorted(missing - told)
    ]


def _check(title: str, value: str, lacking: set[Reason]) -> Check:
    if not lacking:
        return Check("go", title, value)
    return Check("danger", title, " ".join(str(words.told(reason).text) for reason in sorted(lacking)))
