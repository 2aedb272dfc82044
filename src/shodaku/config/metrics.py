"""Figures of the installation for a monitoring system, in the text format of Prometheus, version 0.0.4.

They are read from the tables when somebody asks, so that every process tells the same. They name workspaces,
campaigns by number, and nobody.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Workspace
from shodaku.delivery import selectors as deliveries
from shodaku.erasure import selectors as erasures
from shodaku.kit import db, queue, runtime
from shodaku.kit.errors import ShodakuError
from shodaku.ledger import selectors as ledger
from shodaku.optout import tending
from shodaku.suppression import selectors as suppressions

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
WORKSPACES_MAX: Final = 500  # told of one by one; `shodaku_workspaces` counts all
CAMPAIGNS_MAX: Final = 20  # of a workspace
ERASURE_DAYS_MAX: Final = 1

HELP: Final = {
    "shodaku_workspaces": "Workspaces of this installation.",
    "shodaku_gate_open": "1: messages may leave. 0: the gate is shut, see shodaku fence status.",
    "shodaku_workers": "Queues that a living worker serves.",
    "shodaku_jobs": "Jobs by queue and state.",
    "shodaku_job_late_seconds": "Since when the oldest job of the queue is due.",
    "shodaku_journal_received": "Opt-outs that are written down and not obeyed yet.",
    "shodaku_journal_behind": "1: the journal knows opt-outs that the database does not.",
    "shodaku_journal_copies_failing": "Places that the journal could not be copied to.",
    "shodaku_disk_free_bytes": "Free on the volume of the home folder.",
    "shodaku_campaign_people": "People of a campaign that is not ended, by what became of them.",
    "shodaku_campaign_paused": "1: the campaign rests until somebody lets it go on.",
    "shodaku_campaign_per_second": "Mails a second of a running campaign, since its start.",
    "shodaku_campaign_ends_timestamp_seconds": "When a running campaign will be through, at its rate.",
    "shodaku_route_failing": "1: the worker could not use this mail server the last time.",
    "shodaku_route_set_aside": "1: this mail server gets nothing but a trial from time to time.",
    "shodaku_complaint_ratio": "Spam reports per accepted mail, the highest of the workspace's topics.",
    "shodaku_bounce_sources_quarantined": "Machines whose reports of dead addresses are not believed.",
    "shodaku_ledger_entries": "Entries that a signed head covers.",
    "shodaku_ledger_entries_waiting": "Entries that no signed head covers yet.",
    "shodaku_ledger_agrees": "1: the last audit found nothing. 0: it did.",
    "shodaku_ledger_audit_age_seconds": "Since the last audit.",
    "shodaku_anchors_failing": "Places outside that did not take the last signed head.",
    "shodaku_erasures_overdue": "People who asked to be forgotten more than a day ago, and are still here.",
    "shodaku_sealed_overdue": "Sealed evidence past the day on which it should have been destroyed.",
    "shodaku_scrape_seconds": "How long it took to read these figures.",
}


@dataclass(frozen=True, slots=True)
class Sample:
    name: str  # one of HELP
    value: float
    labels: Mapping[str, str]


def text(now: datetime) -> str:
    """Everything, in the order of HELP. Raises DatabaseAway."""
    begun = time.perf_counter()
    found: dict[str, list[Sample]] = {name: [] for name in HELP}
    for sample in _samples(now):
        found[sample.name].append(sample)
    found["shodaku_scrape_seconds"].append(_plain("shodaku_scrape_seconds", time.perf_counter() - begun))
    return "".join(_family(name, samples) for name, samples in found.items() if samples)


def _samples(now: datetime) -> Iterator[Sample]:
    yield from _installation(now)
    workspaces = accounts.workspaces()
    yield _plain("shodaku_workspaces", len(workspaces))
    for workspace in workspaces[:WORKSPACES_MAX]:
        yield from _of_workspace(workspace, now)


def _installation(now: datetime) -> Iterator[Sample]:
    yield _plain("shodaku_gate_open", suppressions.fence().state == "open")
    with db.transaction(None):
        loads, workers = queue.loads(), queue.workers()
    yield _plain("shodaku_workers", workers)
    for each in loads:
        yield Sample("shodaku_jobs", each.jobs, {"queue": each.queue, "state": each.state})
        if each.state == "todo":
            yield Sample("shodaku_job_late_seconds", each.late_seconds, {"queue": each.queue})
    try:
        journal = tending.overview(now)
    except ShodakuError:  # the doctor says what is wrong with it
        yield _plain("shodaku_journal_behind", value=True)
    else:
        yield _plain("shodaku_journal_received", journal.received)
        yield _plain("shodaku_journal_behind", journal.behind)
        failing = sum(bool(each.fault) for each in journal.copies.values())
        yield _plain("shodaku_journal_copies_failing", failing)
    yield _plain("shodaku_disk_free_bytes", shutil.disk_usage(runtime.current().home).free)


def _of_workspace(workspace: Workspace, now: datetime) -> Iterator[Sample]:
    id_, here = workspace.workspace_id, {"workspace": workspace.slug}
    for each in deliveries.running(id_, rows_max=CAMPAIGNS_MAX):
        campaign = {**here, "campaign": str(each.mailing_id)}
        for outcome in ("accepted", "refused", "failed", "uncertain", "waiting"):
            yield Sample("shodaku_campaign_people", getattr(each, outcome), {**campaign, "outcome": outcome})
        yield Sample("shodaku_campaign_paused", each.state == "paused", campaign)
        progress = deliveries.progress(id_, each.mailing_id)
        if progress is not None and progress.ends_at is not None:
            yield Sample("shodaku_campaign_per_second", progress.per_second, campaign)
            ends = progress.ends_at.timestamp()
            yield Sample("shodaku_campaign_ends_timestamp_seconds", ends, campaign)
    for route in deliveries.routes(id_):
        named = {**here, "route": str(route.route_id)}
        yield Sample("shodaku_route_failing", route.troubled, named)
        yield Sample("shodaku_route_set_aside", route.enabled and route.set_aside_at is not None, named)
    levels = deliveries.complaint_levels(id_)
    yield Sample("shodaku_complaint_ratio", levels[0].rate if levels else 0.0, here)
    distrusted = len(deliveries.distrusted(id_, now=now))
    yield Sample("shodaku_bounce_sources_quarantined", distrusted, here)
    yield from _of_ledger(id_, here, now)
    before = now - timedelta(days=ERASURE_DAYS_MAX)
    yield Sample("shodaku_erasures_overdue", erasures.unfinished(id_, before=before), here)
    yield Sample("shodaku_sealed_overdue", erasures.overdue(id_, before=before), here)


def _of_ledger(workspace_id: int, here: Mapping[str, str], now: datetime) -> Iterator[Sample]:
    head, audit = ledger.head(workspace_id), ledger.last_audit(workspace_id)
    yield Sample("shodaku_ledger_entries", head.size if head else 0, here)
    yield Sample("shodaku_ledger_entries_waiting", ledger.waiting(workspace_id), here)
    if audit is not None:
        yield Sample("shodaku_ledger_agrees", audit.consistent, here)
        yield Sample("shodaku_ledger_audit_age_seconds", (now - audit.at).total_seconds(), here)
    failing = sum(each.fault is not None for each in ledger.anchor_state(workspace_id).targets)
    yield Sample("shodaku_anchors_failing", failing, here)


def _plain(name: str, value: float) -> Sample:
    return Sample(name, value, {})


def _family(name: str, samples: list[Sample]) -> str:
    lines = [f"# HELP {name} {HELP[name]}", f"# TYPE {name} gauge"]
    return "\n".join([*lines, *map(_line, samples)]) + "\n"


def _line(sample: Sample) -> str:
    labels = ",".join(f'{name}="{_quoted(value)}"' for name, value in sample.labels.items())
    value = float(sample.value)
    return f"{sample.name}{{{labels}}} {value:.17g}" if labels else f"{sample.name} {value:.17g}"


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
