"""Words of the public pages: choices, what happened and why, in the language of the page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shodaku.accounts.domain import EndedNotice, Explained, OptOutRule, Workspace
from shodaku.consent.domain import Frequency, Method
from shodaku.consent.selectors import Basis, Topic
from shodaku.consent.services import EventKind
from shodaku.contacts.domain import Channel
from shodaku.delivery.domain import MailingKind
from shodaku.kit.ui.bidi import apart
from shodaku.kit.ui.templatetags.ui import day
from shodaku.ledger.selectors import Leaf
from shodaku.optout.domain import PAUSE_DAYS, Choice, OptOutScope, Receipt, offered
from shodaku.optout.reasons import OptOutReason
from shodaku.optout.selectors import FirstMail, Recorded


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    scope: OptOutScope
    value: str  # what its button sends
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Proof:
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Happened:
    at: datetime
    title: str
    text: str
    proof: Proof | None
    tone: str


# how a consent reaches the sender; by the other ways none does
_WAYS: Final[Mapping[str, Promise]] = {
    Method.WEB_DOUBLE: gettext_lazy("sign-up form, confirmed by mail"),
    Method.WEB_SINGLE: gettext_lazy("sign-up form"),
    Method.PREFERENCE: gettext_lazy("preference page"),
    Method.PAPER: gettext_lazy("letter or paper"),
    Method.CARD: gettext_lazy("business card"),
    Method.TELEPHONE: gettext_lazy("telephone"),
    Method.STAFF: gettext_lazy("in person"),
    Method.APP: gettext_lazy("settings of the app"),
    Method.EVENT_DESK: gettext_lazy("form on a tablet at a desk"),
    Method.EMPTY_MAIL: gettext_lazy("empty mail to the address of a form"),
}
ENDINGS: Final = frozenset(
    (OptOutScope.TOPIC, OptOutScope.CHANNEL, OptOutScope.ALL, OptOutScope.ERASE)
)  # a pause, and fewer messages, end nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page of opting out is about; of a preview an example."""

    workspace: Workspace
    topic: Topic | None  # of the mail whose link was pressed
    channels: frozenset[Channel]  # with a live consent
    lost: tuple[str, ...]
    fewer: tuple[Frequency, ...]
    purchases: int
    sealed_until: datetime | None
    wished: str = ""  # the scope that the page before led to


def ask_words(asked: Asked, language: str) -> dict[str, object]:
    workspace = asked.workspace
    scopes = offered(OptOutRule(workspace.on_opt_out), topic=asked.topic is not None, channels=asked.channels)
    listed = choices(scopes, asked.topic, asked.channels, language)
    erases = OptOutScope.ERASE in scopes
    return {
        "choices": listed,
        "chosen": _chosen(listed, asked.wished),
        "erases": erases,
        "lost": asked.lost,
        "purchases": asked.purchases if erases else 0,
        "sealed_until": asked.sealed_until,
        "ends": ended_notices(workspace),
        "note": explanation(workspace, language),
        "fewer": [(str(each), each.text(language)) for each in asked.fewer],
        "topic_id": asked.topic.topic_id if asked.topic else None,
        "topic": asked.topic.title(language) if asked.topic else "",
        "pauses": PAUSE_DAYS,
    }


def _chosen(listed: Sequence[ScopeChoice], wished: str) -> ScopeChoice:
    """The first one, unless the page before led to another; a link alone chooses nothing."""
    return next((choice for choice in listed if choice.scope == wished), listed[0])


def done_words(
    receipt: Receipt, choice: Choice, workspace: Workspace, topic: Topic | None, language: str
) -> dict[str, object]:
    return {
        "receipt": receipt,
        "title": what_stopped(receipt.scope),
        "topic": topic.title(language) if topic else "",
        "until": choice.until,
        "channel": channel_name(choice.channel) if choice.channel else "",
        "most": choice.most.text(language) if choice.most else "",
        "still": may_still_come(receipt.scope, workspace),
        "after": workspace.explained(language, after=True),
        "reasons": reason_choices() if receipt.scope in ENDINGS else [],
    }


def explanation(workspace: Workspace, language: str) -> Explained:
    """The sender's words, else ours: what a press means where the sender made it mean more."""
    said = workspace.explained(language)
    return said or Explained(_default_note(OptOutRule(workspace.on_opt_out)), language)


def _default_note(rule: OptOutRule) -> str:
    match rule:
        case OptOutRule.STOP:
            return _("You can refuse our messages at any time, free of charge.")
        case OptOutRule.STOP_ALL:
            return _("Whoever stops here gets no advertising from us any more, on no channel.")
        case OptOutRule.ERASE:
            return _("Whoever stops everything here is forgotten by us, purchases included.")
        case unreachable:
            assert_never(unreachable)


def ended_notices(workspace: Workspace) -> list[str]:
    """Notices that end with everything else here, in words."""
    return [_ended(EndedNotice(each)) for each in workspace.opt_out_ends]


def _ended(notice: EndedNotice) -> str:
    match notice:
        case EndedNotice.PRODUCT_UPDATE:
            return _("news about products that you have")
        case EndedNotice.FOLLOW_UP:
            return _("support mails after a purchase or a question")
        case unreachable:
            assert_never(unreachable)


def may_still_come(scope: OptOutScope, workspace: Workspace) -> list[str]:
    """After the act, so that nobody is surprised; nothing of it carries advertising."""
    on_its_way = _("Mail that was already on its way may still arrive.")
    notices = _("Messages about an order or a contract are sent without advertising.")
    match scope:
        case OptOutScope.ERASE:
            return [on_its_way]  # nobody is left to whom an order could be told
        case OptOutScope.ALL if workspace.opt_out_ends:
            ended = _("These end too: %(notices)s.") % {"notices": _(", ").join(ended_notices(workspace))}
            return [on_its_way, notices, ended]
        case OptOutScope.LESS_OFTEN:
            return [notices]
        case OptOutScope.ALL | OptOutScope.TOPIC | OptOutScope.CHANNEL | OptOutScope.UNTIL:
            return [on_its_way, notices]
        case unreachable:
            assert_never(unreachable)


def reason_choices() -> list[tuple[str, str]]:
    return [(reason.value, _reason(reason)) for reason in OptOutReason]


def _reason(reason: OptOutReason) -> str:
    match reason:
        case OptOutReason.TOO_OFTEN:
            return _("It came too often")
        case OptOutReason.NOT_USEFUL:
            return _("It was of no use to me")
        case OptOutReason.NO_MEMORY:
            return _("I do not remember asking for it")
        case OptOutReason.ENOUGH_ELSEWHERE:
            return _("I follow you in another way")
        case OptOutReason.OTHER:
            return _("Another reason")
        case unreachable:
            assert_never(unreachable)


def channel_name(channel: Channel) -> str:
    match channel:
        case Channel.EMAIL:
            return _("E-mail")
        case Channel.SMS:
            return _("Text messages (SMS)")
        case Channel.FAX:
            return _("Fax")
        case unreachable:
            assert_never(unreachable)


def choices(
    scopes: Sequence[OptOutScope], topic: Topic | None, channels: Collection[Channel], language: str
) -> list[ScopeChoice]:
    erasing_only = OptOutScope.ALL not in scopes
    listed: list[ScopeChoice] = []
    for scope in scopes:
        if scope is OptOutScope.CHANNEL:
            listed += [_channel_choice(channel) for channel in sorted(channels)]
        else:
            words = _choice(scope, topic, language, erasing_only=erasing_only)
            listed.append(ScopeChoice(scope, scope.value, *words))
    return listed


def _channel_choice(channel: Channel) -> ScopeChoice:
    value = f"{OptOutScope.CHANNEL}:{channel}"
    title = _("Only “%(channel)s”") % {"channel": channel_name(channel)}
    return ScopeChoice(OptOutScope.CHANNEL, value, title, _("What you get in another way continues."))


def _choice(scope: OptOutScope, topic: Topic | None, language: str, *, erasing_only: bool) -> tuple[str, str]:
    match scope:
        case OptOutScope.TOPIC:
            name = apart(topic.title(language)) if topic else ""
            often = topic.frequency.text(language) if topic else ""
            return (
                _("Only “%(topic)s”") % {"topic": name},
                _("Sent %(often)s. Other messages continue.") % {"often": often},
            )
        case OptOutScope.ALL:
            return (
                _("All e-mail and SMS"),
                _("All news stops. Only messages about an order or a contract remain."),
            )
        case OptOutScope.ERASE if erasing_only:
            return (
                _("Everything; my records are erased"),
                _("A complete stop also erases your records and purchases. This cannot be undone."),
            )
        case OptOutScope.ERASE:
            return (
                _("Stop everything and erase my records"),
                _("Your purchase history goes too. This cannot be undone."),
            )
        case OptOutScope.UNTIL:
            return _("Take a break"), _("Nothing is sent for a while.")
        case OptOutScope.CHANNEL | OptOutScope.LESS_OFTEN:
            raise ValueError("a page names the channel, and how often")
        case unreachable:
            assert_never(unreachable)


def what_stopped(scope: OptOutScope) -> str:
    match scope:
        case OptOutScope.TOPIC | OptOutScope.ALL | OptOutScope.CHANNEL:
            return _("Stopped.")
        case OptOutScope.UNTIL:
            return _("You have a break.")
        case OptOutScope.LESS_OFTEN:
            return _("Less often from now on.")
        case OptOutScope.ERASE:
            return _("Stopped. Your records are being erased.")
        case unreachable:
            assert_never(unreachable)


def timeline(acts: Sequence[Recorded], first: FirstMail | None, language: str) -> list[Happened]:
    """The person's acts and the first mail that followed, oldest first."""
    mails = [] if first is None else [_first_mail(first, language)]
    return sorted([*_acts(acts, language), *mails], key=lambda each: each.at)


def _first_mail(first: FirstMail, language: str) -> Happened:
    topic = first.topic.title(language) if first.topic else ""
    return Happened(first.at, _("The first mail was sent"), topic, None, "info")


def _acts(acts: Sequence[Recorded], language: str) -> list[Happened]:
    return [
        Happened(
            at=act.event.at,
            title=_happened(EventKind(act.event.kind)),
            text=_about(act, language),
            proof=None if act.event.entry_id is None else Proof(act.event.entry_id, act.hash),
            tone="never" if act.event.kind in (EventKind.WITHDRAWN, EventKind.EXPIRED) else "go",
        )
        for act in acts
    ]


def _happened(kind: EventKind) -> str:
    match kind:
        case EventKind.REQUESTED:
            return _("You asked for it")
        case EventKind.GIVEN:
            return _("You agreed")
        case EventKind.CONFIRMED:
            return _("You confirmed it by the link in our mail")
        case EventKind.RECONFIRMED:
            return _("You chose to continue")
        case EventKind.NARROWED:
            return _("You asked for it less often")
        case EventKind.WITHDRAWN:
            return _("You stopped it")
        case EventKind.EXPIRED:
            return _("Your consent ended")
        case unreachable:
            assert_never(unreachable)


def began(acts: Sequence[Recorded], address: str, language: str) -> str:
    """When, where and what was asked first: nothing where the person never agreed."""
    if not consented(acts):
        return ""
    first = acts[0]
    told = {
        "address": address,
        "day": day(localtime(first.event.at)),
        "topic": apart(first.topic.title(language) if first.topic else _("a former topic")),
    }
    way = _WAYS.get(first.event.method)
    if way is None:
        return _("Mail to %(address)s. It began on %(day)s with “%(topic)s”. All of it is below.") % told
    sentence = _("Mail to %(address)s. It began on %(day)s with “%(topic)s”: %(way)s. All of it is below.")
    return sentence % {**told, "way": way}


def _about(act: Recorded, language: str) -> str:
    topic = act.topic.title(language) if act.topic else ""
    if act.wording_version is None:
        return topic
    return _("%(topic)s; words of the page: version %(version)s") % {
        "topic": apart(topic),
        "version": act.wording_version,
    }


def place_in_words(leaf: Leaf) -> str:
    """Where the record stands; nothing while it is on its way."""
    if leaf.index is None:
        return ""
    place = {"index": f"{leaf.index:,}", "size": f"{leaf.size:,}"}
    return _("Place %(index)s of the log, whose signed size is %(size)s.") % place


def consented(acts: Sequence[Recorded]) -> bool:
    """Did the person ever agree? That somebody asked for their address is no act of theirs yet."""
    agreed = (EventKind.GIVEN, EventKind.CONFIRMED, EventKind.RECONFIRMED)
    return any(act.event.kind in agreed for act in acts)


def why_it_came(kind: MailingKind | None, acts: Sequence[Recorded], *, known: bool) -> str:
    """In place of a consent, or besides one that this mail did not need; `known`: a basis is listed."""
    if kind is MailingKind.TEST:
        return _("This mail was a test: somebody who works for the sender had it sent to this address.")
    if kind is MailingKind.NOTICE:
        return _("This mail is a notice about an order or a contract. It carries no advertising.")
    if consented(acts):
        return ""
    if kind is MailingKind.CAMPAIGN and known:
        return _("This mail rests on what is listed below.")
    if kind in (None, MailingKind.CONFIRMATION) and any(a.event.kind == EventKind.REQUESTED for a in acts):
        return _(
            "Somebody, probably you, entered this address in a form, and a mail asked you to confirm. "
            "Unless it is confirmed, no news is sent."
        )
    return _("Nothing that explains this mail is recorded. You can stop all mail below.")


def basis_lines(bases: Sequence[Basis]) -> list[tuple[datetime, str]]:
    """What was known before any consent; each is a ground, and none is a consent."""
    names = {
        "business_card": _("You gave us a business card."),
        "relationship": _("You are a customer of ours."),
        "purchase": _("You bought something from us."),
        "published": _("You published this address for your business."),
    }
    return [(basis.at, names.get(basis.kind, _("You were in contact with us."))) for basis in bases]
