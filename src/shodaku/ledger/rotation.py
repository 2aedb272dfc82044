"""Key files come and go: a new epoch, everything wrapped anew under it, and the end of an old one.

One change at a time. What was begun stands in the vault: who is killed anywhere goes on at the next call, and
no number is given twice. TRUST.md section 1.2, SECURITY.md section 5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Protocol
from uuid import UUID, uuid5

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shodaku.accounts import selectors as accounts
from shodaku.kit import db, keys, log, runtime
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.keys import KeyFile, KeyMissing, KeyPurpose
from shodaku.ledger import services, vault
from shodaku.ledger.domain import Kind, Value
from shodaku.ledger.vault import KeyDoesNotOpen, Rows, VaultAway

SLICE_KEYS: Final = 5_000  # of one commit
PASSES_MAX: Final = 5  # the second finds what was written meanwhile, the third nothing
# a backup of the vault is kept for 7 days, and opens with the old key; two keys sign a log for 30
OVERLAP_DAYS: Final = {KeyPurpose.KEK: 7, KeyPurpose.HOLD: 7, KeyPurpose.LEDGER: 30}
_EPOCH_MAX: Final = {KeyPurpose.LINK: 255, KeyPurpose.OUTBOX: 255}  # where it is one byte
_SMALLINT_MAX: Final = 32_767
_NOT_ROTATED: Final = {
    KeyPurpose.PEPPER: "The pepper is not rotated without the marks that were made under it.",
    KeyPurpose.COOKIE: "The cookie key has one epoch: replace its file and start the web server again.",
}
WRAPPED: Final = "admin.keys.wrapped"  # kind of its ledger entry
_ACTS: Final = UUID("6f3d9a52-8c1e-4b7f-9d60-2a5e7c4b1f83")

_sql = db.Statements("shodaku.ledger")


class NotRotated(WrongUse):
    """The key of this purpose is not rotated by a command."""

    code = "key_not_rotated"


class Layering(Protocol):
    """What becomes of marks in rooms above when the pepper gets one layer more (config.pepper_rotation)."""

    def require_room(self) -> None:
        """Raises what refuses one more epoch."""
        ...

    def used(self, epoch: int) -> bool:
        """May a mark hang on it?"""
        ...

    def begin(self, epoch: int) -> None:
        """Its file is there: from now on it must never be lost."""
        ...

    def convert(self, workspace_id: int, epoch: int) -> int:
        """Every mark of the workspace; how many, 0 if they have the layer."""
        ...


class NoSuchKeyFile(WrongUse):
    """No key file has this name."""

    code = "no_such_key_file"


class KeyStays(WrongUse):
    """A file of this purpose is never destroyed: what was made under it must be known for ever."""

    code = "key_stays"


class NewestStays(ShodakuError):
    """The newest key of its kind cannot end; rotate first."""

    code = "newest_key_stays"


class StillWrapping(ShodakuError):
    """Keys are still wrapped under this file; a rotation wraps them anew."""

    code = "still_wrapping"


class StillNeeded(ShodakuError):
    """The key that followed is too young; --now ends the older one all the same."""

    code = "key_still_needed"


class NoMoreEpochs(ShodakuError):
    """The purpose has had as many epochs as its numbers allow."""

    code = "no_more_epochs"


@dataclass(frozen=True, slots=True)
class Rotation:
    purpose: KeyPurpose
    epoch: int
    rewrapped: int  # keys of all workspaces, in as many calls as it took
    unopened: int  # keys that stay as they are: their file is not here, or they do not open


@dataclass(frozen=True, slots=True)
class _Table:
    page: str
    rewrap: str
    before_all: int | UUID  # an id that comes before every one of the table
    bound_to: Callable[[int, Any], bytes]  # of a workspace and an id of either type


_TABLES: Final = {
    KeyPurpose.KEK: _Table("list_person_keys_page", "rewrap_person_keys", -1, vault.whose),
    KeyPurpose.HOLD: _Table("list_hold_keys_page", "rewrap_hold_keys", UUID(int=0), vault.which),
}


def rotate(purpose: KeyPurpose, *, by: str, now: datetime, layering: Layering | None = None) -> Rotation:
    """A new epoch, used by every process at once; every key under an older one wrapped anew; an entry in each
    workspace. A rotation that was cut off is finished instead of a new one begun.

    The pepper needs its `layering`, and no other key has one. Raises NotRotated, NoMoreEpochs,
    KeyUnavailable, VaultAway.
    """
    if purpose in _NOT_ROTATED and not (purpose is KeyPurpose.PEPPER and layering is not None):
        raise NotRotated(_NOT_ROTATED[purpose])
    with _one_at_a_time():
        return _rotated(purpose, by, now, layering)


def rotate_when_old(purpose: KeyPurpose, *, after: timedelta, by: str, now: datetime) -> Rotation | None:
    """As `rotate`, if the newest key is that old or a rotation was cut off; None: neither is so."""
    if purpose in _NOT_ROTATED:
        raise NotRotated(_NOT_ROTATED[purpose])
    with _one_at_a_time():
        files = files_of(purpose)
        young = not files or now - files[max(files)].made_at < after
        if young and _given(purpose)[0] is None:
            return None
        return _rotated(purpose, by, now)


def record_wrapped(*, by: str, now: datetime) -> None:
    """An entry in each workspace: which key files are under the key service. Who wraps nothing more writes
    none, and who goes on after a crash writes what is missing. Raises VaultAway.
    """
    folder = runtime.current().keys
    names = [each.name for each in keys.inspect(folder) if each.wrapped]
    # of what stands in the files: a key that is wrapped once more is another act
    contents = sha256(b"".join(sha256((folder / name).read_bytes()).digest() for name in names)).hexdigest()
    said: dict[str, Value] = {"files": names, "by": by}
    for each in accounts.workspaces():
        event_id = uuid5(_ACTS, f"wrapped\0{contents}\0{each.workspace_id}")
        services.record_act(each.workspace_id, WRAPPED, said, event_id=event_id, now=now)


def destroy(purpose: KeyPurpose, epoch: int, *, at_once: bool, by: str, now: datetime) -> None:
    """End an old epoch: the vault takes nothing under it any more, then its file is removed. Repeating it
    finishes what was cut off.

    Raises KeyStays, NoSuchKeyFile, NewestStays, StillWrapping, StillNeeded, VaultAway.
    """
    if purpose not in OVERLAP_DAYS:
        raise KeyStays
    with _one_at_a_time():
        if not vault.rows("is_ended", purpose=purpose.value, epoch=epoch)[0][0]:
            _require_old(purpose, epoch, at_once=at_once, now=now)
            _end(purpose, epoch)
        elif keys.remove_epoch(runtime.current().keys, purpose, epoch):
            log.info("key.removed", purpose=purpose.value, epoch=epoch)  # a copy, on another machine
        _finish_ends(by, now)


def ends_from(files: Mapping[int, KeyFile], purpose: KeyPurpose, epoch: int) -> datetime | None:
    """When the key that followed is old enough; None for one that nothing follows, or that never ends."""
    later = [each for each in files if each > epoch]
    if purpose not in OVERLAP_DAYS or not later:
        return None
    return files[min(later)].made_at + timedelta(days=OVERLAP_DAYS[purpose])


def due(purpose: KeyPurpose, now: datetime) -> list[int]:
    """Epochs whose time is over by now, oldest first. Raises KeyStays."""
    if purpose not in OVERLAP_DAYS:
        raise KeyStays
    files = files_of(purpose)
    return [each for each in files if (since := ends_from(files, purpose, each)) is not None and since <= now]


def files_of(purpose: KeyPurpose) -> dict[int, KeyFile]:
    return {each.epoch: each for each in keys.inspect(runtime.current().keys) if each.purpose is purpose}


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """On a connection of its own: the lock ends with it, however this process ends. Raises VaultAway."""
    connection = _locked()
    try:
        yield
    finally:
        connection.close()


def _locked() -> psycopg.Connection[Any]:
    try:
        connection = psycopg.connect(runtime.current().vault_url, autocommit=True, connect_timeout=2)
        connection.execute(_sql.text("lock_rotation"))
    except psycopg.OperationalError as error:
        raise VaultAway from error
    return connection


def _rotated(purpose: KeyPurpose, by: str, now: datetime, layering: Layering | None = None) -> Rotation:
    epoch = _begun(purpose, layering)
    unopened = _rewrap(purpose, epoch) if purpose in _TABLES else 0
    counts: dict[int, int] = dict(vault.rows("list_rewrapped", purpose=purpose.value, epoch=epoch))
    if layering is not None:
        counts = _layered(layering, epoch)
    _record_rotation(purpose, epoch, counts, by, now)
    vault.run("update_rotation_finished", purpose=purpose.value, epoch=epoch)
    _finish_ends(by, now)
    rewrapped = sum(counts.values())
    log.info("key.rotated", purpose=purpose.value, epoch=epoch, rewrapped=rewrapped, unopened=unopened)
    return Rotation(purpose, epoch, rewrapped, unopened)


def _layered(layering: Layering, epoch: int) -> dict[int, int]:
    """Workspaces that are made meanwhile begin with the new layer."""
    layering.begin(epoch)
    return {each.workspace_id: layering.convert(each.workspace_id, epoch) for each in accounts.workspaces()}


def _begun(purpose: KeyPurpose, layering: Layering | None) -> int:
    """The epoch that is under way, its file in place."""
    folder, there = runtime.current().keys, files_of(purpose)
    unfinished, highest = _given(purpose)
    if unfinished is not None:
        if unfinished in there:
            return unfinished
        _abandon(purpose, unfinished, used=layering is not None and layering.used(unfinished))
    if layering is not None:
        layering.require_room()
    epoch = max(highest, *there, 0) + 1
    if epoch > _EPOCH_MAX.get(purpose, _SMALLINT_MAX):
        raise NoMoreEpochs
    vault.run("insert_rotation", purpose=purpose.value, epoch=epoch)
    keys.add_epoch(folder, purpose, epoch)
    return epoch


def _given(purpose: KeyPurpose) -> tuple[int | None, int]:
    """The epoch that was begun and not finished, and the highest number of all."""
    ((unfinished, highest),) = vault.rows("get_rotation", purpose=purpose.value)
    return unfinished, highest


def _abandon(purpose: KeyPurpose, epoch: int, *, used: bool) -> None:
    """Begun, and no file: a second one of this number must never be made, for the first may be elsewhere."""
    if used or (purpose in _TABLES and vault.count_by_epoch(purpose).get(epoch, 0)):
        raise KeyMissing(hint=f"{runtime.current().keys}/{purpose.value}.{epoch}: copy it to this machine")
    vault.run("update_rotation_finished", purpose=purpose.value, epoch=epoch)


def _rewrap(purpose: KeyPurpose, epoch: int) -> int:
    """Pass after pass, until one finds nothing; how many keys did not open."""
    unopened = 0
    for _ in range(PASSES_MAX):
        rewrapped, unopened = _pass(purpose, _TABLES[purpose], epoch)
        if not rewrapped:
            break
    return unopened


def _pass(purpose: KeyPurpose, table: _Table, epoch: int) -> tuple[int, int]:
    """Each slice is a commit. How many keys were written, and how many did not open."""
    ring = keys.read_ring(runtime.current().keys, purpose)
    ciphers = {each: AESGCM(key) for each, key in ring.epochs.items()}
    rewrapped = unopened = 0
    at: tuple[int, int | UUID] = (-1, table.before_all)
    while page := vault.rows(
        table.page, workspace_id=at[0], subject_id=at[1], epoch=epoch, rows_max=SLICE_KEYS
    ):
        renewed = _renewed(page, table, ciphers, epoch)
        if renewed:
            _write(table, renewed, epoch)
        rewrapped += len(renewed)
        unopened += len(page) - len(renewed)
        at = page[-1][2], page[-1][3]
    return rewrapped, unopened


def _renewed(
    page: Rows, table: _Table, ciphers: Mapping[int, AESGCM], epoch: int
) -> list[tuple[int, int | UUID, bytes, bytes]]:
    """Workspace, id, wrapped before and after; what does not open is left out."""
    newest, renewed = ciphers[epoch], []
    for under, wrapped, workspace_id, subject_id in page:
        bound_to = table.bound_to(workspace_id, subject_id)
        try:
            key = vault.unwrap(ciphers[under], bound_to, wrapped)
        except (KeyError, KeyDoesNotOpen):  # KeyError: the file of its epoch is not here
            continue
        renewed.append((workspace_id, subject_id, wrapped, vault.wrap(newest, bound_to, key)))
    return renewed


def _write(table: _Table, renewed: list[tuple[int, int | UUID, bytes, bytes]], epoch: int) -> None:
    workspaces, subjects, before, after = zip(*renewed, strict=True)
    vault.run(
        table.rewrap,
        epoch=epoch,
        workspaces=list(workspaces),
        subjects=list(subjects),
        before=list(before),
        after=list(after),
    )


def _require_old(purpose: KeyPurpose, epoch: int, *, at_once: bool, now: datetime) -> None:
    files = files_of(purpose)
    name = f"{purpose.value}.{epoch}"
    if epoch not in files:
        raise NoSuchKeyFile(hint=f"{name} is not in {runtime.current().keys}")
    since = ends_from(files, purpose, epoch)
    if since is None:
        raise NewestStays(hint=f"shodaku keys rotate {purpose.value}")
    if purpose in _TABLES and (count := vault.count_by_epoch(purpose).get(epoch, 0)):
        raise StillWrapping(hint=f"{count} under {name}: shodaku keys rotate {purpose.value}")
    if not at_once and now < since:
        raise StillNeeded(hint=f"{name} may end from {since:%Y-%m-%d %H:%M} UTC on")


def _end(purpose: KeyPurpose, epoch: int) -> None:
    """Counted while nobody can write, so that nobody writes between the count and the end."""
    named = {"purpose": purpose.value, "epoch": epoch}
    with vault.connected() as connection, connection.transaction():
        connection.execute(_sql.text("set_lock_timeout"))
        connection.execute(_sql.text("lock_wrapped_keys"))
        counts = connection.execute(_sql.text("count_wrapped")).fetchall()
        if any((of, each) == (purpose.value, epoch) for of, each, _count in counts):
            raise StillWrapping(hint=f"{purpose.value}.{epoch}: shodaku keys rotate {purpose.value}")
        connection.execute(_sql.text("insert_ended"), named)


def _finish_ends(by: str, now: datetime) -> None:
    """The file goes last of what cannot be undone, and the entries after it: until they are written, the end
    is found here again.
    """
    for name, epoch in vault.rows("list_unrecorded_ends"):
        purpose = KeyPurpose(name)
        if purpose in _TABLES and vault.count_by_epoch(purpose).get(epoch, 0):
            raise StillWrapping(hint=f"{name}.{epoch}: shodaku keys rotate {name}")
        keys.remove_epoch(runtime.current().keys, purpose, epoch)
        said: dict[str, Value] = {"purpose": name, "epoch": epoch, "ended": True, "by": by}
        for each in accounts.workspaces():
            _record(each.workspace_id, "ended", said, now)
        vault.run("update_ended_recorded", purpose=name, epoch=epoch)
        log.info("key.ended", purpose=name, epoch=epoch)


def _record_rotation(
    purpose: KeyPurpose, epoch: int, counts: Mapping[int, int], by: str, now: datetime
) -> None:
    for each in accounts.workspaces():
        said: dict[str, Value] = {"purpose": purpose.value, "epoch": epoch, "by": by}
        if purpose in _TABLES:
            said["rewrapped"] = counts.get(each.workspace_id, 0)
        _record(each.workspace_id, "rotated", said, now)


def _record(workspace_id: int, act: str, said: Mapping[str, Value], now: datetime) -> None:
    """The same act has the same id: who goes on after a crash writes no second entry."""
    event_id = uuid5(_ACTS, f"{act}\0{said['purpose']}\0{said['epoch']}\0{workspace_id}")
    services.record_act(workspace_id, Kind.KEY_ROTATED, said, event_id=event_id, now=now)
