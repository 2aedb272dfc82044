"""Chores of accounts, as the worker of the chore plane runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.contrib.sessions.backends.db import SessionStore

from shodaku.accounts import selectors, services
from shodaku.kit import clock


def clear_sessions() -> None:
    """Delete sign-ins that ended; their rows say who was here and when."""
    SessionStore.clear_expired()


def clear_invitations() -> None:
    """Delete invitations that nobody used in time, and the addresses in them."""
    now = clock.now()
    for workspace in selectors.workspaces():
        services.forget_ended(workspace.workspace_id, now=now)


JOBS: Final[Mapping[str, Callable[..., None]]] = {
    "accounts.clear_sessions": clear_sessions,
    "accounts.clear_invitations": clear_invitations,
}
PERIODIC: Final[Mapping[str, tuple[str, Callable[..., None]]]] = {
    "accounts.clear_sessions": ("17 3 * * *", clear_sessions),
    "accounts.clear_invitations": ("23 3 * * *", clear_invitations),
}
