"""The certificate of an erasure, for whoever asked for it: readable by their link alone, and for 30 days.

The link carries a secret that is stored nowhere. A key pair is made from it and forgotten but for the public
half, to which the certificate is sealed once its entry stands in the log (TRUST.md section 3.2).
"""

from __future__ import annotations

import binascii
import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shodaku.erasure.domain import CERTIFICATE_KEPT, CERTIFICATE_RETRY
from shodaku.kit import db, log
from shodaku.kit.queue import Job, Queue, defer
from shodaku.ledger import selectors as ledger
from shodaku.ledger.selectors import NothingToProve, NotInTheLog
from shodaku.ledger.services import INSTALLATION

SECRET_BYTES: Final = 16
_WORKSPACE_BYTES: Final = 3
_KEY_BYTES: Final = 32
_NO_NONCE: Final = bytes(12)  # each key seals one text: its own half is made for it
_LINK: Final = re.compile(r"[A-Za-z0-9_-]{26}")
UNSEALED_ROWS_MAX: Final = 200

_sql = db.Statements("shodaku.erasure")


@dataclass(frozen=True, slots=True)
class NewLink:
    """What is made with an erasure: the path is shown once, the public half is stored."""

    path: str
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What the link shows. `proof` is shodaku-bundle/1; the rest is what stands in its entry."""

    receipt: str
    rule: str
    at: datetime
    counts: dict[str, int]
    key_id_sha256: str
    sealed_until: datetime | None
    gone_from_backups: datetime | None
    entry_id: int
    proof: str
    shown_until: datetime


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The erasure was asked for, and its certificate is not there yet."""

    requested_at: datetime
    workspace_id: int


@dataclass(frozen=True, slots=True)
class _Found:
    erasure_id: int
    requested_at: datetime
    entry_id: int | None
    body: bytes | None
    destroy_after: datetime | None


@dataclass(frozen=True, slots=True)
class _Unsealed:
    erasure_id: int
    entry_id: int
    certificate_key: bytes


def new_link(workspace_id: int) -> NewLink:
    secret = os.urandom(SECRET_BYTES)
    text = _text(workspace_id.to_bytes(_WORKSPACE_BYTES, "big") + secret)
    return NewLink(f"/e/{text}", _public(_private(workspace_id, secret)))


def read(link: str, now: datetime) -> tuple[int, Certificate | UnderWay] | None:
    """The workspace and what the link opens. None for a link that was never made, or whose time is over."""
    if not _LINK.fullmatch(link):
        return None
    data = binascii.a2b_base64(link.replace("-", "+").replace("_", "/") + "==")
    if _text(data) != link:  # one link has one spelling
        return None
    workspace_id = int.from_bytes(data[:_WORKSPACE_BYTES], "big")
    private = _private(workspace_id, data[_WORKSPACE_BYTES:])
    with db.transaction(workspace_id):
        found = _sql.row("get_certificate", _Found, certificate_key=_public(private))
    if found is None or (found.destroy_after is not None and found.destroy_after <= now):
        return None
    if found.body is None or found.entry_id is None or found.destroy_after is None:
        return workspace_id, UnderWay(found.requested_at, workspace_id)
    text = _open(private, _label(workspace_id, found.erasure_id), bytes(found.body))
    return (workspace_id, _read(text, found.entry_id, found.destroy_after)) if text is not None else None


def seal_later(workspace_id: int, erasure_id: int, *, not_before: datetime) -> None:
    """In the open transaction: the entry has to be in the log first, which takes a minute at most."""
    defer(
        Job(
            "erasure.certificate",
            Queue.CHORE,
            {"workspace_id": workspace_id, "erasure_id": erasure_id},
            only_once=f"certificate-{workspace_id}-{erasure_id}",
            not_before=not_before,
        )
    )


def seal(workspace_id: int, erasure_id: int) -> bool:
    """Seal the proof of the entry to the link's key. False: it is not in the log yet. Raises VaultAway.

    Of an erasure that nobody has a link to, or whose certificate is sealed already, there is nothing to do.
    """
    with db.transaction(workspace_id):
        waiting = _sql.row("get_unsealed_certificate", _Unsealed, erasure_id=erasure_id)
    if waiting is None:
        return True
    try:
        bundle = ledger.bundle(workspace_id, INSTALLATION, absent=(), only=[waiting.entry_id])
    except NotInTheLog:
        return False
    except NothingToProve:
        log.info("erasure.certificate_unprovable", workspace=workspace_id, erasure=erasure_id)
        return True
    body = _seal(
        X25519PublicKey.from_public_bytes(bytes(waiting.certificate_key)),
        _label(workspace_id, erasure_id),
        bundle.as_json().encode(),
    )
    with db.transaction(workspace_id):
        _sql.run("update_certificate_body", erasure_id=erasure_id, body=body)
    return True


def seal_waiting(workspace_id: int, now: datetime) -> int:
    """Certificates whose job was lost get one again; how many."""
    with db.transaction(workspace_id):
        waiting: list[int] = _sql.scalars(
            "list_unsealed_certificates", before=now - CERTIFICATE_RETRY, rows_max=UNSEALED_ROWS_MAX
        )
        for erasure_id in waiting:
            seal_later(workspace_id, erasure_id, not_before=now)
        return len(waiting)


def destroy_due(workspace_id: int, now: datetime) -> int:
    """Certificates whose 30 days are over go, with the key that their link was known by; how many."""
    with db.transaction(workspace_id):
        due: list[int] = _sql.scalars("list_due_certificates", now=now)
        if due:
            _sql.run("delete_certificate_bodies", erasures=due)
            _sql.run("forget_certificate_keys", erasures=due)
        return len(due)


def kept_until(issued_at: datetime) -> datetime:
    return issued_at + CERTIFICATE_KEPT


def _read(text: bytes, entry_id: int, shown_until: datetime) -> Certificate:
    (entry,) = json.loads(text)["entries"]
    shown: dict[str, Any] = {name: each["value"] for name, each in entry["disclosed"].items()}
    return Certificate(
        receipt=shown["receipt"],
        rule=shown["rule"],
        at=datetime.fromisoformat(shown["at"]),
        counts=shown["counts"],
        key_id_sha256=shown["key_id_sha256"],
        sealed_until=_instant(shown.get("sealed_until")),
        gone_from_backups=_instant(shown.get("gone_from_backups")),
        entry_id=entry_id,
        proof=text.decode(),
        shown_until=shown_until,
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _private(workspace_id: int, secret: bytes) -> X25519PrivateKey:
    info = b"shodaku/certificate/1 link\0%d" % workspace_id
    return X25519PrivateKey.from_private_bytes(_derived(secret, b"", info))


def _seal(to: X25519PublicKey, label: bytes, text: bytes) -> bytes:
    """ECIES: the public half of a key made for this text alone, and the text under what both halves share."""
    own = X25519PrivateKey.generate()
    halves = _public(own) + to.public_bytes_raw()
    key = _derived(own.exchange(to), halves, b"shodaku/certificate/1 body")
    return _public(own) + AESGCM(key).encrypt(_NO_NONCE, text, label)


def _open(private: X25519PrivateKey, label: bytes, body: bytes) -> bytes | None:
    theirs, sealed = body[:_KEY_BYTES], body[_KEY_BYTES:]
    shared = private.exchange(X25519PublicKey.from_public_bytes(theirs))
    key = _derived(shared, theirs + _public(private), b"shodaku/certificate/1 body")
    try:
        return AESGCM(key).decrypt(_NO_NONCE, sealed, label)
    except InvalidTag:  # somebody put another body in its place
        return None


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), _KEY_BYTES, salt or None, info).derive(secret)


def _label(workspace_id: int, erasure_id: int) -> bytes:
    return b"%d\0%d" % (workspace_id, erasure_id)


def _public(private: X25519PrivateKey) -> bytes:
    return private.public_key().public_bytes_raw()


def _text(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode().translate(_TO_URL).rstrip("=")


_TO_URL: Final = str.maketrans("+/", "-_")
