"""`shodaku restore FILE [--vault FILE] [--journal FOLDER]`: into an empty database, and on from there."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shodaku.config import environment, standing
from shodaku.config.commands.backup_command import identities
from shodaku.config.commands.backup_progress import Teller
from shodaku.config.commands.fence_command import tell as tell_fence
from shodaku.config.commands.output import say
from shodaku.kit import clock, keys
from shodaku.kit.errors import WrongUse
from shodaku.kit.keys import KeyPurpose, KeyRing

if TYPE_CHECKING:
    from pyrage import x25519

    from shodaku.backups.services import Opened


class NothingToRestore(WrongUse):
    """Name what to restore: a backup, --vault FILE, or --journal FOLDER."""

    code = "nothing_to_restore"


class VaultNeeded(WrongUse):
    """The vault here is empty, and without its keys no proof opens: add --vault FILE, or --without-vault."""

    code = "vault_needed"


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, help="a backup of the database")
    parser.add_argument(
        "--vault", type=Path, metavar="FILE", help="the keys of persons, at most seven days old"
    )
    parser.add_argument(
        "--without-vault", action="store_true", help="they are lost: no older proof will open"
    )
    parser.add_argument(
        "--journal", type=Path, metavar="FOLDER", help="what was said since, from the old machine or a copy"
    )
    parser.add_argument(
        "--identity", type=Path, metavar="FILE", help="a secret key of age, as age-keygen writes it"
    )
    parser.add_argument("--replace", action="store_true", help="in the place of what the databases hold")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if not (options.file or options.vault or options.journal):
        raise NothingToRestore
    folder = environment.keys_folder()
    keys.require(folder, KeyPurpose)  # nothing may be made anew now: the tokens need the pepper of then
    ring = keys.read_ring(folder, KeyPurpose.BACKUP)
    who = identities(ring, options.identity)
    with standing.databases(make=True):
        return _restore(options, ring, who)


def _restore(options: argparse.Namespace, ring: KeyRing, who: list[x25519.Identity]) -> int:
    from shodaku.backups import services  # noqa: PLC0415 - Django is set up by run

    made_at: datetime | None = None
    if options.vault:
        services.checked_vault(options.vault, who, ring, clock.now())  # before anything is changed
    if options.file:
        loaded = _database(options, ring, who)
        made_at = loaded.manifest.made_at
        say(f"Database: {loaded.sums.rows} rows of {made_at:%Y-%m-%d %H:%M:%S} UTC. Sending is shut.")
    if options.vault:
        _vault(options, ring, who)
    if options.journal:
        hosts = services.take_in(options.journal, clock.now())
        say(f"Journals of {hosts} hosts are here now.")
    services.look_for_copies(clock.now())
    reason = f"restored from the backup of {made_at.isoformat()}" if made_at else "restored"
    outcome = services.reopen_if_shut(reason, by="command line", now=clock.now())
    tell_fence(outcome)
    return 0 if outcome.open else 1


def _database(options: argparse.Namespace, ring: KeyRing, who: list[x25519.Identity]) -> Opened:
    from django.conf import settings  # noqa: PLC0415 - Django is set up by run

    from shodaku.backups import services  # noqa: PLC0415
    from shodaku.config import bind  # noqa: PLC0415
    from shodaku.config.databases import connect  # noqa: PLC0415
    from shodaku.ledger import services as ledger  # noqa: PLC0415

    if not (options.vault or options.without_vault) and not ledger.count_keys():
        whole = services.checked(options.file, who, ring)
        if whole.manifest.keys:
            raise VaultNeeded(hint=f"{whole.manifest.keys} people have a key")
    bind.stop()  # our own connections must not count as somebody else's
    tell = Teller()
    try:
        with connect(settings.OWNER_URL) as owner:
            return services.load(owner, options.file, who, ring, replace=options.replace, tell=tell)
    finally:
        tell.end()


def _vault(options: argparse.Namespace, ring: KeyRing, who: list[x25519.Identity]) -> None:
    from django.conf import settings  # noqa: PLC0415 - Django is set up by run

    from shodaku.backups import services  # noqa: PLC0415
    from shodaku.config.databases import connect  # noqa: PLC0415

    tell = Teller()
    try:
        with connect(settings.VAULT_URL) as vault, connect(settings.OWNER_URL) as owner:
            loaded = services.load_vault(
                vault,
                owner,
                options.vault,
                who,
                ring,
                now=clock.now(),
                replace=options.replace,
                tell=tell,
            )
    finally:
        tell.end()
    left = loaded.opened.manifest.keys - loaded.dropped
    say(f"Vault: {left} keys; {loaded.dropped} of people who are gone since stay away.")
