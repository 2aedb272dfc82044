"""`shodaku clocks`: what is due in the life of consents, and what may happen by the clock."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say, table
from shodaku.consent import selectors as consent
from shodaku.kit import clock

SWITCH = {"on": True, "off": False}


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--ask",
        choices=SWITCH,
        help="after the months of silence of your rules (12) one mail asks whether to go on; off",
    )
    parser.add_argument("--forget", choices=SWITCH, help="erase who is needed for nothing any more; off")
    parser.add_argument("--now", action="store_true", help="look now, not at the next tick of the clock")
    parser.add_argument("--json", action="store_true")
    workspaces.define(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit status 1 if anything is due."""
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools
    from shodaku.journeys import selectors, services  # noqa: PLC0415

    bind.start_command()
    workspace_id, now = workspaces.chosen(options).workspace_id, clock.now()
    before = selectors.choice(workspace_id)
    if options.ask is not None or options.forget is not None:
        services.choose(
            workspace_id,
            asks=SWITCH.get(options.ask, before.asks),
            forgets=SWITCH.get(options.forget, before.forgets),
            by="command line",
            now=now,
        )
    if options.now:
        services.note_welcomes(workspace_id, now=now)
        services.note_late(workspace_id, now=now)
    choice, found = selectors.choice(workspace_id), selectors.warnings(workspace_id)
    slugs = {each.topic_id: each.slug for each in consent.topics(workspace_id)}
    if options.json:
        due = [{**asdict(each), "topic": slugs.get(each.topic_id)} for each in found]
        as_json({"asks": choice.asks, "forgets": choice.forgets, "due": due})
        return int(bool(found))
    say(f"ask    {'on' if choice.asks else 'off'}")
    say(f"forget {'on' if choice.forgets else 'off'}")
    table(
        [
            {
                "due": each.kind.value,
                "topic": slugs.get(each.topic_id, "-"),
                "people": each.people,
                "oldest": f"{each.oldest_at:%Y-%m-%d}",
            }
            for each in found
        ]
    )
    return int(bool(found))
