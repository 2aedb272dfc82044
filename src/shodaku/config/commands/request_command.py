"""`shodaku request`: what people ask about their own data, from the day it comes to the answer."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from shodaku.accounts.domain import Workspace
from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, require_free, say, table, write_private
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse

BY = "command line"
LATE = 1
# the words of `complaints.rights`, which `--help` must not load; a test compares them
KINDS = ("access", "correction", "stop_use", "erasure", "provision_records", "objection")
WAYS = ("page", "mail", "telephone", "paper", "person", "api")
IDENTITIES = ("mailbox", "document", "call_back", "known_facts", "in_person", "representative")
GROUNDS = ("not_identified", "harm_to_others", "hinders_business", "against_law", "not_held", "excessive")


class NothingToWrite(WrongUse):
    """A file belongs to the answer; name one with -o."""

    code = "nothing_to_write"


def define(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    listing = _step(
        steps, "list", "what is asked, the first to be due at the top; exit status 1: one is late"
    )
    listing.add_argument("--open", action="store_true", help="only what still needs an answer")
    opening = _step(steps, "open", "write one down")
    opening.add_argument("kind", choices=KINDS)
    opening.add_argument("address", help="of whoever asks; it is not kept with the request")
    opening.add_argument("--via", choices=WAYS, default="mail")
    opening.add_argument("--received", type=date.fromisoformat, metavar="YYYY-MM-DD", help="default: today")
    opening.add_argument("--words", default="", help="what they wrote; sealed under their own key")
    opening.add_argument("--identity", choices=IDENTITIES, help="they showed it already")
    identity = _numbered(steps, "identity", "how it is known who asks: nothing is told before")
    identity.add_argument("how", choices=IDENTITIES)
    answering = _numbered(steps, "answer", "do what was asked; prints the letter")
    answering.add_argument("-o", "--output", type=Path, metavar="FILE", help="the copy, for their eyes alone")
    answering.add_argument("--name", help="of a correction: how the name is right")
    answering.add_argument("--birth-date", type=date.fromisoformat, metavar="YYYY-MM-DD")
    answering.add_argument("--address", default="", help="where nobody known here asked")
    refusing = _numbered(steps, "refuse", "prints the letter that says why")
    refusing.add_argument("ground", choices=GROUNDS)
    refusing.add_argument("--words", default="", help="the reason in words, for the ledger")
    longer = _numbered(steps, "lengthen", "more time, where the law of the person knows it")
    longer.add_argument("why")
    _numbered(steps, "withdraw", "whoever asked does not want it any more")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    workspace, now = workspaces.chosen(options), clock.now()
    match options.step:
        case "list":
            return _list(options, workspace, now)
        case "open":
            return _open(options, workspace, now)
        case "answer":
            return _answer(options, workspace, now)
        case _:
            return _other(options, workspace.workspace_id, now)


def _list(options: argparse.Namespace, workspace: Workspace, now: datetime) -> int:
    from shodaku.complaints import selectors  # noqa: PLC0415 - as above
    from shodaku.complaints.domain import Urgency  # noqa: PLC0415

    zone, late, rows = ZoneInfo(workspace.timezone), False, list[dict[str, object]]()
    for each in selectors.data_requests(workspace.workspace_id, only_open=options.open):
        urgency = selectors.urgency_of(each, now)
        late |= urgency is Urgency.LATE
        rows.append(
            {
                "number": each.request_id,
                "kind": each.kind.value,
                "via": each.via.value,
                "received": each.received_at.astimezone(zone).date(),
                "due_before": each.due_at.astimezone(zone).date(),
                "law": each.jurisdiction,
                "state": each.state.value,
                "clock": urgency.value,
            }
        )
    if options.json:
        as_json(rows)
    elif rows:
        table(rows)
    else:
        say("nobody has asked yet")
    return LATE if late else 0


def _open(options: argparse.Namespace, workspace: Workspace, now: datetime) -> int:
    from shodaku.complaints import services  # noqa: PLC0415 - as above
    from shodaku.complaints.domain import Identified, RequestKind, RequestVia  # noqa: PLC0415

    new = services.NewRequest(
        kind=RequestKind(options.kind),
        via=RequestVia(options.via),
        received_at=_received(options.received, ZoneInfo(workspace.timezone), now),
        address=options.address,
        words=options.words,
        identity=Identified(options.identity) if options.identity else None,
    )
    request_id = services.open_request(workspace.workspace_id, new, now, by=BY)
    _tell(options, {"number": request_id}, services.first_letter(workspace.workspace_id, request_id))
    return 0


def _received(day: date | None, zone: ZoneInfo, now: datetime) -> datetime:
    if day is None or day == now.astimezone(zone).date():
        return now
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _answer(options: argparse.Namespace, workspace: Workspace, now: datetime) -> int:
    from shodaku.complaints import selectors, services  # noqa: PLC0415 - as above
    from shodaku.complaints.domain import Correction, RequestKind  # noqa: PLC0415

    require_free(options.output)
    request = selectors.data_request(workspace.workspace_id, options.number)
    with_file = (RequestKind.ACCESS, RequestKind.PROVISION_RECORDS)
    if options.output is None and request is not None and request.kind in with_file and request.contact_id:
        raise NothingToWrite
    told = services.answer(
        workspace.workspace_id,
        options.number,
        now,
        by=BY,
        correction=Correction(options.name, options.birth_date),
        address=options.address,
    )
    if told.content is not None and options.output is not None:
        write_private(options.output, json.dumps(told.content, ensure_ascii=False, indent=2))
    _tell(options, {"outcome": told.outcome.value, "receipt": told.receipt}, told.letter)
    return 0


def _other(options: argparse.Namespace, workspace_id: int, now: datetime) -> int:
    from shodaku.complaints import services  # noqa: PLC0415 - as above
    from shodaku.complaints.domain import Identified, RefusalGround  # noqa: PLC0415

    number, letter = options.number, ""
    match options.step:
        case "identity":
            services.check_identity(workspace_id, number, Identified(options.how), now, by=BY)
        case "refuse":
            letter = services.refuse(
                workspace_id, number, RefusalGround(options.ground), now, by=BY, words=options.words
            )
        case "lengthen":
            letter = services.lengthen(workspace_id, number, options.why, now, by=BY)
        case _:
            services.withdraw(workspace_id, number, now, by=BY)
    _tell(options, {"number": number}, letter)
    return 0


def _tell(options: argparse.Namespace, facts: Mapping[str, object], letter: str) -> None:
    if options.json:
        as_json({**facts, "letter": letter})
        return
    say(" ".join(f"{name} {value}" for name, value in facts.items() if value is not None))
    if letter:
        say()
        say(letter)


def _numbered(
    steps: argparse._SubParsersAction[argparse.ArgumentParser], name: str, about: str
) -> argparse.ArgumentParser:
    parser = _step(steps, name, about)
    parser.add_argument("number", type=int, help="of the request")
    return parser


def _step(
    steps: argparse._SubParsersAction[argparse.ArgumentParser], name: str, about: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = steps.add_parser(name, help=about, description=about)
    parser.add_argument("--json", action="store_true")
    workspaces.define(parser)
    return parser
