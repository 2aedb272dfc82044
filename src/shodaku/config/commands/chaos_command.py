"""`shodaku chaos smtp`: a mail server that misbehaves, for trials."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import TextIO

from shodaku.config.commands.output import FileUnwritable, as_json


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=["smtp"])
    parser.add_argument("--port", type=int, default=2526)
    parser.add_argument("--faults", help="shares of messages: later=0.05,never=0.01")
    parser.add_argument("--stall-seconds", type=float)
    parser.add_argument("--seed", type=int, default=0, help="the same seed draws the same faults")
    parser.add_argument("--chunking", action="store_true", help="offers CHUNKING (RFC 3030)")
    parser.add_argument("--log", type=Path, help="a file: what was taken, and what was not")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import chaos  # noqa: PLC0415 - only the chosen command loads its tools

    shares = chaos.SHARES if options.faults is None else chaos.parse_shares(options.faults)
    stall = chaos.STALL_SECONDS if options.stall_seconds is None else options.stall_seconds
    manners = chaos.Manners(shares, stall, options.chunking)
    with contextlib.ExitStack() as stack:
        log = None if options.log is None else stack.enter_context(_opened(options.log))
        as_json(dict(chaos.run(options.port, manners, options.seed, log)))
    return 0


def _opened(file: Path) -> TextIO:
    try:
        return file.open("a", encoding="ascii")
    except OSError as error:
        raise FileUnwritable(hint=f"{file}: {error.strerror}") from error
