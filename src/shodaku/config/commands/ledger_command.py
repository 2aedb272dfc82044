"""`shodaku ledger`: checkpoints, the audit, proofs for others, keys, and what is kept outside."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from shodaku.config.commands import ledger_anchor, ledger_bundle, workspaces
from shodaku.config.commands.output import FileUnwritable, as_json, require_free, say
from shodaku.kit import clock
from shodaku.kit.errors import OutOfReach, WrongUse

if TYPE_CHECKING:
    from shodaku.accounts.domain import Workspace
    from shodaku.ledger.auditing import Audit
    from shodaku.ledger.notes import Note

CHECKPOINT_BYTES_MAX = 16 << 20  # of one file with checkpoints
FILES_MAX = 10_000


class NoCheckpoint(WrongUse):
    """Nothing is in the log yet; the first entry makes it."""

    code = "no_checkpoint"


class UnreadableCheckpoints(WrongUse):
    """The file holds no signed checkpoints."""

    code = "unreadable_checkpoints"


class NoPlace(WrongUse):
    """The log has no entry at this place."""

    code = "no_place"


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    checkpoint = _verb(verbs, "checkpoint", "the signed state of the log, to be kept by others", _checkpoint)
    checkpoint.add_argument("--size", type=int, help="an earlier one, over so many entries")
    _verb(verbs, "keys", "the verifier keys of the log, the newest first", _keys)
    verify = _verb(
        verbs, "verify", "read everything again; exit status 1 if something does not agree", _verify
    )
    verify.add_argument(
        "--against",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="checkpoints that were kept outside: a file, or a folder of them; may be repeated",
    )
    entry = _verb(verbs, "entry", "what stands at one place of the log", _entry)
    entry.add_argument("index", type=int)
    publish = _verb(verbs, "publish", "may strangers read entries, or their hashes alone?", _publish)
    publish.add_argument("what", choices=("entries", "hashes"))
    go_on = _verb(
        verbs,
        "continue",
        "go on with a log that is not the one signed here last, as after a restore",
        _continue,
    )
    go_on.add_argument("--reason", required=True, help="why it is right; the first entry of what follows")
    verifier = verbs.add_parser("verifier", help="the program that checks proofs without us, as one file")
    verifier.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    verifier.set_defaults(act=_verifier)
    ledger_bundle.define(verbs)
    ledger_anchor.define(verbs)
    parser.set_defaults(run=run)


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    about: str,
    act: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=about)
    verb.add_argument("--json", action="store_true")
    workspaces.define(verb)
    verb.set_defaults(act=act)
    return verb


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    if options.verb == "anchor":
        return ledger_anchor.run(options)
    if options.verb != "verifier":
        bind.start_command()
    act: Callable[[argparse.Namespace], int] = options.act
    return act(options)


def _checkpoint(options: argparse.Namespace) -> int:
    from shodaku.ledger import selectors, services  # noqa: PLC0415 - Django is set up by run

    workspace_id = workspaces.chosen(options).workspace_id
    with suppress(OutOfReach):  # without the signing key the newest one that exists is shown
        services.sequence_all(workspace_id, now=clock.now())
    found = (
        selectors.head(workspace_id)
        if options.size is None
        else selectors.checkpoint_of(workspace_id, options.size)
    )
    if found is None:
        raise NoCheckpoint if options.size is None else selectors.NoSuchCheckpoint
    if options.json:
        as_json({"size": found.size, "root": found.root.hex(), "at": found.at, "note": found.note})
    else:
        say(found.note.rstrip("\n"))
    return 0


def _keys(options: argparse.Namespace) -> int:
    from shodaku.ledger import selectors  # noqa: PLC0415 - Django is set up by run

    vkeys = selectors.verifier_keys(workspaces.chosen(options).workspace_id)
    if not vkeys:
        raise NoCheckpoint
    if options.json:
        as_json(vkeys)
    else:
        for vkey in vkeys:
            say(vkey)
    return 0


def _verify(options: argparse.Namespace) -> int:
    """Of one workspace, or of all of them when none is named and nothing is compared."""
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - Django is set up by run
    from shodaku.consent import services as consent  # noqa: PLC0415

    outside = [note for place in options.against for note in _kept(place)]
    chosen = [workspaces.chosen(options)] if options.workspace or options.against else accounts.workspaces()
    agree = True
    for each in chosen:
        found = consent.audit(each.workspace_id, now=clock.now(), outside=outside)
        agree = agree and found.consistent
        if options.json:
            as_json(_audit_as_json(each, found))
        else:
            _tell(each, found, compared=bool(outside))
    return 0 if agree else 1


def _audit_as_json(workspace: Workspace, audit: Audit) -> dict[str, object]:
    return {
        "workspace": workspace.slug,
        "size": audit.size,
        "checkpoints": audit.checkpoints,
        "outside": audit.outside,
        "entries": audit.entries,
        "opened": audit.opened,
        "shredded": audit.shredded,
        "seconds": audit.seconds,
        "faults": [{"kind": fault.kind.value, "number": fault.number} for fault in audit.faults],
    }


def _tell(workspace: Workspace, audit: Audit, *, compared: bool) -> None:
    from shodaku.ledger.faults import sentence  # noqa: PLC0415 - Django is set up by run

    say(
        f"{workspace.slug}: {audit.entries} entries, {audit.opened} opened, "
        f"{audit.shredded} of erased people; {audit.size} in the log, "
        f"{audit.checkpoints} checkpoints computed again; {audit.seconds} s"
    )
    for fault in audit.faults:
        say(f"  {sentence(fault, 'en')}")
    if compared:
        say(f"  {audit.outside} checkpoints from outside agree")
    elif audit.size:
        say(
            "  not compared with a checkpoint from outside: only --against shows that the newest "
            "entries were taken away, or that who holds the key wrote the whole log anew"
        )


def _kept(place: Path) -> Iterator[Note]:
    """Raises UnreadableCheckpoints."""
    from shodaku.ledger.notes import NoteFault, read_notes  # noqa: PLC0415 - only this verb needs it

    for file in _files(place):
        try:
            with file.open("rb") as source:
                text = source.read(CHECKPOINT_BYTES_MAX + 1)
            if len(text) > CHECKPOINT_BYTES_MAX:
                raise UnreadableCheckpoints(hint=f"{file}: more than {CHECKPOINT_BYTES_MAX >> 20} MiB")
            yield from read_notes(text.decode())
        except OSError as error:
            raise UnreadableCheckpoints(hint=f"{file}: {error.strerror}") from error
        except (UnicodeDecodeError, NoteFault) as error:
            raise UnreadableCheckpoints(hint=str(file)) from error


def _files(place: Path) -> Sequence[Path]:
    if not place.is_dir():
        return [place]
    return sorted(each for each in place.iterdir() if each.is_file() and not each.name.startswith("."))[
        :FILES_MAX
    ]


def _entry(options: argparse.Namespace) -> int:
    from shodaku.ledger import selectors  # noqa: PLC0415 - Django is set up by run

    workspace_id = workspaces.chosen(options).workspace_id
    found = selectors.entries_at(workspace_id, options.index, options.index + 1) if options.index >= 0 else []
    if not found:
        raise NoPlace
    (place,) = found
    if options.json:
        as_json({"index": place.index, "hash": place.hash.hex(), "entry": place.entry})
    else:
        say(f"{place.index}  {place.hash.hex()}")
        say(place.entry or "the entry is not there any more: shodaku ledger verify")
    return 0


def _publish(options: argparse.Namespace) -> int:
    from shodaku.ledger import services  # noqa: PLC0415 - Django is set up by run

    workspace = workspaces.chosen(options)
    services.publish_entries(
        workspace.workspace_id, published=options.what == "entries", by="command line", now=clock.now()
    )
    say(f"{workspace.slug}: {options.what} are public")
    return 0


def _continue(options: argparse.Namespace) -> int:
    from shodaku.ledger import services  # noqa: PLC0415 - Django is set up by run

    workspace = workspaces.chosen(options)
    taken = services.continue_log(workspace.workspace_id, options.reason, by="command line", now=clock.now())
    say(f"{workspace.slug}: the log goes on, {taken} entries taken up")
    return 0


def _verifier(options: argparse.Namespace) -> int:
    from shodaku.ledger import verify  # noqa: PLC0415 - only this verb needs it

    require_free(options.output)
    source = Path(verify.__file__).read_text(encoding="utf-8")
    try:
        options.output.write_text(source, encoding="utf-8")
    except OSError as error:
        raise FileUnwritable(hint=f"{options.output}: {error.strerror}") from error
    say(f"python3 -I {options.output} BUNDLE --key VKEY")
    return 0
