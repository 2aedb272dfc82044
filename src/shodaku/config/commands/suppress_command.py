"""`shodaku suppress`: the never-contact list can be added to, asked and taken along as tokens, not read;
nothing here lifts a mark that a person's no has made.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from shodaku.accounts.domain import Role, Workspace
from shodaku.config.commands import workspaces
from shodaku.config.commands.output import FileUnwritable, as_json, require_free, say, table
from shodaku.contacts.domain import Channel
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse

BY = "command line"


class NoList(WrongUse):
    """The file cannot be read."""

    code = "no_list"


class NothingToAdd(WrongUse):
    """Name an address, or - to read addresses from standard input, one a line."""

    code = "nothing_to_add"


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    _verb(verbs, "list", "counts by reason and month, and what is blocked")
    add = _verb(verbs, "add", "never contact these addresses again")
    add.add_argument("address", nargs="*", help="- reads them from standard input, one a line")
    check = _verb(verbs, "check", "exit status 0 if it is on the list, 1 if not; each question is recorded")
    check.add_argument("address")
    bring = _verb(verbs, "import", "a file of addresses, one a line, or of tokens from `suppress export`")
    bring.add_argument("file", type=Path)
    bring.add_argument("--dry-run", action="store_true", help="count, and take nothing in")
    take = _verb(verbs, "export", "the list as tokens, for this workspace of this installation alone")
    take.add_argument("file", type=Path)
    block = _verb(
        verbs, "block", "keep a domain out, or a form of addresses: '*@example.jp', '*-old@*.example.jp'"
    )
    block.add_argument("form")
    block.add_argument("--reason", default="")
    lift = _verb(verbs, "unblock", "lift a block; marks for another reason stay")
    lift.add_argument("number", type=int, help="as `suppress list` shows it")
    parser.set_defaults(run=run)


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, about: str
) -> argparse.ArgumentParser:
    sub = verbs.add_parser(name, help=about)
    sub.add_argument("--json", action="store_true")
    workspaces.define(sub)
    return sub


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    workspace = workspaces.chosen(options)
    match options.verb:
        case "list":
            return _list(workspace, as_objects=options.json)
        case "add":
            return _add(workspace, options.address, as_object=options.json)
        case "import":
            return _import(workspace, options.file, dry_run=options.dry_run, as_object=options.json)
        case "export":
            return _export(workspace, options.file, as_object=options.json)
        case "block":
            return _block(workspace, options.form, options.reason, as_object=options.json)
        case "unblock":
            return _unblock(workspace, options.number, as_object=options.json)
        case _:
            return _check(workspace, options.address, as_object=options.json)


def _list(workspace: Workspace, *, as_objects: bool) -> int:
    from shodaku.suppression import lists, services  # noqa: PLC0415

    marks = [
        {"reason": each.reason, "month": each.month, "addresses": each.marks}
        for each in lists.counts(workspace.workspace_id)
    ]
    blocks = [
        {
            "number": each.block_no,
            "blocked": each.shown,
            "reason": each.reason,
            "since": f"{each.at:%Y-%m-%d}",
        }
        for each in services.blocks(workspace.workspace_id)
    ]
    if as_objects:
        as_json({"marks": marks, "blocks": blocks})
        return 0
    table(marks)
    table(blocks)
    if not marks and not blocks:
        say("nobody is on the list")
    return 0


def _add(workspace: Workspace, addresses: list[str], *, as_object: bool) -> int:
    """One address as it always was, with the entry that can wait for the vault; several as a list."""
    from shodaku.optout import services as optout  # noqa: PLC0415

    if not addresses:
        raise NothingToAdd
    if addresses == ["-"]:
        return _add_list(workspace, sys.stdin, as_object=as_object)
    if len(addresses) > 1:
        return _add_list(workspace, addresses, as_object=as_object)
    address = workspaces.email(addresses[0]).address
    now = clock.now()
    optout.suppress_address(workspace.workspace_id, Channel.EMAIL, address, by=BY, now=now)
    if as_object:
        as_json({"suppressed": True})
    else:
        say("on the list")
    return 0


def _add_list(workspace: Workspace, lines: Iterable[str], *, as_object: bool) -> int:
    from shodaku.suppression import lists  # noqa: PLC0415

    return _told(lists.add(workspace.workspace_id, lines, by=BY, now=clock.now()), as_object=as_object)


def _import(workspace: Workspace, file: Path, *, dry_run: bool, as_object: bool) -> int:
    from shodaku.suppression import lists  # noqa: PLC0415

    try:
        stream = file.open("rb")
    except OSError as error:
        raise NoList(hint=f"{file}: {error.strerror}") from None
    with stream:
        taken = lists.bring_in(workspace.workspace_id, stream, by=BY, now=clock.now(), dry_run=dry_run)
    return _told(taken, as_object=as_object)


def _told(taken: object, *, as_object: bool) -> int:
    from shodaku.suppression import lists  # noqa: PLC0415

    assert isinstance(taken, lists.Taken)  # noqa: S101 - imported late
    if as_object:
        as_json({"lines": taken.lines, "taken": taken.taken, "unreadable": taken.unreadable})
    else:
        say(f"{taken.lines} lines: {taken.taken} taken, {taken.unreadable} no address")
    if taken.faults:
        sys.stderr.write(f"no address in lines {', '.join(map(str, taken.faults))}\n")
    return int(taken.unreadable > 0)


def _export(workspace: Workspace, file: Path, *, as_object: bool) -> int:
    """Under another name until it is whole."""
    from shodaku.suppression import lists  # noqa: PLC0415

    require_free(file)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise FileUnwritable(hint=f"{file}: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as target:
            rows = lists.take_out(workspace.workspace_id, target.write, by=BY, now=clock.now())
            target.flush()
            os.fsync(target.fileno())
        os.link(part, file)  # a rename would put it in the place of another one
    except FileExistsError:
        require_free(file)
        raise
    except OSError as error:
        raise FileUnwritable(hint=f"{file}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    if as_object:
        as_json({"rows": rows})
    else:
        say(f"{rows} tokens in {file}; only this workspace can take them in again.")
    return 0


def _block(workspace: Workspace, form: str, reason: str, *, as_object: bool) -> int:
    from shodaku.suppression import services  # noqa: PLC0415

    made = services.block(workspace.workspace_id, form, reason=reason, by=BY, now=clock.now())
    if as_object:
        as_json({"number": made.block_no, "blocked": made.shown})
    else:
        say(f"{made.shown} is blocked (number {made.block_no}): no imports, no sign-ups, no mail.")
    return 0


def _unblock(workspace: Workspace, number: int, *, as_object: bool) -> int:
    """Who has the machine has what an owner has."""
    from shodaku.suppression import services  # noqa: PLC0415

    gone = services.unblock(workspace.workspace_id, number, by=BY, role=Role.OWNER, now=clock.now())
    if as_object:
        as_json({"lifted": number, "marks": gone})
    else:
        say(f"block {number} is lifted; {gone} addresses are free of it")
    return 0


def _check(workspace: Workspace, text: str, *, as_object: bool) -> int:
    from shodaku.suppression import lists  # noqa: PLC0415

    address = workspaces.email(text).address
    found = lists.ask(workspace.workspace_id, Channel.EMAIL, address, by=BY, now=clock.now())
    if as_object:
        as_json(
            {"suppressed": found is not None, "reason": found and found.reason, "since": found and found.at}
        )
    else:
        say("not on the list" if found is None else f"on the list since {found.at:%Y-%m-%d}: {found.reason}")
    return 0 if found is not None else 1
