"""`shodaku ledger anchor`: the checkpoint is put where whoever runs this cannot change it unnoticed."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shodaku.config.commands import output, workspaces
from shodaku.config.commands.output import as_json, say, table
from shodaku.kit import clock

if TYPE_CHECKING:
    from shodaku.ledger.selectors import Outcome, Receipt

BY: Final = "command line"
FAILED: Final = 1
_HOW: Final = "HOW-TO-CHECK.txt"


def define(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """One more verb of `shodaku ledger`; `run` is then called with its options."""
    anchor = verbs.add_parser(
        "anchor", help="put the newest checkpoint outside now; or say where it is to be put"
    )
    anchor.add_argument("--json", action="store_true")
    workspaces.define(anchor)
    inner = anchor.add_subparsers(dest="anchor_verb", metavar="[run | add | list | remove | export]")
    _verb(inner, "run", "as without a word: exit status 1 if a place could not be reached")
    add = _verb(inner, "add", "one more place outside, from the next time on")
    add.add_argument("kind", choices=["mail", "file", "git", "rfc3161", "witness"])
    add.add_argument("place", help="an address, a folder, or the URL of an authority or a witness")
    add.add_argument(
        "--vkey", help="verifier key of a witness, or a PEM file with the certificates of an authority"
    )
    _verb(inner, "list", "the places, what is there, and what that is worth")
    remove = _verb(inner, "remove", "nothing more is put there")
    remove.add_argument("target_id", type=int, metavar="NUMBER")
    export = _verb(inner, "export", "what the places gave, with the commands to check it without us")
    export.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="a new folder")


def _verb(
    inner: argparse._SubParsersAction[argparse.ArgumentParser], name: str, about: str
) -> argparse.ArgumentParser:
    """Shared options may stand before or after the word; after it, they must not undo what stood before."""
    verb = inner.add_parser(name, help=about)
    verb.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    verb.add_argument("--workspace", metavar="SLUG", default=argparse.SUPPRESS)
    return verb


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    chosen = {"add": _add, "list": _list, "remove": _remove, "export": _export}
    return chosen.get(options.anchor_verb or "run", _run)(options)


def _run(options: argparse.Namespace) -> int:
    from shodaku.ledger import services  # noqa: PLC0415 - Django is set up by run
    from shodaku.ledger.selectors import Result  # noqa: PLC0415

    outcomes = services.anchor(workspaces.chosen(options).workspace_id, now=clock.now())
    if options.json:
        as_json([_outcome(each) for each in outcomes])
    else:
        for each in outcomes:
            told = f": {each.fault.sentence('en')}" if each.fault else ""
            size = "nothing" if each.size is None else f"{each.size} entries"
            say(f"{each.target_id} {each.kind}: {each.result}, {size} there{told}")
        if not outcomes:
            say("no place outside but mails, which leave once a day; see shodaku ledger anchor add")
    return FAILED if any(each.result is Result.FAILED for each in outcomes) else 0


def _outcome(outcome: Outcome) -> dict[str, object]:
    return {
        "target": outcome.target_id,
        "kind": outcome.kind.value,
        "result": outcome.result.value,
        "size": outcome.size,
        "fault": None if outcome.fault is None else str(outcome.fault),
        "alarming": outcome.fault is not None and outcome.fault.alarming,
    }


def _add(options: argparse.Namespace) -> int:
    from shodaku.ledger import services  # noqa: PLC0415 - Django is set up by run
    from shodaku.notices import services as notices  # noqa: PLC0415

    workspace_id, now = workspaces.chosen(options).workspace_id, clock.now()
    if options.kind == "mail" and options.vkey is None:  # else add_target says what is wrong with that
        target_id = notices.add_reader(workspace_id, workspaces.email(options.place), by=BY, now=now)
    else:
        vkey = options.vkey
        if vkey is not None and options.kind == "rfc3161":
            vkey = str(Path(vkey).absolute())
        place = str(Path(options.place).absolute()) if options.kind in ("file", "git") else options.place
        target_id = services.add_target(workspace_id, options.kind, place, vkey, by=BY, now=now)
    if options.json:
        as_json({"target": target_id})
    else:
        say(f"{target_id}: from the next time on; to put it there now: shodaku ledger anchor run")
    return 0


def _list(options: argparse.Namespace) -> int:
    from shodaku.ledger import selectors  # noqa: PLC0415 - Django is set up by run

    state = selectors.anchor_state(workspaces.chosen(options).workspace_id)
    if options.json:
        as_json(
            {
                "level": state.level.value,
                "size": state.size,
                "head": state.head,
                "alarming": state.alarming,
                "targets": [
                    {
                        "target": each.target_id,
                        "kind": each.kind.value,
                        "place": each.place,
                        "size": each.size,
                        "at": each.at,
                        "fault": None if each.fault is None else str(each.fault),
                        "signature_checked": not each.unchecked,
                    }
                    for each in state.targets
                ],
            }
        )
        return 0
    table(
        [
            {
                "number": each.target_id,
                "kind": each.kind.value,
                "place": each.place,
                "entries": each.size or 0,
                "at": each.at.isoformat(timespec="seconds") if each.at else "never",
                "": each.sentence("en"),
            }
            for each in state.targets
        ]
    )
    covered = f" ({state.size} of {state.head} entries)" if state.size else ""
    say(f"{state.level.value}: {state.sentence('en')}{covered}")
    return 0


def _remove(options: argparse.Namespace) -> int:
    from shodaku.ledger import services  # noqa: PLC0415 - Django is set up by run

    workspace_id = workspaces.chosen(options).workspace_id
    services.remove_target(workspace_id, options.target_id, by=BY, now=clock.now())
    if options.json:
        as_json({"removed": options.target_id})
    else:
        say(f"{options.target_id}: nothing more is put there; what is there stays")
    return 0


def _export(options: argparse.Namespace) -> int:
    workspace = workspaces.chosen(options)
    output.require_free(options.output)
    try:
        options.output.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise output.FileUnwritable(hint=f"{options.output}: {error.strerror}") from error
    count = 0
    commands: list[str] = []
    for receipt in _receipts(workspace.workspace_id):
        commands += _write(options.output, workspace.slug, receipt)
        count += 1
    _write_new(options.output / _HOW, _how(commands).encode())
    if options.json:
        as_json({"receipts": count, "time_stamps": len(commands), "folder": str(options.output)})
    else:
        say(f"{count} receipts, {len(commands)} of them time stamps")
        say(f"how to check them: {options.output / _HOW}")
    return 0


def _receipts(workspace_id: int) -> Iterator[Receipt]:
    from shodaku.ledger import selectors  # noqa: PLC0415 - Django is set up by run

    after = (0, 0)
    while page := selectors.receipts(workspace_id, after=after):
        yield from page
        after = (page[-1].target_id, page[-1].size)


def _write(folder: Path, slug: str, receipt: Receipt) -> list[str]:
    """The files of one receipt; the command that checks it, if another program can."""
    name = f"{slug}-{receipt.size:012d}"
    match receipt.kind.value:
        case "rfc3161":
            signed, answer = f"{name}.signed", f"{name}-{receipt.target_id}.tsr"
            _write_once(folder / f"{name}.txt", receipt.note.encode())
            # what was stamped: the three lines, without the empty one and the signatures
            _write_once(folder / signed, receipt.note.partition("\n\n")[0].encode() + b"\n")
            _write_new(folder / answer, receipt.receipt)
            return [_command(signed, answer, receipt.vkey)]
        case "witness":
            cosigned = receipt.note.encode() + receipt.receipt
            _write_new(folder / f"{name}-{receipt.target_id}.cosigned.txt", cosigned)
        case _:
            _write_once(folder / f"{name}.txt", receipt.note.encode())
            told = (receipt.kind.value, receipt.at.isoformat(), receipt.receipt.decode(errors="replace"))
            _write_new(folder / f"{name}-{receipt.target_id}.receipt.txt", ("\t".join(told) + "\n").encode())
    return []


def _command(signed: str, answer: str, certificates: str | None) -> str:
    words = ["openssl", "ts", "-verify", "-data", signed, "-in", answer, "-CAfile"]
    return shlex.join([*words, certificates or "CERTIFICATES-OF-THE-AUTHORITY.pem"])


def _how(commands: Sequence[str]) -> str:
    lines = [
        "*.txt            a checkpoint: shodaku ledger verify --against FILE",
        "*.cosigned.txt   a checkpoint with the line of a witness: shodaku-verify --witness VKEY",
        "*.receipt.txt    where a copy was put, and when",
        "*.tsr            a time stamp (RFC 3161) over the file *.signed of the same number;",
        "                 in this folder, with the certificates of the authority, OpenSSL checks it:",
        "",
        *commands,
    ]
    return "\n".join(lines) + "\n"


def _write_once(file: Path, content: bytes) -> None:
    """Several receipts are about the same checkpoint."""
    if not file.exists():
        _write_new(file, content)


def _write_new(file: Path, content: bytes) -> None:
    try:
        with file.open("xb") as target:
            target.write(content)
    except OSError as error:
        raise output.FileUnwritable(hint=f"{file}: {error.strerror}") from error
