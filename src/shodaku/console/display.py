"""What the law wants to be seen, checked on the mail as it leaves, with what was found of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, Sender, may
from shodaku.campaigns import selectors as campaigns
from shodaku.campaigns import services
from shodaku.campaigns.domain import NewCampaign, Remark
from shodaku.consent import selectors as consent
from shodaku.console import words
from shodaku.console.frame import place
from shodaku.console.guard import Visitor
from shodaku.content import services as content
from shodaku.content.domain import Frozen, TemplateFault
from shodaku.content.services import ShownItems
from shodaku.kit import runtime
from shodaku.policy.domain import Reason


@dataclass(frozen=True, slots=True)
class Check:
    """`href`: where this one is mended, if that is not the content."""

    tone: str
    title: str
    text: str
    href: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """`trouble`: the content cannot be finished at all, and why."""

    trouble: str = ""
    checks: tuple[Check, ...] = ()
    frozen: Frozen | None = None
    octets: int = 0  # of the mail

    @property
    def missing(self) -> int:
        return sum(check.tone == "danger" for check in self.checks)

    @property
    def elsewhere(self) -> str:
        """Where all that is missing is mended; "" where some of it is in the content."""
        places = {check.href for check in self.checks if check.tone == "danger"}
        return places.pop() if len(places) == 1 else ""


def report(visitor: Visitor, campaign: campaigns.Campaign | NewCampaign) -> Report:
    """Of a campaign as it was saved, or as somebody is just writing it."""
    topic = consent.topic(visitor.workspace_id, campaign.topic_id)
    if topic is not None and topic.archived_at is not None:
        return Report(_("Its topic is put away. Choose another topic, or use this one again."))
    sender = accounts.sender(visitor.workspace_id, topic.sender_id) if topic else None
    if sender is None:
        return Report(_("The sender of this campaign does not exist any more."))
    try:
        examined = services.examine(visitor.workspace_id, campaign)
    except TemplateFault as fault:
        return Report(fault.sentence(get_language() or "ja"))
    mail_order = visitor.workspace.b2c_mail_order
    settings = f"{place(visitor, 'settings')}#h-sender" if may(visitor.role, Act.EDIT_SENDER) else ""
    checks = [
        _at_sender(each, settings)
        for each in _checks(sender, examined.frozen.text, examined.faults, mail_order=mail_order)
    ]
    return Report("", (*checks, *map(_remark, examined.remarks)), examined.frozen, examined.octets)


def _at_sender(check: Check, settings: str) -> Check:
    """The display is written from these facts alone: no change of the content brings one in."""
    if check.tone != "danger" or check.title not in _facts():
        return check
    if not settings:
        said = _("An owner fills it in, in the settings.")
        return replace(check, text=f"{check.text} {said}")
    return replace(check, href=settings, action=_("Fill it in"))


def _facts() -> tuple[str, ...]:
    """Lines about the sender, not about the content."""
    return (
        _("Name of the sender"),
        _("Postal address"),
        _("Complaints and questions"),
        _("Who sells, and on which terms"),
    )


def _remark(remark: Remark) -> Check:
    match remark:
        case Remark.ATTACHMENT_BLOCKED:
            return Check(
                "wait",
                _("Attachment"),
                _("Mail to many with an attachment is often held back. A link to the file arrives better."),
            )
        case Remark.CLIPPED:
            return Check(
                "wait",
                _("Long HTML"),
                _("Gmail shows the first 102 kB alone, without the display at the end. Shorten the HTML."),
            )
        case unreachable:
            assert_never(unreachable)


def _checks(sender: Sender, text: str, faults: tuple[Reason, ...], *, mail_order: bool) -> list[Check]:
    """Six lines, each with what was found of it in the finished text; for a seller at a distance one more."""
    shown = content.shown_items(text)
    wanted = [
        (_("Name of the sender"), sender.formal_name, (Reason.DISPLAY_NAME_MISSING,)),
        (_("Postal address"), sender.postal_address, (Reason.DISPLAY_ADDRESS_MISSING,)),
        (
            _("That one may refuse"),
            shown.refusal_words,
            (Reason.DISPLAY_OPTOUT_WORDS_MISSING, Reason.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT),
        ),
        (
            _("How to stop"),
            _stop(shown),
            (Reason.DISPLAY_OPTOUT_MISSING, Reason.HEADER_ONECLICK_MISSING),
        ),
        (_("Complaints and questions"), sender.complaint_contact, (Reason.DISPLAY_CONTACT_MISSING,)),
        (_("Why the mail comes"), shown.why or _("With a link to the evidence"), (Reason.WHY_LINE_MISSING,)),
    ]
    if mail_order:
        sells = " / ".join(filter(None, (sender.responsible_person, sender.sales_terms_url)))
        wanted.append((_("Who sells, and on which terms"), sells, (Reason.DISPLAY_TOKUSHO_MISSING,)))
    told = {reason for _title, _value, reasons in wanted for reason in reasons}
    others = [
        Check("danger", str(words.told(reason).text), words.told(reason).next_step)
        for reason in faults
        if reason not in told
    ]
    return others + [_check(title, value, set(faults) & set(reasons)) for title, value, reasons in wanted]


def _stop(shown: ShownItems) -> str:
    both = _("In the text and in the head of the mail (RFC 8058)")
    return f"{runtime.current().public_url}/o/… – {both}" if shown.has_opt_out else both


def _check(title: str, value: str, lacking: set[Reason]) -> Check:
    if not lacking:
        return Check("go", title, value)
    return Check("danger", title, " ".join(str(words.told(reason).text) for reason in sorted(lacking)))
