"""What a send worker touches outside of itself: database, clocks, disk, limits of its relays.

One value, so that `shodaku simulate` runs the very worker that runs in production, in a world of its own.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from shodaku.content.render import Compiled
from shodaku.delivery import hints, store
from shodaku.delivery.compiling import Compile, compile_mailing
from shodaku.delivery.disk import OWN_DISK, Disk
from shodaku.delivery.display import display_report
from shodaku.delivery.facts import GateRow, MailingRow
from shodaku.delivery.hints import Ear
from shodaku.delivery.relays import USUAL
from shodaku.delivery.store import Connection
from shodaku.delivery.transports.dialogue import Manner
from shodaku.delivery.watch import Watch
from shodaku.policy.domain import DisplayReport, Pack


def boottime() -> float:
    """Runs on while the machine sleeps, unlike CLOCK_MONOTONIC; nobody sets it, unlike the wall clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Outside:
    """`boottime`: seconds that go on while the machine sleeps; `monotonic`: seconds of the relay's limits."""

    connect: Callable[[str], Awaitable[Connection]] = store.connect
    ear: Callable[[str], Awaitable[Ear]] = hints.ear
    boottime: Callable[[], float] = boottime
    monotonic: Callable[[], float] = time.monotonic
    disk: Disk = OWN_DISK
    manner: Manner = USUAL
    watch: Callable[[Path], Watch] = Watch
    compile: Compile = compile_mailing
    display: Callable[[MailingRow, Compiled, GateRow, Pack], DisplayReport] = display_report


REAL = Outside()
