"""Chores of the campaigns room, as the worker of the chore plane runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shodaku.campaigns import services
from shodaku.kit import clock, log


def count(workspace_id: int, preflight_id: int) -> None:
    """Interrupted, it runs again and begins from nothing."""
    done = services.run_count(workspace_id, preflight_id, now=clock.now())
    log.info("campaign.counted", workspace=workspace_id, preflight=preflight_id, done=done)


JOBS: Final[Mapping[str, Callable[..., None]]] = {"campaigns.count": count}
