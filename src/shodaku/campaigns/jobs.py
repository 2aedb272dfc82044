"""Chores of the campaigns room, as the worker of the chore plane runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.campaigns import selectors, services
from shodaku.kit import clock, log
from shodaku.kit.errors import ShodakuError


def count(workspace_id: int, preflight_id: int) -> None:
    """Interrupted, it runs again and begins from nothing."""
    done = services.run_count(workspace_id, preflight_id, now=clock.now())
    log.info("campaign.counted", workspace=workspace_id, preflight=preflight_id, done=done)


def report(workspace_id: int, campaign_id: int) -> None:
    """Interrupted, it runs again and begins from nothing."""
    found = selectors.campaign(workspace_id, campaign_id)
    if found is not None and found.mailing_id is not None:
        services.refresh_report(workspace_id, campaign_id, now=clock.now())
        log.info("campaign.reported", workspace=workspace_id, campaign=campaign_id)


def ask_reports() -> None:
    """Every minute: a job for each campaign whose figures are older than they should be."""
    for workspace in accounts.workspaces():
        services.ask_due_reports(workspace.workspace_id, now=clock.now())


def simulate_rules(workspace_id: int, number: int) -> None:
    """Interrupted, it runs again and goes on behind the last span that was kept."""
    done = services.run_simulation(workspace_id, number, now=clock.now())
    log.info("rules.simulated", workspace=workspace_id, number=number, done=done)


def record_stops() -> None:
    """Every minute. While the vault is away a stop waits, and holds up no other workspace."""
    for workspace in accounts.workspaces():
        try:
            stops = services.record_stops(workspace.workspace_id, now=clock.now())
        except ShodakuError as error:
            log.info("campaign.stops_wait", workspace=workspace.workspace_id, code=error.code)
        else:
            if stops:
                log.info("campaign.stops_recorded", workspace=workspace.workspace_id, stops=stops)


def judge_trials() -> None:
    """Every minute. While the vault is away the others of a trial wait, and hold up no other workspace."""
    for workspace in accounts.workspaces():
        try:
            decided = services.judge_trials(workspace.workspace_id, now=clock.now())
        except ShodakuError as error:
            log.info("campaign.trials_wait", workspace=workspace.workspace_id, code=error.code)
        else:
            if decided:
                log.info("campaign.trials_decided", workspace=workspace.workspace_id, trials=decided)


JOBS: Final[Mapping[str, Callable[..., None]]] = {
    "campaigns.count": count,
    "campaigns.report": report,
    "campaigns.simulate_rules": simulate_rules,
}
PERIODIC: Final[Mapping[str, tuple[str, Callable[[], None]]]] = {
    "campaigns.record_stops": ("* * * * *", record_stops),
    "campaigns.ask_reports": ("* * * * *", ask_reports),
    "campaigns.judge_trials": ("* * * * *", judge_trials),
}
