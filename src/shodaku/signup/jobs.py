"""Chores of the sign-up room, as the worker of the chore plane runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.kit import clock, log
from shodaku.ledger.services import VaultAway
from shodaku.signup import services
from shodaku.signup.browser import find_browser
from shodaku.signup.pages import PICTURE_JOB


def sweep_throttle(timestamp: int = 0) -> None:
    """Once a night; `timestamp` is the tick that procrastinate hands to periodic jobs."""
    now = clock.now()
    log.info("signup.throttle_swept", rows=services.sweep_throttle(now=now), tick=timestamp)
    for workspace in accounts.workspaces():
        services.sweep_answers(workspace.workspace_id, now=now)


def picture(workspace_id: int, form_id: int, version: int) -> None:
    """The pages of a version if it has none, and their pictures. Raises VaultAway, and is tried again."""
    services.keep_missing_pages(workspace_id, form_id, version, now=clock.now())
    browser = find_browser()
    if browser is None:
        _say_that_there_is_no_browser()
        return
    taken = services.take_pictures(workspace_id, form_id, version, browser, now=clock.now())
    log.info("signup.pictured", workspace=workspace_id, form=form_id, version=version, pictures=taken)


@cache
def _say_that_there_is_no_browser() -> None:
    """Once a process. The pages are kept all the same; `apt install chromium` brings their pictures."""
    log.info("signup.no_browser_for_pictures")


def sweep_shown() -> None:
    """Every hour: pages and pictures that are missing, and policies that were changed past the desk."""
    pictures = find_browser() is not None
    for workspace in accounts.workspaces():
        services.defer_due(workspace.workspace_id, pictures=pictures)
        with suppress(VaultAway):  # the next hour
            services.keep_policies(workspace.workspace_id, now=clock.now())


def sweep_floods(timestamp: int = 0) -> None:
    """Every hour: what was counted of networks is kept no longer than it counts. `timestamp` as above."""
    log.info("signup.floods_swept", tick=timestamp)
    services.sweep_floods([each.workspace_id for each in accounts.workspaces()], now=clock.now())


def ask_about_papers() -> None:
    """Every hour: confirmations of papers whose address was asked a short while before."""
    for workspace in accounts.workspaces():
        with suppress(VaultAway):  # the next hour
            asked = services.ask_due(workspace.workspace_id, now=clock.now())
            if asked:
                log.info("signup.papers_asked", workspace=workspace.workspace_id, mails=asked)


JOBS: Final[Mapping[str, Callable[..., None]]] = {
    "signup.sweep_throttle": sweep_throttle,
    PICTURE_JOB: picture,
}
PERIODIC: Final[Mapping[str, tuple[str, Callable[..., None]]]] = {
    "signup.sweep_throttle": ("17 3 * * *", sweep_throttle),
    "signup.sweep_floods": ("3 * * * *", sweep_floods),
    "signup.sweep_shown": ("41 * * * *", sweep_shown),
    "signup.ask_about_papers": ("23 * * * *", ask_about_papers),
}
