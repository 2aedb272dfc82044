"""The newest checkpoint is put where whoever runs this installation cannot change it unnoticed.

Each place is tried for itself, outside of any transaction: one that hangs or fails never stops the others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, assert_never

from shodaku.accounts import selectors as accounts
from shodaku.contacts import selectors as contacts
from shodaku.kit import db, log, outgoing
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.ledger import sequencing, targets
from shodaku.ledger.anchored import (
    PLACE_CHARACTERS_MAX,
    AnchorFailed,
    AnchorFault,
    AnchorFaultCode,
    AnchorKind,
    Outcome,
    Result,
    Target,
    due,
)
from shodaku.ledger.anchors import folder, git, timestamp, witness
from shodaku.ledger.domain import Checkpoint
from shodaku.ledger.merkle import StoredTree
from shodaku.ledger.notes import KeyType, NoteFault, parse_vkey, read_note
from shodaku.ledger.sequencing import NoWorkspace

_NOTE_TYPE: Final = "text/plain; charset=utf-8"
_READER: Final = re.compile(r"contact:([1-9][0-9]{0,17})")
_FAULTS: Final[dict[type[Exception], AnchorFaultCode]] = {
    outgoing.PrivateNetwork: AnchorFaultCode.PRIVATE_NETWORK,
    outgoing.Unreachable: AnchorFaultCode.UNREACHABLE,
    outgoing.Redirected: AnchorFaultCode.REDIRECTED,
    outgoing.AnswerTooLarge: AnchorFaultCode.ANSWER_TOO_LARGE,
}


class UnknownKind(WrongUse):
    """A checkpoint can go to: mail, file, git, rfc3161, witness."""

    code = "unknown_anchor_kind"


class NoFolder(WrongUse):
    """Name a folder that exists, by its full path."""

    code = "no_anchor_folder"


class NoReader(WrongUse):
    """A mail goes to somebody who is known here: contact: and the number."""

    code = "no_anchor_reader"


class WitnessKeyNeeded(WrongUse):
    """A witness needs its verifier key for cosignatures, in the form name+id+key."""

    code = "witness_key_needed"


class CertificatesNeeded(WrongUse):
    """The certificates of an authority are named by the full path of a PEM file that can be read."""

    code = "certificates_needed"


class NothingToCheck(WrongUse):
    """Only a witness has a verifier key, and only a time-stamp authority has certificates."""

    code = "nothing_to_check"


@dataclass(frozen=True, slots=True)
class Chosen:
    kind: AnchorKind
    place: str
    vkey: str | None


def checked(workspace_id: int, kind: str, place: str, vkey: str | None) -> Chosen:
    """A place that a checkpoint could be put to. Nobody outside is asked yet.

    Raises UnknownKind, NoFolder, NoReader, NoWebAddress, OddPort, WitnessKeyNeeded, CertificatesNeeded,
    NothingToCheck, NoTimestamps, AnchorFailed.
    """
    if kind not in tuple(AnchorKind):
        raise UnknownKind
    chosen = Chosen(AnchorKind(kind), place.strip(), vkey.strip() if vkey else None)
    if chosen.vkey is not None and chosen.kind not in (AnchorKind.RFC3161, AnchorKind.WITNESS):
        raise NothingToCheck
    match chosen.kind:
        case AnchorKind.MAIL:
            _check_reader(workspace_id, chosen.place)
        case AnchorKind.FILE:
            _check_folder(chosen.place)
        case AnchorKind.GIT:
            _check_folder(chosen.place)
            git.require_work_tree(Path(chosen.place))
        case AnchorKind.RFC3161:
            outgoing.parse_web_address(chosen.place, local=_local())
            timestamp.require_library()
            _check_certificates(chosen.vkey)
        case AnchorKind.WITNESS:
            outgoing.parse_web_address(chosen.place, local=_local())
            _check_witness_key(chosen.vkey)
        case unreachable:
            assert_never(unreachable)
    return chosen


def anchor(workspace_id: int, *, now: datetime) -> list[Outcome]:
    """Put the newest checkpoint where it is not yet. Mails go another way, for they pass the gate
    (`notices`).
    """
    workspace = accounts.workspace(workspace_id)
    if workspace is None:
        raise NoWorkspace
    with db.transaction(workspace_id):
        newest = sequencing.head()
    found = [each for each in targets.targets(workspace_id) if each.kind is not AnchorKind.MAIL]
    found.sort(key=lambda each: each.kind is not AnchorKind.RFC3161)  # first: they look at `now`
    return [_bring(workspace_id, workspace.slug, each, newest, now) for each in found]


def _bring(workspace_id: int, slug: str, target: Target, newest: Checkpoint | None, now: datetime) -> Outcome:
    if newest is None or newest.size < (target.size or 0):
        return _shorter(workspace_id, target, now)
    if not due(target, newest.size, now):
        return _unchanged(workspace_id, target, newest.size, now)
    try:
        receipt, at = _put(workspace_id, slug, target, newest, now)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong at one place is told, and stops no other
        return _failed(workspace_id, target, _fault_of(error), now)
    targets.keep_receipt(workspace_id, target.target_id, newest.size, receipt, at=at, tried_at=now)
    log.info(
        "ledger.anchored", workspace=workspace_id, target=target.target_id, kind=target.kind, size=newest.size
    )
    return Outcome(target.target_id, target.kind, Result.ANCHORED, newest.size)


def _shorter(workspace_id: int, target: Target, now: datetime) -> Outcome:
    """Entries that stand outside stand here no more, unless there never were any."""
    if target.size is None:
        return Outcome(target.target_id, target.kind, Result.UNCHANGED)
    return _failed(workspace_id, target, AnchorFault(AnchorFaultCode.FORKED, str(target.size)), now)


def _unchanged(workspace_id: int, target: Target, size: int, now: datetime) -> Outcome:
    if target.fault is not None and target.size == size:  # the log was shorter for a while
        targets.keep_fault(workspace_id, target.target_id, None, tried_at=now)
    return Outcome(target.target_id, target.kind, Result.UNCHANGED, target.size)


def _put(
    workspace_id: int, slug: str, target: Target, newest: Checkpoint, now: datetime
) -> tuple[bytes, datetime]:
    """The receipt, and when it was given."""
    prove, local = partial(_prove, workspace_id, newest.size), _local()
    match target.kind:
        case AnchorKind.FILE:
            return os.fsencode(folder.put(Path(target.place), slug, newest, prove)[0]), now
        case AnchorKind.GIT:
            return git.put(Path(target.place), slug, newest, prove, now).encode(), now
        case AnchorKind.RFC3161:
            where = outgoing.parse_web_address(target.place, local=local)
            text = read_note(newest.note).text.encode()
            stamp = timestamp.stamp(where, target.vkey, text, local=local, now=now)
            return stamp.response, stamp.at
        case AnchorKind.WITNESS:
            where = outgoing.parse_web_address(target.place, local=local).below("add-checkpoint")
            submit = partial(outgoing.post, where, content_type=_NOTE_TYPE, local=local)
            signed = witness.cosign(submit, target.vkey or "", newest, target.size or 0, prove, now=now)
            return signed.line.encode(), signed.at
        case AnchorKind.MAIL:
            raise NoReader
        case unreachable:
            assert_never(unreachable)


def _prove(workspace_id: int, new: int, old: int) -> Sequence[bytes]:
    with db.transaction(workspace_id):
        return StoredTree(new, sequencing.read_tile).consistency_proof(old)


def _failed(workspace_id: int, target: Target, fault: AnchorFault, now: datetime) -> Outcome:
    targets.keep_fault(workspace_id, target.target_id, fault, tried_at=now)
    log.info(
        "ledger.anchor_failed",
        workspace=workspace_id,
        target=target.target_id,
        kind=target.kind,
        fault=fault.code,
        alarming=fault.alarming,
    )
    return Outcome(target.target_id, target.kind, Result.FAILED, target.size, fault)


def _fault_of(error: Exception) -> AnchorFault:
    if isinstance(error, AnchorFailed):
        return error.fault
    known = _FAULTS.get(type(error))
    if known is not None:
        return AnchorFault(known)
    detail = error.code if isinstance(error, ShodakuError) else type(error).__name__
    return AnchorFault(AnchorFaultCode.UNFORESEEN, detail)


def _local() -> bool:
    """For authorities of one's own network, and for tests: SECURITY.md threat 9 is then the operator's."""
    return os.environ.get("SHODAKU_ANCHOR_LOCAL") == "1"


def _check_reader(workspace_id: int, place: str) -> None:
    named = _READER.fullmatch(place)
    if named is None or contacts.contact(workspace_id, int(named[1])) is None:
        raise NoReader


def _check_folder(place: str) -> None:
    path = Path(place)
    if len(place) > PLACE_CHARACTERS_MAX or "\0" in place or not path.is_absolute() or not path.is_dir():
        raise NoFolder


def _check_certificates(vkey: str | None) -> None:
    if vkey is None:
        return
    if len(vkey) > PLACE_CHARACTERS_MAX or "\0" in vkey or not Path(vkey).is_absolute():
        raise CertificatesNeeded
    try:
        timestamp.read_certificates(Path(vkey))
    except AnchorFailed as error:
        raise CertificatesNeeded from error


def _check_witness_key(vkey: str | None) -> None:
    try:
        key = parse_vkey(vkey or "")
    except NoteFault as error:
        raise WitnessKeyNeeded from error
    if key.key_type is not KeyType.COSIGNATURE:
        raise WitnessKeyNeeded
