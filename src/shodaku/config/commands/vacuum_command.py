"""`shodaku vacuum`: what was deleted leaves the files of the databases too."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from shodaku.config.commands import output

if TYPE_CHECKING:
    from shodaku.config.vacuuming import Written

MEGABYTE = 1024 * 1024


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one line for programs")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind, vacuuming  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    written = []
    for each in vacuuming.write_anew():
        written.append(each)
        if not options.json and (not each.done or each.bytes_before >= MEGABYTE):
            output.say(_line(each))
    left = [each.table for each in written if not each.done]
    done = len(written) - len(left)
    freed = sum(each.bytes_before - each.bytes_after for each in written)
    if options.json:
        output.as_json({"tables": done, "left": left, "freed_bytes": freed})
    else:
        output.say(f"{done} tables written anew, {freed / MEGABYTE:.1f} MB freed.")
        if left:
            output.say("Others were held by somebody: repeat the command at a quiet hour.")
    return 1 if left else 0


def _line(each: Written) -> str:
    if not each.done:
        return f"{each.database}.{each.table}: held by somebody, left as it is"
    before, after = each.bytes_before / MEGABYTE, each.bytes_after / MEGABYTE
    return f"{each.database}.{each.table}: {before:.1f} MB, now {after:.1f} MB"
