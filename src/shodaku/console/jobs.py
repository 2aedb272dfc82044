"""What the console leaves to the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shodaku.console import uploads
from shodaku.kit import clock


def sweep_uploads() -> None:
    uploads.sweep(clock.now())


JOBS: Final[Mapping[str, Callable[..., None]]] = {"console.sweep_uploads": sweep_uploads}
PERIODIC: Final[Mapping[str, tuple[str, Callable[..., None]]]] = {
    "console.sweep_uploads": ("*/10 * * * *", sweep_uploads)
}
