"""`shodaku breach`: data leaked; whether it must be reported, until when, and the entry that records it."""

from __future__ import annotations

import argparse

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse
from shodaku.policy.domain import Breach, Reason, explain


class NobodyConcerned(WrongUse):
    """The number of people is at least 0."""

    code = "nobody_concerned"


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, required=True, help="how many, at the most")
    parser.add_argument(
        "--cause",
        required=True,
        help="unauthorised_access, malicious, or another word, such as misdirected_mail",
    )
    parser.add_argument(
        "--sensitive", action="store_true", help="health, creed, criminal record and the like"
    )
    parser.add_argument("--property-damage", action="store_true", help="card numbers and the like")
    parser.add_argument("--encrypted", action="store_true", help="nobody can read what leaked")
    parser.add_argument("--json", action="store_true")
    workspaces.define(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit status 0 if nothing need be reported, 1 if something must be."""
    from shodaku.complaints import services  # noqa: PLC0415 - only the chosen command loads its tools
    from shodaku.config import bind  # noqa: PLC0415

    try:
        breach = Breach(
            people=options.people,
            cause=options.cause,
            sensitive=options.sensitive,
            property_damage=options.property_damage,
            encrypted=options.encrypted,
        )
    except ValueError as fault:
        raise NobodyConcerned from fault
    bind.start_command()
    workspace_id = workspaces.chosen(options).workspace_id
    recorded = services.record_breach(workspace_id, breach, clock.now(), by="command line")
    due, words = recorded.duties, explain(recorded.duties.reason)
    if options.json:
        as_json(
            {
                "reason": due.reason.value,
                "prompt_by": due.prompt_by,
                "final_by": due.final_by,
                "notify": due.notify,
                "entry": recorded.entry_id,
            }
        )
    else:
        say(words.en)
        say(words.ja)
        if due.reason is Reason.BREACH_REPORT_DUE:
            say(f"  first report until {due.prompt_by}, final until {due.final_by}; and tell the persons")
        say(f"  ledger entry #{recorded.entry_id}")
    return 1 if due.reason is Reason.BREACH_REPORT_DUE else 0
