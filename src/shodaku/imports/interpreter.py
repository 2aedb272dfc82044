"""How Python itself is set while lists come in: seldom collections of cycles, short turns of threads."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

# Rows are no cycles, and a portion of them is looked through for some again and again: 11 of 65 us a row.
# What else makes cycles meanwhile is small. Counted: objects made and still there, those of five portions.
_COLLECTED_AFTER: Final = 500_000
# Who writes needs the interpreter for moments between two statements, and waited 5 ms each time while the
# other thread judged: 6 of 47 us a row.
_TURN_SECONDS: Final = 0.0005

_lock = Lock()
_lists = 0  # that come in just now
_before: tuple[tuple[int, int, int], float] = (gc.get_threshold(), sys.getswitchinterval())


@contextmanager
def set_for_lists() -> Iterator[None]:
    """The last of several lists that come in at once sets back what the first one found."""
    _begin()
    try:
        yield
    finally:
        _end()


def _begin() -> None:
    global _lists, _before  # noqa: PLW0603 - these settings are the interpreter's, so there is one of them
    with _lock:
        if _lists == 0:
            _before = (gc.get_threshold(), sys.getswitchinterval())
            gc.set_threshold(_COLLECTED_AFTER, *_before[0][1:])
            sys.setswitchinterval(_TURN_SECONDS)
        _lists += 1


def _end() -> None:
    global _lists  # noqa: PLW0603 - as above
    with _lock:
        _lists -= 1
        if _lists == 0:
            gc.set_threshold(*_before[0])
            sys.setswitchinterval(_before[1])
