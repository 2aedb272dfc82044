"""`shodaku worker --plane send|chore|ledger`: background work; any number of them, on any machine."""

from __future__ import annotations

import argparse

PLANES = ("send", "chore", "ledger")


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--plane",
        choices=PLANES,
        required=True,
        help="send: mails; ledger: takes up and signs entries; chore: the rest",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import worker  # noqa: PLC0415 - only the chosen command loads its tools

    worker.run(worker.Plane(options.plane))
    return 0
