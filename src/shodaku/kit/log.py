"""One event, one JSON line: ids, counts, codes, durations; never an address, a name or a text."""

from __future__ import annotations

import json
import logging
import sys
from types import TracebackType
from typing import TextIO

from shodaku.kit import clock


def info(event: str, **facts: float | str | bool | None) -> None:
    """Write one line, e.g. `info("message.refused", chunk=7, reason="CONSENT_EXPIRED")`."""
    write(sys.stderr, event, facts)


def write(target: TextIO, event: str, facts: dict[str, float | str | bool | None]) -> None:
    line = {"at": clock.now().isoformat(timespec="milliseconds"), "event": event, **facts}
    target.write(json.dumps(line, ensure_ascii=True) + "\n")
    target.flush()


class LineHandler(logging.Handler):
    """Records of libraries, reduced to logger, level and kind of error: their texts may hold an address or a
    path.
    """

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        place = _place(record.exc_info[2]) if record.exc_info and record.exc_info[2] else ""
        facts = {"logger": record.name, "level": record.levelname, "error": kind, "at_line": place}
        write(sys.stderr, "library", {key: value for key, value in facts.items() if value})


def _place(trace: TracebackType) -> str:
    """Module and line of the innermost frame: enough to find the fault, nothing of anybody's."""
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}"
