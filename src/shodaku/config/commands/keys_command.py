"""`shodaku keys`: which key files there are and what to do; rotate, end, wrap. Prints no key."""

from __future__ import annotations

import argparse
import re

from shodaku.config import bind, key_report
from shodaku.config.commands.output import as_json, say, table
from shodaku.config.key_report import Line
from shodaku.kit import clock, keys, runtime
from shodaku.kit.errors import OutOfReach, WrongUse
from shodaku.kit.keys import KeyPurpose
from shodaku.ledger import rotation

BY = "command line"
_MADE_AGAIN = (KeyPurpose.OUTBOX, KeyPurpose.COOKIE, KeyPurpose.FORM)  # nothing old hangs on them
_NAME = re.compile(rf"({'|'.join(KeyPurpose)})(?:\.([1-9][0-9]{{0,4}}))?")


class NoKeyName(WrongUse):
    """A key file is named by its purpose and its number, such as kek.1; a purpose alone takes no --now."""

    code = "no_key_name"


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="the list as JSON")
    verbs = parser.add_subparsers(dest="verb")
    every = verbs.add_parser(
        "list", help="each key file, its age, and what to do; exit status 1 if it presses"
    )
    every.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    rotate = verbs.add_parser("rotate", help="a new epoch; keys in the vault are wrapped anew under it")
    rotate.add_argument("purpose", choices=[each.value for each in KeyPurpose])
    destroy = verbs.add_parser("destroy", help="end an old epoch for ever, once nothing hangs on it")
    destroy.add_argument("name", metavar="NAME", help="kek.1; or kek: each one whose time is over")
    destroy.add_argument("--now", action="store_true", help="before its time: old backups open no more")
    verbs.add_parser("wrap", help="put the keys from before a key service under it")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    match options.verb:
        case "rotate":
            return _rotate(KeyPurpose(options.purpose))
        case "destroy":
            return _destroy(options.name, at_once=options.now)
        case "wrap":
            return _wrap()
        case _:
            return _list(as_objects=options.json)


def _list(*, as_objects: bool) -> int:
    """Works without a database too: then nothing is counted."""
    bind.start()
    found = key_report.here(clock.now())
    if as_objects:
        as_json([_as_object(each) for each in found])
    else:
        table([_as_row(each) for each in found])
    return int(any(each.urgent for each in found))


def _as_object(line: Line) -> dict[str, object]:
    return {
        "file": line.name,
        "purpose": line.purpose.value,
        "epoch": line.epoch,
        "state": line.state.value,
        "age_days": line.age_days,
        "mode": line.mode,
        "wrapped": line.wrapped,
        "keys": line.keys,
        "advice": line.advice,
        "urgent": line.urgent,
    }


def _as_row(line: Line) -> dict[str, object]:
    absent = "-"
    return {
        "file": line.name,
        "state": line.state.value,
        "days": absent if line.age_days is None else line.age_days,
        "mode": line.mode or absent,
        "holds": absent if line.wrapped is None else "wrapped" if line.wrapped else "plain",
        "keys": absent if line.keys is None else line.keys,
        "to do": f"{'MEND ' if line.urgent else ''}{line.advice}",
    }


def _rotate(purpose: KeyPurpose) -> int:
    bind.start_command()
    from shodaku.config import pepper_rotation  # noqa: PLC0415 - Django is set up by bind

    if purpose is KeyPurpose.PEPPER:
        done = pepper_rotation.rotate_pepper(by=BY, now=clock.now())
    else:
        done = rotation.rotate(purpose, by=BY, now=clock.now())
    name = f"{purpose.value}.{done.epoch}"
    say(f"{name} is the newest key now, and each ledger says so.")
    if purpose in key_report.COUNTED:
        say(f"Keys wrapped anew: {done.rewrapped}")
    if purpose is KeyPurpose.PEPPER:
        say(f"Marks and addresses with one layer more: {done.rewrapped}")
        say("Copy the file to every machine of this installation now. No older pepper may ever be lost.")
    if purpose not in _MADE_AGAIN:
        say(f"Keep a copy of {runtime.current().keys / name} offline, away from every database backup.")
    files = rotation.files_of(purpose)
    for epoch in sorted(set(files) - {done.epoch}):
        if (since := rotation.ends_from(files, purpose, epoch)) is not None:
            say(f"From {since:%Y-%m-%d} on: shodaku keys destroy {purpose.value}.{epoch}")
    if done.unopened:
        say(f"{done.unopened} keys stay as they are: their key file is away, or they do not open.")
    return int(done.unopened > 0)


def _destroy(name: str, *, at_once: bool) -> int:
    match, now = _NAME.fullmatch(name), clock.now()
    if match is None or (at_once and match[2] is None):
        raise NoKeyName
    bind.start_command()
    purpose = KeyPurpose(match[1])
    epochs = rotation.due(purpose, now) if match[2] is None else [int(match[2])]
    for epoch in epochs:
        rotation.destroy(purpose, epoch, at_once=at_once, by=BY, now=now)
        say(f"{purpose.value}.{epoch} has ended: the file is gone, and each ledger says so.")
    say("Destroy the offline copies too." if epochs else f"No {purpose.value} file may end yet.")
    return 0


def _wrap() -> int:
    """Works without a database too, for the machine that signs has no vault; then it ends with status 1."""
    bind.start()
    names = keys.wrap_plain(runtime.current().keys)
    say(f"Wrapped by the key service: {', '.join(names) or 'all of them already'}")
    try:
        bind.start_command()
        rotation.record_wrapped(by=BY, now=clock.now())
    except OutOfReach as away:
        say(f"No ledger says so yet; repeat this command when it can: {away.message} {away.hint}".rstrip())
        return 1
    say("Each ledger says so.")
    return 0
