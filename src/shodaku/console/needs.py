"""What needs the visitor today: one line each, with one next step, and only what their role may do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, Role, may
from shodaku.campaigns import selectors as campaigns
from shodaku.complaints import selectors as complaints
from shodaku.consent import selectors as consent
from shodaku.console.frame import place
from shodaku.console.guard import Visitor
from shodaku.console.late import Due, late
from shodaku.delivery import selectors as delivery
from shodaku.journeys import selectors as clocks
from shodaku.kit import two_clocks
from shodaku.kit.ui.templatetags.ui import apart, day, num
from shodaku.segments.domain import Standing
from shodaku.signup import selectors as signup

ENDING_WITHIN: Final = timedelta(days=30)
RESTING_MAX: Final = 3
PREPARED_SINCE: Final = timedelta(days=30)
PREPARED_MAX: Final = 3
# who may prepare a mail and not write one
CLERKS: Final = [each for each in Role if may(each, Act.PREPARE) and not may(each, Act.WRITE_CAMPAIGN)]


def needs(visitor: Visitor, *, now: datetime) -> list[Due]:
    """The most pressing kind first."""
    return [due for source, act in _SOURCES if may(visitor.role, act) for due in source(visitor, now)]


def _messages(visitor: Visitor, _now: datetime) -> Iterator[Due]:
    waiting = delivery.count_open_messages(visitor.workspace_id)
    if waiting:
        title = ngettext(
            "%(shown)s message or complaint waits for an answer",
            "%(shown)s messages or complaints wait for an answer",
            waiting,
        )
        advice = _("Some may be a no in other words. Read them first.")
        yield Due("danger", title % {"shown": num(waiting)}, advice, place(visitor, "desk"), _("Desk"))


def _cases(visitor: Visitor, now: datetime) -> Iterator[Due]:
    counted = complaints.case_counts(visitor.workspace_id, now)
    if counted.open:
        title = ngettext(
            "%(shown)s complaint has no answer yet", "%(shown)s complaints have no answer yet", counted.open
        )
        tone = "danger" if counted.late else "wait"
        advice = _("Its page holds the consents, what was sent, and words for an answer.")
        shown = {"shown": num(counted.open)}
        yield Due(tone, title % shown, advice, place(visitor, "cases"), _("Complaints"))


def _requests(visitor: Visitor, now: datetime) -> Iterator[Due]:
    counted = complaints.request_counts(visitor.workspace_id, now)
    if counted.late + counted.due_soon:
        title = ngettext(
            "%(shown)s request about personal data is due or late",
            "%(shown)s requests about personal data are due or late",
            counted.late + counted.due_soon,
        )
        tone = "danger" if counted.late else "wait"
        advice = _("The law sets a date for the answer.")
        shown = {"shown": num(counted.late + counted.due_soon)}
        yield Due(tone, title % shown, advice, place(visitor, "requests"), _("Requests about data"))


def _resting(visitor: Visitor, now: datetime) -> Iterator[Due]:
    """Somebody paused it, or it stopped by itself; its page says why."""
    paused = campaigns.Filter(state="paused")
    for each in campaigns.page(visitor.workspace_id, paused, now=now, rows_max=RESTING_MAX):
        title = _("“%(name)s” rests") % {"name": apart(each.name)}
        advice = _("See why, then go on or stop it for good.")
        yield Due("wait", title, advice, place(visitor, "campaign", each.campaign_id), _("Look at it"))


def _prepared(visitor: Visitor, now: datetime) -> Iterator[Due]:
    """Filled in by a clerk; it waits until somebody sends it, or a month."""
    staff = {each.staff_id: each.name for each in accounts.staff(visitor.workspace_id) if each.role in CLERKS}
    drafts = campaigns.prepared(
        visitor.workspace_id, list(staff), since=now - PREPARED_SINCE, rows_max=PREPARED_MAX
    )
    for each in drafts:
        said = {"name": apart(each.name), "who": apart(staff[each.staff_id])}
        title = _("“%(name)s” was prepared by %(who)s") % said
        advice = _("Look at it, see who would get it, then send it.")
        yield Due("wait", title, advice, place(visitor, "campaign", each.campaign_id), _("Look at it"))


def _distrusted(visitor: Visitor, now: datetime) -> Iterator[Due]:
    sources = delivery.distrusted(visitor.workspace_id, now=now)
    if sources:
        title = ngettext(
            "Returned mails of %(shown)s machine are not believed",
            "Returned mails of %(shown)s machines are not believed",
            len(sources),
        )
        advice = _("They may be forged. If it is a server of yours, trust it.")
        shown = {"shown": num(len(sources))}
        yield Due("wait", title % shown, advice, place(visitor, "routes"), _("Mail servers"))


def _unread_mailboxes(visitor: Visitor, _now: datetime) -> Iterator[Due]:
    """While one is not read, a no that came there is not obeyed."""
    for each in delivery.mailbox_places(visitor.workspace_id):
        if each.fault:
            title = _("The mailbox “%(name)s” cannot be read") % {"name": apart(each.name)}
            advice = _("A no that came there is not obeyed until it can.")
            yield Due("danger", title, advice, place(visitor, "routes"), _("Look at it"))


def _clocks_apart(_visitor: Visitor, _now: datetime) -> Iterator[Due]:
    """Nobody can tell which of the two is right."""
    ahead = two_clocks.apart()
    if not two_clocks.agree(ahead):
        minutes = max(1, round(abs(ahead.total_seconds()) / 60))
        title = ngettext(
            "The clocks of this server and of its database differ by %(shown)s minute",
            "The clocks of this server and of its database differ by %(shown)s minutes",
            minutes,
        )
        advice = _(
            "Set both by a time server. Mails leave by the clock of the database; until both agree, nobody is"
            " forgotten and nothing ends because time went by."
        )
        yield Due("danger", title % {"shown": num(minutes)}, advice)


def _papers(visitor: Visitor, _now: datetime) -> Iterator[Due]:
    ready = signup.queue(visitor.workspace_id, visitor.staff_id).ready
    if ready:
        title = ngettext("%(shown)s paper waits for you", "%(shown)s papers wait for you", ready)
        advice = _("Key them in, or check what a colleague keyed in.")
        yield Due("wait", title % {"shown": num(ready)}, advice, place(visitor, "papers"), _("Papers"))


def _late(visitor: Visitor, _now: datetime) -> Iterator[Due]:
    language = get_language() or "ja"
    titles = {each.topic_id: each.title(language) for each in consent.topics(visitor.workspace_id)}
    yield from late(visitor, clocks.warnings(visitor.workspace_id), titles)


def _ending(visitor: Visitor, now: datetime) -> Iterator[Due]:
    zone = ZoneInfo(visitor.workspace.timezone)
    found, more = consent.ending(visitor.workspace_id, zone, now, now + ENDING_WITHIN)
    if found:
        ends = sum(each.consents for each in found)
        title = ngettext(
            "%(shown)s consent ends within 30 days, the first on %(day)s",
            "%(shown)s consents end within 30 days, the first on %(day)s",
            ends,
        )
        shown = num(ends) + ("+" if more else "")
        advice = _("After that day nothing is sent to them. Ask them before, while you may.")
        said = {"shown": shown, "day": day(found[0].on_day)}
        who = f"{place(visitor, 'contacts')}?state={Standing.ENDING.value}"
        yield Due("wait", title % said, advice, who, _("See who"))


# each asks for what it needs; one more kind of work is one more line
_SOURCES: Final[tuple[tuple[Callable[[Visitor, datetime], Iterator[Due]], Act], ...]] = (
    (_messages, Act.ANSWER),
    (_cases, Act.ANSWER),
    (_requests, Act.ANSWER),
    (_resting, Act.LAUNCH),
    (_prepared, Act.LAUNCH),
    (_distrusted, Act.EDIT_SENDER),
    (_unread_mailboxes, Act.EDIT_SENDER),
    (_clocks_apart, Act.EDIT_SENDER),
    (_papers, Act.EDIT_CONTACTS),
    (_late, Act.READ),
    (_ending, Act.READ),
)
