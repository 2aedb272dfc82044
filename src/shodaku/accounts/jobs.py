"""Chores of accounts, as the worker of the chore plane runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.contrib.sessions.backends.db import SessionStore


def clear_sessions() -> None:
    """Delete sign-ins that ended; their rows say who was here and when."""
    SessionStore.clear_expired()


JOBS: Final[Mapping[str, Callable[..., None]]] = {"accounts.clear_sessions": clear_sessions}
PERIODIC: Final[Mapping[str, tuple[str, Callable[..., None]]]] = {
    "accounts.clear_sessions": ("17 3 * * *", clear_sessions)
}
