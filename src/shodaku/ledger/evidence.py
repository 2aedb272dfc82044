"""Scans of what people signed, each under a key made from the person's own, which ends with the person.

    file key   fk   = HMAC-SHA256(person key, "file" 0x00 evidence id)
    body            = nonce, AES-256-GCM(fk, picture, AAD = "file" 0x00 and the rest of the row)

What waits beside the evidence, such as a paper nobody has read yet, lies under a key made with "aside" 0x00
and its name. Entries name the SHA-256 of the picture as it was kept.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shodaku.contacts import services as contacts
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import vault
from shodaku.ledger.domain import NONCE_BYTES
from shodaku.ledger.images import Picture, plain_picture
from shodaku.ledger.vault import KeyDestroyed

READ: Final = "admin.evidence.read"

_sql = db.Statements("shodaku.ledger")


class NoFile(WrongUse):
    """No such file is kept of this person."""

    code = "no_file"


class FileBroken(ShodakuError):
    """The kept file does not open: it is not the one that was kept."""

    code = "file_broken"


@dataclass(frozen=True, slots=True)
class KeptFile:
    evidence_id: UUID
    sha256: str
    media_type: str
    bytes: int
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenedFile:
    sha256: str
    media_type: str
    data: bytes


def keep_file(workspace_id: int, contact_id: int, data: bytes, *, now: datetime) -> KeptFile:
    """Keep a scan as a plain picture. Raises UnfitFile, ContactGone, VaultAway, KeyDestroyed."""
    return keep_picture(workspace_id, contact_id, plain_picture(data), now=now)


def keep_picture(workspace_id: int, contact_id: int, picture: Picture, *, now: datetime) -> KeptFile:
    """In the open transaction or one of its own, under the contact's lock. Raises as `keep_file`."""
    sha256, evidence_id = picture.sha256, uuid7(now, os.urandom(10))
    vault.ensure(workspace_id, [contact_id])
    with db.transaction(workspace_id):
        contacts.lock(contact_id)
        nonce = os.urandom(NONCE_BYTES)
        bound_to = _row(workspace_id, contact_id, evidence_id, sha256, picture.media_type)
        sealed = _cipher(workspace_id, contact_id, evidence_id).encrypt(nonce, picture.data, bound_to)
        _sql.run(
            "insert_file",
            contact_id=contact_id,
            evidence_id=evidence_id,
            sha256=sha256,
            media_type=picture.media_type,
            body=nonce + sealed,
            now=now,
        )
    return KeptFile(evidence_id, sha256, picture.media_type, len(picture.data), now)


def open_file(workspace_id: int, contact_id: int, evidence_id: UUID) -> OpenedFile:
    """For `services.read_file` alone, which writes down who reads. Raises NoFile, FileBroken, VaultAway,
    KeyDestroyed.
    """
    with db.transaction(workspace_id):
        row = _sql.row("get_file", _Row, contact_id=contact_id, evidence_id=evidence_id)
    if row is None:
        raise NoFile
    nonce, sealed = row.body[:NONCE_BYTES], row.body[NONCE_BYTES:]
    bound_to = _row(workspace_id, contact_id, evidence_id, row.sha256, row.media_type)
    try:
        data = _cipher(workspace_id, contact_id, evidence_id).decrypt(nonce, sealed, bound_to)
    except (InvalidTag, ValueError) as error:
        raise FileBroken from error
    return OpenedFile(row.sha256, row.media_type, data)


def seal_aside(workspace_id: int, contact_id: int, name: str, data: bytes) -> bytes:
    """What is no evidence yet, under a key made from the person's; `name` says what it is, and binds it.

    Raises VaultAway, KeyDestroyed.
    """
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _aside(workspace_id, contact_id, name).encrypt(nonce, data, name.encode())


def open_aside(workspace_id: int, contact_id: int, name: str, sealed: bytes) -> bytes:
    """Raises FileBroken, VaultAway, KeyDestroyed."""
    try:
        return _aside(workspace_id, contact_id, name).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode()
        )
    except (InvalidTag, ValueError) as error:
        raise FileBroken from error


def _aside(workspace_id: int, contact_id: int, name: str) -> AESGCM:
    key = vault.read(workspace_id, [contact_id]).get(contact_id)
    if key is None:
        raise KeyDestroyed
    return AESGCM(hmac.digest(key, b"aside\0" + name.encode(), "sha256"))


def _cipher(workspace_id: int, contact_id: int, evidence_id: UUID) -> AESGCM:
    key = vault.read(workspace_id, [contact_id]).get(contact_id)
    if key is None:
        raise KeyDestroyed
    return AESGCM(hmac.digest(key, b"file\0" + evidence_id.bytes, "sha256"))


def _row(workspace_id: int, contact_id: int, evidence_id: UUID, sha256: str, media_type: str) -> bytes:
    """A body that was moved to another row, or whose row says something else, does not open."""
    return f"file\0{workspace_id}\0{contact_id}\0{evidence_id}\0{sha256}\0{media_type}".encode()


@dataclass(frozen=True, slots=True)
class _Row:
    sha256: str
    media_type: str
    body: bytes
