"""`shodaku migrate`: both databases to this version."""

from __future__ import annotations

import argparse


def define(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=run)


def run(_options: argparse.Namespace) -> int:
    from shodaku.config import bind, databases  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    databases.migrate(quiet=False)
    return 0
