"""お知らせ: what ended lately or waits for a decision, with its result; long work may be left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors as campaigns
from shodaku.console import words
from shodaku.console.campaign import lines
from shodaku.console.frame import place
from shodaku.console.guard import Visitor
from shodaku.console.late import Due
from shodaku.imports import selectors as imports
from shodaku.kit.ui.templatetags.ui import apart, num
from shodaku.optout import selectors as optout
from shodaku.optout.selectors import Bulk
from shodaku.optout.services import BulkAct, BulkState

SINCE: Final = timedelta(days=7)
OF_EACH_MAX: Final = 3
SHOWN_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class _News:
    at: datetime
    due: Due


def news(visitor: Visitor, *, now: datetime) -> list[Due]:
    """The newest first."""
    found = [each for source, act in _SOURCES if may(visitor.role, act) for each in source(visitor, now)]
    return [each.due for each in sorted(found, key=lambda each: each.at, reverse=True)[:SHOWN_MAX]]


def _campaigns(visitor: Visitor, now: datetime) -> Iterator[_News]:
    chosen = campaigns.Filter(state="done", span=(now - SINCE, now))
    ended = campaigns.page(visitor.workspace_id, chosen, now=now, rows_max=OF_EACH_MAX)
    for row, line in zip(ended, lines(visitor, ended), strict=True):
        accepted = line.accepted or 0
        due = Due(
            "go",
            _("“%(name)s” was sent") % {"name": apart(line.campaign.name)},
            ngettext("%(shown)s mail was handed over.", "%(shown)s mails were handed over.", accepted)
            % {"shown": num(accepted)},
            place(visitor, "campaign_report", line.campaign.campaign_id),
            _("See the report"),
        )
        yield _News(row.at, due)


def _imports(visitor: Visitor, now: datetime) -> Iterator[_News]:
    for each in imports.ended(visitor.workspace_id, now - SINCE, rows_max=OF_EACH_MAX):
        tone, title, text = _imported(each)
        named = title % {"name": apart(each.file_name)}
        href = place(visitor, "import", each.batch_id)
        yield _News(each.at, Due(tone, named, text, href, _("See the import")))


def _imported(batch: imports.Ended) -> tuple[str, str, str]:
    match batch.state:
        case "done":
            return "go", _("“%(name)s” was imported"), _counted(batch.counts)
        case "checked":
            return "wait", _("“%(name)s” was checked, and waits for you"), _counted(batch.counts)
        case "paused":
            text = _(
                "Paused. What was imported stays; going on begins behind it, and nobody is imported twice."
            )
            return "wait", _("“%(name)s” rests"), text
        case _:
            text = _("This import has not ended. Bring the same file in again: nobody is imported twice.")
            return "danger", _("“%(name)s” was not imported to its end"), text


def _counted(counts: dict[str, int]) -> str:
    accepted, pending = counts.get("accepted", 0), counts.get("pending", 0)
    said = {
        "go": num(accepted),
        "wait": num(pending),
        "never": num(sum(counts.values()) - accepted - pending),
    }
    return _("%(go)s with consent, %(wait)s known only, %(never)s left out") % said


def _bulk(visitor: Visitor, now: datetime) -> Iterator[_News]:
    for each in optout.bulks(visitor.workspace_id, OF_EACH_MAX):
        at = each.done_at or each.moving_since or each.chosen_at
        if at >= now - SINCE and not each.moves:
            href = place(visitor, "bulk", each.bulk_id)
            yield _News(at, Due(*_acted(each), href, _("Look at it")))


def _acted(act: Bulk) -> tuple[str, str, str]:
    """Tone, title, text."""
    title = str(words.BULK_ACTS[BulkAct(act.act)])
    if act.state == BulkState.DONE:
        return "go", title, _changed(BulkAct(act.act), act.changed)
    if act.state == BulkState.PAUSED:
        return "wait", title, _("Paused. What was done stays done; going on begins behind it.")
    chosen = ngettext("%(shown)s person chosen", "%(shown)s people chosen", act.people)
    return "wait", title, chosen % {"shown": num(act.people)}


def _changed(act: BulkAct, people: int) -> str:
    said = {
        BulkAct.STOP: ngettext("Stopped for %(shown)s person.", "Stopped for %(shown)s people.", people),
        BulkAct.ERASE: ngettext(
            "%(shown)s person was stopped, and is being erased.",
            "%(shown)s people were stopped, and are being erased.",
            people,
        ),
        BulkAct.ASK: ngettext(
            "%(shown)s person is being asked. Without an answer nothing more is sent.",
            "%(shown)s people are being asked. Without an answer nothing more is sent.",
            people,
        ),
        BulkAct.EXPORT: ngettext(
            "%(shown)s person is in the file that was taken along.",
            "%(shown)s people are in the file that was taken along.",
            people,
        ),
    }
    return said[act] % {"shown": num(people)}


# one more kind of work that may be left is one more line
_SOURCES: Final[tuple[tuple[Callable[[Visitor, datetime], Iterator[_News]], Act], ...]] = (
    (_campaigns, Act.READ),
    (_imports, Act.IMPORT),
    (_bulk, Act.STOP),
)
