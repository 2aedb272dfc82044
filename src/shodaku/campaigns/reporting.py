"""The report of a campaign: a small one is counted while somebody waits, a large one by a chore."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Final

from psycopg.types.json import Jsonb

from shodaku.campaigns.domain import AT_ONCE_PEOPLE_MAX
from shodaku.campaigns.report_figures import Report, due_after, merged
from shodaku.consent.domain import Method
from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import MailingState, Result
from shodaku.kit import db
from shodaku.kit.queue import Job, JobState, Queue, defer, job_state
from shodaku.suppression import selectors as suppression

REPORTS_MAX: Final = 50  # of one workspace that are counted in one minute

_RETURNED: Final = {"hard": "returned", "soft": "returned", "complaint": "complaints"}
_sql = db.Statements("shodaku.campaigns")


def report(
    workspace_id: int, campaign_id: int, mailing_id: int, people: int, *, now: datetime
) -> Report | None:
    """None: a large one that was not counted yet. `people` at the launch."""
    kept = _kept(workspace_id, campaign_id)
    if people > AT_ONCE_PEOPLE_MAX:
        return kept
    return merged(kept, _counted(workspace_id, mailing_id, now))


def refresh_report(workspace_id: int, campaign_id: int, mailing_id: int, *, now: datetime) -> Report:
    """Count it and keep it. Raises LookupError for a mailing that is none."""
    began = time.monotonic()
    counted = _counted(workspace_id, mailing_id, now)
    took = timedelta(seconds=time.monotonic() - began)
    progress = _progress(workspace_id, mailing_id)
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


def _progress(workspace_id: int, mailing_id: int) -> delivery.Progress:
    found = delivery.progress(workspace_id, mailing_id)
    if found is None:
        raise LookupError(mailing_id)
    return found


def _counted(workspace_id: int, mailing_id: int, now: datetime) -> Report:
    with db.transaction(workspace_id):
        progress = _progress(workspace_id, mailing_id)
        counts: Counter[str] = Counter()
        _count_people(counts, progress)
        _count_results(counts, delivery.figures(workspace_id, mailing_id))
        _count_noes(counts, suppression.causes(workspace_id, mailing_id))
        _count_hits(counts, workspace_id, mailing_id)
        ended = progress.state in (MailingState.DONE, MailingState.CANCELLED)
        return Report(dict(counts), now, ended)


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


def _count_hits(counts: Counter[str], workspace_id: int, mailing_id: int) -> None:
    mailing = delivery.mailing(workspace_id, mailing_id)
    if mailing is None or not (mailing.links or mailing.open_pixel):
        return
    found = delivery.hits(workspace_id, mailing)
    counts["people/clickers"] = found.clickers
    for each in found.links:
        counts[f"link/{each.link}/people"] = each.people
        counts[f"link/{each.link}/clicks"] = each.clicks
        counts[f"link/{each.link}/programs"] = each.programs
    counts["opens/people"] = found.opens.people
    counts["opens/clicks"] = found.opens.clicks
    counts["opens/programs"] = found.opens.programs
