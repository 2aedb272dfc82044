"""`shodaku shards`: what stands against spreading the tables over several servers. It changes nothing."""

from __future__ import annotations

import argparse

from shodaku.config.commands.output import as_json, say


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one line for programs")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind, databases, sharding  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    tables = databases.described_tables()
    found = sharding.obstacles(tables)
    if options.json:
        places = {table.name: sharding.place_of(table.name).value for table in tables}
        told = [{"table": each.table, "kind": each.kind.value, "what": each.what} for each in found]
        as_json({"places": places, "obstacles": told})
    else:
        for table, obstacles in sharding.by_table(found).items():
            kinds = "; ".join(f"{each.kind.value.replace('_', ' ')} ({each.what})" for each in obstacles)
            say(f"{table}, {sharding.place_of(table).value}: {kinds}")
        say(f"{len(found)} obstacles. One PostgreSQL carries everything; see docs/en/how-to/scale.md.")
    return 1 if found else 0
