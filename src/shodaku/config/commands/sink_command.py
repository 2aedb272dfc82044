"""`shodaku sink`: a mail server that delivers nothing and shows what it got."""

from __future__ import annotations

import argparse
from pathlib import Path


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path)
    parser.add_argument("--smtp-port", type=int, default=2525)
    parser.add_argument("--web-port", type=int, default=8025)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import sink  # noqa: PLC0415 - only the chosen command loads its tools

    sink.run(options.folder, options.smtp_port, options.web_port)
    return 0
