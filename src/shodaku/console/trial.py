"""The variants of a campaign as the screens show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from shodaku.campaigns import selectors
from shodaku.campaigns.domain import Judged, Trial, Variant
from shodaku.console import words
from shodaku.console.guard import Visitor
from shodaku.console.shares import share
from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import MailingState

COLUMNS: Final = ("total", "accepted", "returned", "clickers", "openers", "opted_out", "complaints")


@dataclass(frozen=True, slots=True)
class VariantLine:
    """One variant with what became of it."""

    no: int
    letter: str
    subject: str
    people: int
    accepted: int
    acted: int | None  # None: nothing of it is measured
    percent: str
    won: bool


@dataclass(frozen=True, slots=True)
class TriedLine:
    """One variant in the report, beside the others; or those who waited, with what they got."""

    letter: str  # "": nothing is decided for those who wait
    subject: str
    others: bool
    won: bool
    numbers: dict[str, int]
    shares: dict[str, str]  # of those it was handed over to


def letter(no: int) -> str:
    return "ABCD"[no - 1]


def variant_lines(
    visitor: Visitor, campaign: selectors.Campaign, report: selectors.Report
) -> list[TriedLine]:
    """The variants by their letter, then the others; empty without variants, or before they were counted."""
    found = selectors.trial(visitor.workspace_id, campaign.campaign_id)
    rows = report.rows("variant")
    if found is None or found.held_id is None or not rows:
        return []
    subjects = {each.no: each.subject or campaign.subject for each in found.variants}
    lines = [_tried(found, no, subjects, rows.get(str(no), {}), others=False) for no in subjects]
    return [*lines, _tried(found, found.winner, subjects, rows.get(selectors.OTHERS, {}), others=True)]


def _tried(
    found: Trial, no: int | None, subjects: Mapping[int, str], row: Mapping[str, int], *, others: bool
) -> TriedLine:
    numbers = {name: row.get(name, 0) for name in COLUMNS}
    handed = numbers["accepted"]
    return TriedLine(
        letter(no) if no else "",
        subjects[no] if no else "",
        others,
        not others and no is not None and no == found.winner,
        numbers,
        {name: share(number, handed) for name, number in numbers.items()},
    )


def letters(visitor: Visitor, campaign_id: int) -> dict[int, str]:
    """By mailing, the variant that its people got; empty without variants."""
    found = selectors.trial(visitor.workspace_id, campaign_id)
    if found is None or found.held_id is None:
        return {}
    parts = selectors.parts(visitor.workspace_id, campaign_id)
    of = {each.mailing_id: each.no or found.winner for each in parts}
    return {mailing_id: letter(no) for mailing_id, no in of.items() if no is not None}


def trial_card(visitor: Visitor, campaign: selectors.Campaign) -> dict[str, Any]:
    """For the page of a campaign on its way; without variants nothing of it stands there."""
    found = selectors.trial(visitor.workspace_id, campaign.campaign_id)
    if found is None or found.held_id is None:
        return {"trial": None}
    held = delivery.progress(visitor.workspace_id, found.held_id) if found.undecided else None
    resting = list(_resting(visitor, found))
    return {
        "trial": found,
        "trial_rests": bool(resting),
        "trial_stopped": [(name, words.stopped(each)) for name, each in resting if each.stopped_for],
        "trial_lines": [_line(visitor, campaign, found, each) for each in found.variants],
        "trial_waiting": held.waiting if held else 0,
        "counts_opens": found.judged_by == Judged.OPENS,
    }


def _resting(visitor: Visitor, found: Trial) -> Iterator[tuple[str, delivery.Progress]]:
    """What was paused, or stopped by itself: a variant, or the others once they have theirs."""
    for each in selectors.parts(visitor.workspace_id, found.campaign_id):
        progress = delivery.progress(visitor.workspace_id, each.mailing_id)
        waits = found.undecided and each.no is None  # what holds the others never moves
        if progress is not None and progress.state is MailingState.PAUSED and not waits:
            yield letter(each.no) if each.no else _("The others"), progress


def _line(visitor: Visitor, campaign: selectors.Campaign, found: Trial, each: Variant) -> VariantLine:
    progress = delivery.progress(visitor.workspace_id, each.mailing_id or 0)
    accepted = progress.accepted if progress else 0
    acted = _acted(visitor, found, each)
    return VariantLine(
        each.no,
        letter(each.no),
        each.subject or campaign.subject,
        each.people or 0,
        accepted,
        acted,
        f"{100 * acted / accepted:.1f}" if acted is not None and accepted else "",
        each.no == found.winner,
    )


def _acted(visitor: Visitor, found: Trial, each: Variant) -> int | None:
    mailing = delivery.mailing(visitor.workspace_id, each.mailing_id or 0)
    if mailing is None or not (mailing.links or mailing.open_pixel):
        return None
    hits = delivery.hits(visitor.workspace_id, mailing)
    return hits.opens.people if found.judged_by == Judged.OPENS else hits.clickers
