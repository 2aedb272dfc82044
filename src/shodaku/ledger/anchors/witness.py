"""A witness (C2SP tlog-witness): signs our checkpoint if it continues all that it has signed before."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from shodaku.kit.outgoing import Answer
from shodaku.ledger.anchored import CLOCKS_APART_MAX, AnchorFailed, AnchorFaultCode
from shodaku.ledger.domain import Checkpoint
from shodaku.ledger.notes import Note, NoteFault, VerifierKey, parse_vkey, read_note

_SIZE_TYPE: Final = "text/x.tlog.size"
_SIZE: Final = re.compile(rb"(0|[1-9][0-9]{0,15})\n?")
_FAULTS: Final = {
    HTTPStatus.UNPROCESSABLE_ENTITY: AnchorFaultCode.OTHER_HISTORY,
    HTTPStatus.FORBIDDEN: AnchorFaultCode.KEY_UNKNOWN,
    HTTPStatus.NOT_FOUND: AnchorFaultCode.LOG_UNKNOWN,
}

Submit = Callable[[bytes], Answer]  # POST add-checkpoint
Prove = Callable[[int], Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class Cosignature:
    line: str
    at: datetime  # by the clock of the witness


def cosign(
    submit: Submit, vkey: str, newest: Checkpoint, old: int, prove: Prove, *, now: datetime
) -> Cosignature:
    """`old` is the size that the witness signed last, as far as we know; it says so if it is another.

    Raises AnchorFailed.
    """
    key = parse_vkey(vkey)
    answer = submit(request_body(newest, old, prove))
    if answer.status == HTTPStatus.CONFLICT:
        old = _seen(answer, newest, old)
        answer = submit(request_body(newest, old, prove))
        if answer.status == HTTPStatus.CONFLICT and old == newest.size:
            raise AnchorFailed(AnchorFaultCode.OTHER_HISTORY, str(old))  # as many entries, another root
    if answer.status != HTTPStatus.OK:
        known = _FAULTS.get(HTTPStatus(answer.status)) if answer.status in tuple(HTTPStatus) else None
        raise AnchorFailed(known or AnchorFaultCode.BAD_STATUS, "" if known else str(answer.status))
    return _read(answer.body, key, newest, now)


def request_body(newest: Checkpoint, old: int, prove: Prove) -> bytes:
    """The old size, the proof that its entries begin the log, an empty line, the checkpoint."""
    proof = prove(old) if old else ()
    lines = [f"old {old}", *(b64encode(each).decode() for each in proof), "", newest.note]
    return "\n".join(lines).encode()


def _seen(answer: Answer, newest: Checkpoint, old: int) -> int:
    """What the witness signed last. More than there is now means that entries are lost.

    Raises AnchorFailed.
    """
    told = _SIZE.fullmatch(answer.body) if answer.content_type == _SIZE_TYPE else None
    if told is None:
        raise AnchorFailed(AnchorFaultCode.BAD_STATUS, str(answer.status))
    seen = int(told[1])
    if seen > newest.size:
        raise AnchorFailed(AnchorFaultCode.OTHER_HISTORY, str(seen))
    if seen == old:
        raise AnchorFailed(AnchorFaultCode.UNREADABLE)
    return seen


def _read(body: bytes, key: VerifierKey, newest: Checkpoint, now: datetime) -> Cosignature:
    """Lines of keys that were not given are passed over (C2SP tlog-witness). Raises AnchorFailed."""
    text = read_note(newest.note).text
    for line in body.decode(errors="replace").splitlines(keepends=True):
        seconds = _seconds(f"{text}\n{line}", key)
        if seconds is None:
            continue
        if seconds - now.timestamp() > CLOCKS_APART_MAX.total_seconds():
            raise AnchorFailed(AnchorFaultCode.IN_FUTURE)
        return Cosignature(line, datetime.fromtimestamp(seconds, UTC))
    raise AnchorFailed(AnchorFaultCode.NO_COSIGNATURE)


def _seconds(note: str, key: VerifierKey) -> int | None:
    try:
        read: Note = read_note(note)
    except NoteFault:
        return None
    return read.seconds_of(key)
