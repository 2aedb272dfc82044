"""Record what happened, so that nobody can alter it unnoticed; forget a person so that nobody can read it."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shodaku.accounts import selectors as accounts
from shodaku.contacts import services as contacts
from shodaku.kit import db, log, runtime
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.kit.keys import KeyPurpose
from shodaku.ledger import anchoring, auditing, evidence, targets, vault
from shodaku.ledger.anchoring import anchor
from shodaku.ledger.auditing import Audit
from shodaku.ledger.domain import NONCE_BYTES, Value, hold_label, hour_of, jcs, make_entry, seal, unseal
from shodaku.ledger.evidence import (
    FileBroken,
    KeptFile,
    NoFile,
    keep_file,
    keep_picture,
    open_aside,
    seal_aside,
)
from shodaku.ledger.images import Picture, TooManyBytes, UnfitFile, plain_picture, turned
from shodaku.ledger.notes import Note
from shodaku.ledger.sequencing import LedgerForked, NoWorkspace, sequence, sequence_all, sequence_due
from shodaku.ledger.targets import NoTarget, TargetThere, TooManyTargets, keep_fault, keep_receipt
from shodaku.ledger.vault import KeyDestroyed, KeyDoesNotOpen, VaultAway

if TYPE_CHECKING:
    from shodaku.ledger.paper_words import Language
    from shodaku.ledger.proving import Bundle

WAITING_ROWS_MAX = 500
WORKSPACES_REMEMBERED = 10_000
CONTINUED = "admin.ledger.continued"
PUBLISHED = "admin.ledger.published"
TARGET_ADDED = "admin.anchor.added"
TARGET_REMOVED = "admin.anchor.removed"
PAPER_LIBRARIES: Final = ("segno", "typst")  # an extra
INSTALLATION = 0  # the "person" of acts that are nobody's: imports, settings, sign-ins of staff

__all__ = [
    "Act",
    "Appended",
    "FileBroken",
    "KeptFile",
    "KeyDestroyed",
    "LedgerForked",
    "NoFile",
    "NoTarget",
    "Picture",
    "TargetThere",
    "TooManyBytes",
    "TooManyTargets",
    "UnfitFile",
    "VaultAway",
    "add_target",
    "anchor",
    "append",
    "append_even_without_vault",
    "append_many",
    "append_many_even_without_vault",
    "audit",
    "count_keys",
    "ensure_keys",
    "files_to_seal",
    "fingerprint_of_key",
    "forget",
    "keep_fault",
    "keep_file",
    "keep_picture",
    "keep_receipt",
    "make_pdf",
    "open_aside",
    "open_sealed_away",
    "paper_available",
    "plain_picture",
    "publish_entries",
    "read_file",
    "record_act",
    "record_act_even_without_vault",
    "remove_target",
    "renew_key",
    "seal_aside",
    "seal_away",
    "sequence",
    "sequence_all",
    "sequence_due",
    "settle_waiting",
    "shred",
    "shred_hold",
    "turned",
]

_sql = db.Statements("shodaku.ledger")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happened to one person. `event_id` comes from the client side of the act, so that a
    retry is the same entry.
    """

    contact_id: int
    event_id: UUID
    kind: str
    at: datetime
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Appended:
    entries: list[int | None]  # in the order of the acts; None: it waits, or is sealed for nobody
    waiting: int
    of_nobody: int  # acts of people whose key was destroyed


@dataclass(frozen=True, slots=True)
class _Written:
    event_id: UUID
    entry_id: int


@dataclass(frozen=True, slots=True)
class _Count:
    contact_id: int
    entries: int


@dataclass(frozen=True, slots=True)
class _Waiting:
    contact_id: int
    event_id: UUID
    kind: str
    hour: int
    body: bytes


def ensure_keys(workspace_id: int, contact_ids: Sequence[int]) -> None:
    """Person keys exist before the transaction that seals under them begins. Raises VaultAway."""
    if contact_ids:
        vault.ensure(workspace_id, contact_ids)


def count_keys() -> int:
    """How many people have a key. Raises VaultAway."""
    return vault.count()


def append(act: Act) -> int:
    """Write one entry in the open transaction; its number. Raises VaultAway, KeyDestroyed."""
    return append_many([act])[0]


def append_many(acts: Sequence[Act]) -> list[int]:
    """Write entries in the open transaction; their numbers in the order of `acts`. Raises VaultAway,
    KeyDestroyed.

    Field `n` counts a person's entries from 1; the caller holds the contact's row lock.
    """
    if not acts:
        return []
    return _seal(acts, vault.read_to_seal(db.workspace(), sorted({act.contact_id for act in acts})))


def _seal(acts: Sequence[Act], held: Mapping[int, bytes]) -> list[int]:
    if not acts:
        return []
    return _write(
        [
            (act.event_id, act.contact_id, act.kind, hour_of(act.at), fields)
            for act, fields in _numbered(acts)
        ],
        held,
    )


def append_even_without_vault(act: Act) -> int | None:
    """As `append`, but an act that must never fail (an opt-out) waits under the outbox key while the vault is
    away.

    None when it waits; `settle_waiting` gives it its entry.
    """
    appended = append_many_even_without_vault([act])
    if appended.of_nobody:
        raise KeyDestroyed
    return appended.entries[0]


def append_many_even_without_vault(acts: Sequence[Act]) -> Appended:
    """As `append_many`, for acts that must never fail: with the vault away all of them wait under the outbox
    key, and nothing is sealed for a person whose key was destroyed.
    """
    people = sorted({act.contact_id for act in acts})
    if not people:
        return Appended([], 0, 0)
    try:
        held = vault.read_to_seal(db.workspace(), people)
    except KeyDoesNotOpen:
        if len(people) == 1:
            return _all_wait(acts)
        return _one_by_one(acts)  # the key of one stops nobody else's entry
    except VaultAway:
        return _all_wait(acts)
    readable = [act for act in acts if act.contact_id in held]
    numbers = {act.event_id: entry for act, entry in zip(readable, _seal(readable, held), strict=True)}
    return Appended([numbers.get(act.event_id) for act in acts], 0, len(acts) - len(readable))


def _all_wait(acts: Sequence[Act]) -> Appended:
    _wait(acts)
    return Appended([None] * len(acts), len(acts), 0)


def _one_by_one(acts: Sequence[Act]) -> Appended:
    each = [append_many_even_without_vault([act]) for act in acts]
    return Appended(
        [entry for one in each for entry in one.entries],
        sum(one.waiting for one in each),
        sum(one.of_nobody for one in each),
    )


def settle_waiting(workspace_id: int) -> dict[UUID, int]:
    """Give their entries to acts that waited for the vault: event id -> entry. Raises VaultAway."""
    ensure_keys(workspace_id, [INSTALLATION])
    with db.transaction(workspace_id):
        rows = _sql.rows("list_waiting", _Waiting, rows_max=WAITING_ROWS_MAX)
        held = vault.read(workspace_id, sorted({row.contact_id for row in rows}))
        ready = [row for row in rows if row.contact_id in held]
        numbers = _write(
            [(row.event_id, row.contact_id, row.kind, row.hour, _open_waiting(row)) for row in ready], held
        )
        for row in ready:
            _sql.run("delete_waiting", contact_id=row.contact_id, event_id=row.event_id)
        return dict(zip([row.event_id for row in ready], numbers, strict=True))


def record_act(
    workspace_id: int, kind: str, fields: Mapping[str, Value], *, event_id: UUID, now: datetime
) -> int:
    """An act of staff or of the installation; its entry. Joins the open transaction. Raises VaultAway."""
    ensure_keys(workspace_id, [INSTALLATION])
    with db.transaction(workspace_id):
        _sql.run("lock_acts")
        return append(Act(INSTALLATION, event_id, kind, now, fields))


def record_act_even_without_vault(
    workspace_id: int, kind: str, fields: Mapping[str, Value], *, event_id: UUID, now: datetime
) -> int | None:
    """As `record_act`, for acts that must not fail because the vault is away; None while the entry waits."""
    with suppress(VaultAway):
        ensure_keys(workspace_id, [INSTALLATION])
    with db.transaction(workspace_id):
        _sql.run("lock_acts")
        return append_even_without_vault(Act(INSTALLATION, event_id, kind, now, fields))


def audit(workspace_id: int, *, now: datetime, outside: Sequence[Note] = ()) -> Audit:
    """Read everything again and keep what was found; what the log alone shows is kept in any case.

    Raises VaultAway.
    """
    tree = auditing.audit_tree(workspace_id, outside=outside)
    try:
        found = auditing.with_bodies(workspace_id, tree)
    except VaultAway:
        if tree.faults:
            auditing.keep_finding(workspace_id, auditing.without_bodies(tree), now=now)
        raise
    auditing.keep_finding(workspace_id, found, now=now)
    return found


def continue_log(workspace_id: int, reason: str, *, by: str, now: datetime) -> int:
    """Go on with a log that is not the one this host signed last: after a restore, or when its key was lost.

    The reason is the first entry of what follows. What does not agree within the log itself stays stopped;
    how many entries. Raises LedgerForked, NoReason, VaultAway.
    """
    if not reason.strip():
        raise NoReason
    said: dict[str, Value] = {"reason": reason.strip(), "by": by}
    record_act(workspace_id, CONTINUED, said, event_id=uuid7(now, os.urandom(10)), now=now)
    return sequence(workspace_id, now=now, believed=True) + sequence_all(workspace_id, now=now)


class NoReason(WrongUse):
    """Say why: the reason stays in the ledger."""

    code = "no_reason"


class NoLog(WrongUse):
    """Nothing is in the log yet; the first entry makes it."""

    code = "no_log"


def publish_entries(workspace_id: int, *, published: bool, by: str, now: datetime) -> None:
    """Whether strangers may read what kind of entry was made in which hour; hashes are public anyway.

    Raises NoLog, VaultAway.
    """
    said: dict[str, Value] = {"entries": published, "by": by}
    ensure_keys(workspace_id, [INSTALLATION])
    with db.transaction(workspace_id):
        if not _sql.run("update_publishes", published=published):
            raise NoLog
        record_act(workspace_id, PUBLISHED, said, event_id=uuid7(now, os.urandom(10)), now=now)


def paper_available() -> bool:
    """Can this installation put proofs on paper?"""
    return all(find_spec(name) is not None for name in PAPER_LIBRARIES)


def make_pdf(
    bundle: Bundle, *, language: Language, sender_name: str, made_at: datetime, vkeys: Sequence[str]
) -> bytes:
    """The reading copy of a proof, with the proof itself attached. Raises what `paper.make_pdf` raises."""
    from shodaku.ledger import paper  # noqa: PLC0415 - the send path reads this room too, and needs no paper

    return paper.make_pdf(
        bundle.content,
        language=language,
        sender_name=sender_name,
        made_at=made_at,
        vkeys=vkeys,
        pictures=bundle.pictures(),
    )


def add_target(
    workspace_id: int, kind: str, place: str, vkey: str | None = None, *, by: str, now: datetime
) -> int:
    """From the next time on, checkpoints are put there too; its number.

    `vkey`: the verifier key of a witness, or a file with the certificates of a time-stamp authority. Raises
    what `anchoring.checked` raises, TargetThere, TooManyTargets, VaultAway.
    """
    chosen = anchoring.checked(workspace_id, kind, place, vkey)
    said: dict[str, Value] = {"kind": chosen.kind.value, "place": chosen.place, "by": by}
    if chosen.vkey is not None:
        said["vkey"] = chosen.vkey
    ensure_keys(workspace_id, [INSTALLATION])
    with db.transaction(workspace_id):
        target_id = targets.insert(chosen.kind, chosen.place, chosen.vkey, now=now)
        record_act(workspace_id, TARGET_ADDED, said, event_id=uuid7(now, os.urandom(10)), now=now)
        return target_id


def remove_target(workspace_id: int, target_id: int, *, by: str, now: datetime) -> None:
    """What is there stays there; nothing more is put there. Raises NoTarget, VaultAway."""
    ensure_keys(workspace_id, [INSTALLATION])
    with db.transaction(workspace_id):
        removed = targets.remove(target_id, now=now)
        said: dict[str, Value] = {"kind": removed.kind, "place": removed.place, "by": by}
        record_act(workspace_id, TARGET_REMOVED, said, event_id=uuid7(now, os.urandom(10)), now=now)


def fingerprint_of_key(workspace_id: int, contact_id: int) -> str | None:
    """What names the person's key once it is gone; None: there is none. Raises VaultAway."""
    return vault.fingerprint(workspace_id, contact_id)


def shred(workspace_id: int, contact_id: int) -> str | None:
    """Destroy the person's key: from here on nothing sealed for the person can be read. Hash of the key's id,
    None if it was gone.

    Raises VaultAway.
    """
    return vault.destroy(workspace_id, contact_id)


def renew_key(workspace_id: int, contact_id: int) -> None:
    """As `shred`, for somebody who stays known: what they do from here on is sealed under another key.

    Raises VaultAway.
    """
    vault.replace(workspace_id, contact_id)


def seal_away(workspace_id: int, hold_id: UUID, content: Mapping[str, Value]) -> bytes:
    """Encrypt what is kept of somebody who is erased, under a key of its own that has a day on which it ends.

    Repeating it seals under the same key. Raises VaultAway.
    """
    key = vault.ensure_hold(workspace_id, hold_id)
    return seal(key, hold_label(workspace_id, hold_id), content, os.urandom(NONCE_BYTES))


def open_sealed_away(workspace_id: int, hold_id: UUID, body: bytes) -> dict[str, Value]:
    """The counterpart of `seal_away`. Raises VaultAway, KeyDestroyed, SealBroken."""
    key = vault.read_hold(workspace_id, hold_id)
    if key is None:
        raise KeyDestroyed
    return unseal(key, hold_label(workspace_id, hold_id), body)


def shred_hold(workspace_id: int, hold_id: UUID) -> str | None:
    """Destroy the key of a sealing; hash of the key's id, None if it was gone. Raises VaultAway."""
    return vault.destroy_hold(workspace_id, hold_id)


def files_to_seal(workspace_id: int, contact_id: int, sha256s: Collection[str]) -> dict[str, bytes]:
    """Kept scans by their hash, for a sealing alone: nobody looks at them, so no reading is written down.

    One that does not open is left out: it proves nothing, and must not stop an erasure. Raises VaultAway.
    """
    with db.transaction(workspace_id):
        kept = _sql.rows("list_files", KeptFile, contact_id=contact_id)
    files = {}
    for each in kept:
        if each.sha256 not in sha256s:
            continue
        try:
            files[each.sha256] = evidence.open_file(workspace_id, contact_id, each.evidence_id).data
        except (NoFile, FileBroken, KeyDestroyed) as fault:
            log.info(
                "ledger.file_left_out",
                workspace=workspace_id,
                evidence=str(each.evidence_id),
                reason=fault.code,
            )
    return files


def read_file(
    workspace_id: int, contact_id: int, evidence_id: UUID, *, by: str, now: datetime
) -> tuple[str, bytes]:
    """Media type and bytes of a kept scan; that it was read stands in the person's entries before.

    Raises NoFile, FileBroken, ContactGone, VaultAway, KeyDestroyed.
    """
    with db.transaction(workspace_id):
        contacts.lock(contact_id)
        opened = evidence.open_file(workspace_id, contact_id, evidence_id)
        said: dict[str, Value] = {"evidence_id": str(evidence_id), "sha256": opened.sha256, "by": by}
        append(Act(contact_id, uuid7(now, os.urandom(10)), evidence.READ, now, said))
    return opened.media_type, opened.data


def forget(contact_id: int) -> dict[str, int]:
    """Delete what links entries to the person; the entries themselves stay, as noise. Rows per table."""
    return {
        "ledger_file": _sql.scalar("erase_files", contact_id=contact_id),
        "ledger_sealed": _sql.scalar("erase_sealed", contact_id=contact_id),
        "ledger_waiting": _sql.run("delete_waiting_of", contact_id=contact_id),
    }


def _numbered(acts: Sequence[Act]) -> list[tuple[Act, dict[str, Value]]]:
    so_far = _counts(sorted({act.contact_id for act in acts}))
    numbered = []
    for act in acts:
        so_far[act.contact_id] += 1
        at = act.at.isoformat(timespec="milliseconds")
        numbered.append((act, {**act.fields, "n": so_far[act.contact_id], "at": at}))
    return numbered


def _counts(contacts: Sequence[int]) -> Counter[int]:
    """How many entries each of them has, those that wait for the vault included."""
    if len(contacts) == 1:  # as with insert_entry
        return Counter({contacts[0]: _sql.scalar("count_entries_of", contact_id=contacts[0])})
    rows = _sql.rows("count_entries", _Count, contacts=db.array(contacts))
    return Counter({row.contact_id: row.entries for row in rows})


def _write(
    rows: Sequence[tuple[UUID, int, str, int, Mapping[str, Value]]], held: Mapping[int, bytes]
) -> list[int]:
    slug = _slug(db.workspace())
    entries, bodies = [], []
    for event_id, contact_id, kind, hour, fields in rows:
        if contact_id not in held:
            raise KeyDestroyed
        entry = make_entry(held[contact_id], event_id.bytes, kind, slug, hour, fields)
        entries.append(entry)
        bodies.append(seal(held[contact_id], entry, fields, os.urandom(NONCE_BYTES)))
    if len(rows) == 1:  # a statement of its own: the planner takes half as long over it
        ((event_id, contact_id, *_),), (entry,), (body,) = rows, entries, bodies
        return [_sql.scalar("insert_entry", event_id=event_id, entry=entry, contact_id=contact_id, body=body)]
    written = _sql.rows(
        "insert_entries",
        _Written,
        events=db.array(row[0] for row in rows),
        entries=entries,
        contacts=db.array(row[1] for row in rows),
        bodies=bodies,
    )
    numbers = {row.event_id: row.entry_id for row in written}
    return [numbers[row[0]] for row in rows]


@lru_cache(maxsize=WORKSPACES_REMEMBERED)
def _slug(workspace_id: int) -> str:
    """It never changes; read once a process. Raises NoWorkspace."""
    workspace = accounts.workspace(workspace_id)
    if workspace is None:
        raise NoWorkspace
    return workspace.slug


def _wait(acts: Sequence[Act]) -> None:
    ring = runtime.current().ring(KeyPurpose.OUTBOX)
    cipher, bodies = AESGCM(ring.newest), []
    for act, fields in _numbered(acts):
        nonce = os.urandom(NONCE_BYTES)
        sealed = cipher.encrypt(nonce, jcs(fields), act.event_id.bytes)
        bodies.append(bytes([ring.newest_epoch]) + nonce + sealed)
    _sql.run(
        "insert_waiting",
        contacts=db.array(act.contact_id for act in acts),
        events=db.array(act.event_id for act in acts),
        kinds=db.array(str(act.kind) for act in acts),
        hours=db.array(hour_of(act.at) for act in acts),
        bodies=bodies,
    )


def _open_waiting(row: _Waiting) -> dict[str, Value]:
    key = runtime.current().ring(KeyPurpose.OUTBOX).epochs[row.body[0]]
    nonce, sealed = row.body[1 : 1 + NONCE_BYTES], row.body[1 + NONCE_BYTES :]
    fields: dict[str, Value] = json.loads(AESGCM(key).decrypt(nonce, sealed, row.event_id.bytes))
    return fields
