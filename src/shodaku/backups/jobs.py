"""Chores of this room, as the worker of the chore plane runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shodaku.backups import services
from shodaku.kit import clock


def look() -> None:
    """Every minute: is another installation running on the same data?"""
    services.look_for_copies(clock.now())


PERIODIC: Final[Mapping[str, tuple[str, Callable[[], None]]]] = {"backups.look": ("* * * * *", look)}
