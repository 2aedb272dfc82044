"""`shodaku segment …`: saved segments, without a browser."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from shodaku.accounts.domain import Workspace
from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say, table
from shodaku.consent import selectors as consents
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as delivery
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse
from shodaku.segments import selectors, services
from shodaku.segments.domain import (
    ConditionFault,
    Expression,
    compile_expression,
    describe_expression,
    parse_expression,
)

BY: Final = "command line"
FILE_BYTES_MAX: Final = 100_000
LANGUAGE: Final = "en"


class UnknownSegment(WrongUse):
    """No segment has this number."""

    code = "unknown_segment"


class UnknownTopic(WrongUse):
    """No topic has this short name."""

    code = "unknown_topic"


class FileFault(WrongUse):
    """A segment file is JSON: match and groups, each with match and conditions; `segment show` prints one."""

    code = "segment_file_fault"


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    every = verbs.add_parser("list", help="which there are, and whom each means")
    show = verbs.add_parser("show", help="one segment as JSON, as --file takes it")
    show.add_argument("id", type=int)
    show.add_argument("--version", type=int, help="as it was saved then; else as it was saved last")
    save = verbs.add_parser("save", help="a new segment, or with --id a new version of one")
    save.add_argument("name")
    save.add_argument(
        "--file", required=True, metavar="FILE", help="the segment as JSON; - reads it from stdin"
    )
    save.add_argument("--id", type=int, metavar="NUMBER", help="of the segment that gets a new version")
    count = verbs.add_parser("count", help="how many it names, and how many of them may be written to now")
    count.add_argument("id", type=int)
    count.add_argument("--topic", required=True, help="short name of the topic that is asked about")
    people = verbs.add_parser("people", help="the numbers of the contacts it names, one a line")
    people.add_argument("id", type=int)
    archive = verbs.add_parser("archive", help="it is not offered any more; drafts that use it go on")
    archive.add_argument("id", type=int)
    for sub in (every, show, save, count, people, archive):
        sub.add_argument("--json", action="store_true")
        workspaces.define(sub)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    workspace = workspaces.chosen(options)
    act = {
        "list": _list, "show": _show, "save": _save, "count": _count, "people": _people, "archive": _archive,
    }[options.verb]  # fmt: skip
    return act(workspace, options)


def _list(workspace: Workspace, options: argparse.Namespace) -> int:
    rows = [
        {
            "id": each.segment_id,
            "version": each.version,
            "name": each.name,
            "who": describe_expression(each.expression, LANGUAGE),
        }
        for each in selectors.segments(workspace.workspace_id)
    ]
    if options.json:
        as_json(rows)
    elif rows:
        table(rows)
    else:
        say("no segment yet; make one in the console, or with: shodaku segment save")
    return 0


def _show(workspace: Workspace, options: argparse.Namespace) -> int:
    found = selectors.segment(workspace.workspace_id, options.id, options.version)
    if found is None:
        raise UnknownSegment
    if options.json:
        as_json(
            {
                "id": found.segment_id,
                "name": found.name,
                "version": found.version,
                "expression": found.expression_json,
                "saved_by": found.saved_by,
                "saved_at": found.saved_at,
            }
        )
    else:
        say(json.dumps(found.expression_json, ensure_ascii=False, indent=2))
    return 0


def _save(workspace: Workspace, options: argparse.Namespace) -> int:
    expression, now = _read(options.file), clock.now()
    if options.id is None:
        segment_id, version = (
            services.create(workspace.workspace_id, options.name, expression, by=BY, now=now),
            1,
        )
    else:
        segment_id = options.id
        version = services.change(
            workspace.workspace_id, segment_id, options.name, expression, by=BY, now=now
        )
    if options.json:
        as_json({"id": segment_id, "version": version})
    else:
        say(f"segment {segment_id}, version {version}: {describe_expression(expression, LANGUAGE)}")
    return 0


def _count(workspace: Workspace, options: argparse.Namespace) -> int:
    found = _found(workspace, options.id)
    topics = {each.slug: each.topic_id for each in consents.topics(workspace.workspace_id)}
    if options.topic not in topics:
        raise UnknownTopic(hint=", ".join(topics))
    question = delivery.question_of_topic(workspace.workspace_id, topics[options.topic])
    where = compile_expression(found.expression)
    seen = delivery.glance(workspace.workspace_id, question, where, now=clock.now())
    if options.json:
        as_json(
            {
                "named": seen.named,
                "more": seen.more,
                "sendable": seen.about_sendable,
                "exact": seen.exact,
                "looked_at": seen.looked_at,
            }
        )
        return 0
    if seen.exact:
        say(f"{seen.named} people with an e-mail address, {seen.sendable} of them may get it now")
    else:
        more = "more than " if seen.more else ""
        say(f"{more}{seen.named} people with an e-mail address, about {seen.about_sendable} may get it now")
        say(f"(an estimate: of {seen.looked_at} who were looked at, {seen.sendable} may)")
    return 0


def _people(workspace: Workspace, options: argparse.Namespace) -> int:
    where, after = compile_expression(_found(workspace, options.id).expression), 0
    every: list[int] = []
    while page := delivery.named(workspace.workspace_id, Channel.EMAIL, where, after=after):
        after = page[-1]
        if options.json:
            every += page
        else:
            say("\n".join(map(str, page)))
    if options.json:
        as_json(every)
    return 0


def _archive(workspace: Workspace, options: argparse.Namespace) -> int:
    _found(workspace, options.id)
    done = services.archive(workspace.workspace_id, options.id, by=BY, now=clock.now())
    if options.json:
        as_json({"archived": done})
    else:
        say("done" if done else "nothing to do: it was archived before")
    return 0 if done else 1


def _found(workspace: Workspace, segment_id: int) -> selectors.Segment:
    found = selectors.segment(workspace.workspace_id, segment_id)
    if found is None:
        raise UnknownSegment
    return found


def _read(name: str) -> Expression:
    """Raises FileFault."""
    try:
        text = sys.stdin.read(FILE_BYTES_MAX + 1) if name == "-" else _text(Path(name))
        if len(text) > FILE_BYTES_MAX:
            raise FileFault
        return parse_expression(json.loads(text))
    except ConditionFault as fault:
        raise FileFault(hint=fault.sentence(LANGUAGE)) from fault
    except (OSError, ValueError, RecursionError) as fault:
        raise FileFault(hint=name) from fault


def _text(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read(FILE_BYTES_MAX + 1)
