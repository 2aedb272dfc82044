"""The report of a campaign: a small one is counted while somebody waits, a large one by a chore."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from psycopg.types.json import Jsonb

from shodaku.campaigns.domain import AT_ONCE_PEOPLE_MAX
from shodaku.campaigns.parts import Part, followed, parts, together
from shodaku.campaigns.report_figures import OTHERS, Report, due_after, merged
from shodaku.consent.domain import Method
from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import MailingState, Result
from shodaku.kit import db
from shodaku.kit.queue import Job, JobState, Queue, defer, job_state
from shodaku.suppression import selectors as suppression

REPORTS_MAX: Final = 50  # of one workspace that are counted in one minute
VARIANT_COLUMNS: Final = ("total", "accepted", "returned", "opted_out", "complaints")

_RETURNED: Final = {"hard": "returned", "soft": "returned", "complaint": "complaints"}
_sql = db.Statements("shodaku.campaigns")


def report(workspace_id: int, campaign_id: int, people: int, *, now: datetime) -> Report | None:
    """None: a large one that was not counted yet. `people` at the launch."""
    kept = _kept(workspace_id, campaign_id)
    if people > AT_ONCE_PEOPLE_MAX:
        return kept
    return merged(kept, _counted(workspace_id, campaign_id, now))


def refresh_report(workspace_id: int, campaign_id: int, *, now: datetime) -> Report:
    """Count it and keep it. Raises LookupError for what was not launched."""
    began = time.monotonic()
    counted = _counted(workspace_id, campaign_id, now)
    took = timedelta(seconds=time.monotonic() - began)
    progress = together([_progress(workspace_id, each) for each in _launched(workspace_id, campaign_id)])
    pause = due_after(now - progress.started_at, took, ended=counted.ended)
    with db.transaction(workspace_id):
        whole = merged(_sql.row("lock_report", Report, campaign_id=campaign_id), counted)
        _sql.run(
            "upsert_report",
            campaign_id=campaign_id,
            counts=Jsonb(dict(whole.counts)),
            at=now,
            ended=whole.ended,
            due_at=None if pause is None else now + pause,
        )
        return whole


def ask_report(workspace_id: int, campaign_id: int) -> None:
    """Counted as soon as a worker has time, once however often it is asked for."""
    with db.transaction(workspace_id):
        defer(_job(workspace_id, campaign_id))


def ask_due_reports(workspace_id: int, *, now: datetime) -> int:
    """How many were asked for."""
    with db.transaction(workspace_id):
        due = _sql.scalars("list_due_reports", now=now, rows_max=REPORTS_MAX)
        defer(*(_job(workspace_id, campaign_id) for campaign_id in due))
        return len(due)


def report_asked(workspace_id: int, campaign_id: int) -> JobState | None:
    """Whether a count waits or runs."""
    with db.transaction(workspace_id):
        return job_state(_key(workspace_id, campaign_id))


def _job(workspace_id: int, campaign_id: int) -> Job:
    key = _key(workspace_id, campaign_id)
    ids: dict[str, int | str] = {"workspace_id": workspace_id, "campaign_id": campaign_id}
    return Job("campaigns.report", Queue.CHORE, ids, lock=key, only_once=key)


def _key(workspace_id: int, campaign_id: int) -> str:
    return f"report-{workspace_id}-{campaign_id}"


def _kept(workspace_id: int, campaign_id: int) -> Report | None:
    with db.transaction(workspace_id):
        return _sql.row("get_report", Report, campaign_id=campaign_id)


def _launched(workspace_id: int, campaign_id: int) -> list[Part]:
    found = parts(workspace_id, campaign_id)
    if not found:
        raise LookupError(campaign_id)
    return found


def _progress(workspace_id: int, part: Part) -> delivery.Progress:
    found = delivery.progress(workspace_id, part.mailing_id)
    if found is None:
        raise LookupError(part.mailing_id)
    return found


def _counted(workspace_id: int, campaign_id: int, now: datetime) -> Report:
    """Of all variants together, and of each: nobody is in two of them."""
    with db.transaction(workspace_id):
        found = _launched(workspace_id, campaign_id)
        whole = together([_progress(workspace_id, each) for each in found])
        counts: Counter[str] = Counter()
        for part in found:
            mine = _count_part(workspace_id, part)
            counts.update(mine)
            if len(found) > 1:
                _count_variant(counts, part, mine)
        _count_hits(counts, workspace_id, found)
        ended = whole.state in (MailingState.DONE, MailingState.CANCELLED)
        return Report(dict(counts), now, ended)


def _count_part(workspace_id: int, part: Part) -> Counter[str]:
    counts: Counter[str] = Counter()
    _count_people(counts, _progress(workspace_id, part))
    _count_results(counts, delivery.figures(workspace_id, part.mailing_id))
    _count_noes(counts, suppression.causes(workspace_id, part.mailing_id))
    return counts


def _count_variant(counts: Counter[str], part: Part, mine: Counter[str]) -> None:
    for column in VARIANT_COLUMNS:
        counts[f"variant/{part.no or OTHERS}/{column}"] = mine[f"people/{column}"]


def _count_people(counts: Counter[str], progress: delivery.Progress) -> None:
    counts["people/total"] = progress.total
    counts["people/accepted"] = progress.accepted
    counts["people/refused"] = progress.refused
    counts["people/failed"] = progress.failed
    counts["people/uncertain"] = progress.uncertain
    counts["people/waiting"] = progress.waiting


def _count_results(counts: Counter[str], found: delivery.Figures) -> None:
    for each in found.outcomes:
        counts[f"reason/{each.outcome}/{each.reason}"] += each.people
        if each.outcome != Result.REFUSED:  # nothing was said to a receiver about those
            counts[f"receiver/{each.domain_group}/{each.outcome}"] += each.people
    for back in found.returned:
        if (column := _RETURNED.get(back.kind.value)) is not None:
            counts[f"receiver/{back.domain_group}/{column}"] += back.people
            counts[f"people/{column}"] += back.people
    for (effect, reason), people in found.bounces.items():
        counts[f"bounce/{effect.value}/{reason.value}"] += people
    for hour in found.hours:
        name = hour.hour.astimezone(UTC).isoformat(timespec="minutes")
        counts[f"hour/{name}/clicks"] = hour.clicks
        counts[f"hour/{name}/opens"] = hour.opens
    counts["people/stopped_in_time"] = found.stopped_in_time


def _count_noes(counts: Counter[str], causes: list[suppression.Cause]) -> None:
    """The spam button is a complaint, and ends everything; it is no opt-out beside that."""
    complaints = 0
    for each in causes:
        if each.via == Method.COMPLAINT:
            complaints += each.people
        else:
            counts[f"refusal/{each.scope}"] += each.people
            counts["people/opted_out"] += each.people
    counts["people/complaints"] = max(counts["people/complaints"], complaints)


def _count_hits(counts: Counter[str], workspace_id: int, found: Sequence[Part]) -> None:
    whole = followed(workspace_id, found)
    if not whole.measured:
        return
    counts["people/clickers"] = whole.clickers
    for each in whole.links:
        counts[f"link/{each.link}/people"] = each.people
        counts[f"link/{each.link}/clicks"] = each.clicks
        counts[f"link/{each.link}/programs"] = each.programs
    if whole.opens is not None:
        counts["opens/people"] = whole.opens.people
        counts["opens/clicks"] = whole.opens.clicks
        counts["opens/programs"] = whole.opens.programs
    if len(found) > 1:
        for part in found:
            mine = followed(workspace_id, [part])
            counts[f"variant/{part.no or OTHERS}/clickers"] = mine.clickers
            counts[f"variant/{part.no or OTHERS}/openers"] = mine.opens.people if mine.opens else 0
