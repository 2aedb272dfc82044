"""A process that was told to stop says so here, for work that waits long in a thread of its own."""

from __future__ import annotations

import threading

_asked = threading.Event()


def ask() -> None:
    """Once a process: there is no way back."""
    _asked.set()


def asked() -> bool:
    return _asked.is_set()
