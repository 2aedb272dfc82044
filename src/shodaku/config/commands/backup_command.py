"""`shodaku backup FILE [--vault FILE] [--to age1…]`, `backup verify FILE`, `backup recipient`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from shodaku.config import environment, standing
from shodaku.config.commands.backup_progress import Teller
from shodaku.config.commands.output import as_json, require_free, say
from shodaku.kit import clock, keys
from shodaku.kit.errors import WrongUse
from shodaku.kit.keys import KeyPurpose, KeyRing

if TYPE_CHECKING:
    from pyrage import x25519

    from shodaku.backups.services import Opened


class NoFileNamed(WrongUse):
    """Name the file to write: shodaku backup FILE, --vault FILE, or both."""

    code = "no_file_named"


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="FILE | verify FILE | recipient", help="what to write, or to read again"
    )
    parser.add_argument(
        "--vault", type=Path, metavar="FILE", help="the keys of persons; for seven days at most"
    )
    parser.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="age1…",
        help="for this key in place of our own; repeatable",
    )
    parser.add_argument("--identity", type=Path, metavar="FILE", help="verify: a secret key of age")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    ring = keys.read_ring(environment.keys_folder(), KeyPurpose.BACKUP)
    match options.words:
        case ["verify", file]:
            return _verify(Path(file), ring, options)
        case ["recipient"]:
            return _recipient(ring)
        case [] if options.vault:
            return _make(None, ring, options)
        case [file] if file != "verify":
            return _make(Path(file), ring, options)
    raise NoFileNamed


def _make(file: Path | None, ring: KeyRing, options: argparse.Namespace) -> int:
    from shodaku.backups import encryption  # noqa: PLC0415 - only the chosen command loads its tools

    recipients = encryption.parse_recipients(options.to) or [encryption.own_recipient(ring)]
    require_free(file)
    require_free(options.vault)
    with standing.databases():
        if file is not None:
            _database(file, recipients, options)
        if options.vault is not None:  # afterwards: it then holds the key of everybody in the other file
            _vault(options.vault, recipients, options)
    return 0


def _database(file: Path, recipients: list[x25519.Recipient], options: argparse.Namespace) -> None:
    from django.conf import settings  # noqa: PLC0415 - Django is set up by run

    from shodaku.backups import services  # noqa: PLC0415
    from shodaku.config.databases import connect  # noqa: PLC0415
    from shodaku.ledger import services as ledger  # noqa: PLC0415

    now = clock.now()
    services.look_for_copies(now)  # so that the journal of this very host is known
    tell = Teller()
    try:
        with connect(settings.OWNER_URL) as owner:
            made = services.back_up(
                owner,
                file,
                recipients,
                now=now,
                keys=ledger.count_keys() if settings.VAULT_URL else 0,
                tell=tell,
            )
    finally:
        tell.end()
    _say_made(file, made.made_at.isoformat(), f"{len(made.workspaces)} workspaces", options)


def _vault(file: Path, recipients: list[x25519.Recipient], options: argparse.Namespace) -> None:
    from django.conf import settings  # noqa: PLC0415 - Django is set up by run

    from shodaku.backups import services  # noqa: PLC0415
    from shodaku.config.databases import connect  # noqa: PLC0415

    tell = Teller()
    try:
        with connect(settings.VAULT_URL) as vault:
            made = services.back_up_vault(vault, file, recipients, now=clock.now(), tell=tell)
    finally:
        tell.end()
    ends = f"{made.keys} keys; delete it by {made.destroy_after:%Y-%m-%d %H:%M} UTC: it opens until then"
    _say_made(file, made.made_at.isoformat(), ends, options)


def _say_made(file: Path, at: str, about: str, options: argparse.Namespace) -> None:
    size = file.stat().st_size
    if options.json:
        as_json({"file": str(file), "made_at": at, "bytes": size})
    else:
        say(f"{file}: {size} bytes, {about}")


def _verify(file: Path, ring: KeyRing, options: argparse.Namespace) -> int:
    """Without a database: a backup must be readable where nothing runs any more."""
    from shodaku.backups import archive  # noqa: PLC0415 - only the chosen command loads its tools

    opened = archive.read(file, identities(ring, options.identity), ring, archive.count_rows)
    if options.json:
        as_json(_as_json(opened))
    else:
        _tell(opened)
    return 0


def identities(ring: KeyRing, file: Path | None) -> list[x25519.Identity]:
    """Who may open it: all our keys, and those in the file. Raises NoIdentity."""
    from shodaku.backups import encryption  # noqa: PLC0415 - only the chosen command loads its tools

    ours = [encryption.identity_of(key) for key in ring.epochs.values()]
    return ours + (encryption.read_identities(file) if file else [])


def _as_json(opened: Opened) -> dict[str, object]:
    made = opened.manifest
    return {
        "format": "shodaku-backup/1",
        "kind": made.kind.value,
        "made_at": made.made_at.isoformat(),
        "version": made.version,
        "workspaces": list(made.workspaces.values()),
        "journal": {each.host: each.seq for each in made.journal},
        "signed": {made.workspaces[each]: size for each, size in made.heads.items()},
        "rows": opened.sums.rows,
        "members": len(opened.sums.members),
        "keys": made.keys,
        "destroy_after": made.destroy_after.isoformat() if made.destroy_after else None,
    }


def _tell(opened: Opened) -> None:
    made = opened.manifest
    say(f"{made.kind} of {made.made_at:%Y-%m-%d %H:%M:%S} UTC, version {made.version}: whole and unaltered")
    say(f"  {opened.sums.rows} rows of {len(made.tables)} tables in {len(opened.sums.members)} parts")
    for number, slug in made.workspaces.items():
        say(f"  {slug}: {made.heads.get(number, 0)} entries under its signed head")
    for each in made.journal:
        say(f"  journal of host {each.host}: up to line {each.seq}")
    if made.destroy_after:
        say(f"  {made.keys} keys of persons; may be restored until {made.destroy_after:%Y-%m-%d %H:%M} UTC")


def _recipient(ring: KeyRing) -> int:
    from shodaku.backups import encryption  # noqa: PLC0415 - only the chosen command loads its tools

    say(str(encryption.own_recipient(ring)))
    return 0
