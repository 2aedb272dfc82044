"""One act becomes a public entry without personal data, and a sealed body that can be shredded.

TRUST.md section 1.1:

    event secret   es   = HMAC-SHA256(person key, "event" 0x00 event id)
    salt           s[f] = HMAC-SHA256(es, f)
    digest         d[f] = SHA-256(CONTEXT "field" 0x00 s[f] f 0x00 JCS(value))
    commitment     c    = base64 SHA-256(CONTEXT "body" 0x00 JCS({f: base64 d[f]}))
    entry               = JCS({c, hour, kind, v, ws})
    sealed body         = nonce, AES-256-GCM(HMAC-SHA256(person key, "enc" 0x00), JCS(fields), AAD = entry)

A commitment and not a hash of the ciphertext: AES-GCM does not commit to its key, and a commitment lets the
ciphertext itself be deleted. Salts come from the person key, so destroying it makes the entry noise.
"""

from __future__ import annotations

import hmac
import json
import re
from binascii import b2a_base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Final, TypeAlias
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CONTEXT: Final = b"shodaku/ledger/v1\n"
FIELD_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
INTEGER_LIMIT: Final = 2**53  # RFC 8785 writes numbers as IEEE 754 doubles, exact only below this
NONCE_BYTES: Final = 12  # SP 800-38D section 8.2
KEY_BYTES: Final = 32
BLOCK_BYTES: Final = 64  # of SHA-256
HOUR_SECONDS: Final = 3600

Value: TypeAlias = "str | bool | int | Sequence[Value] | Mapping[str, Value] | None"
Fields: TypeAlias = Mapping[str, Value]


class Kind(StrEnum):
    """What an entry records. A reader shows unknown kinds as they are: an old verifier meets newer logs."""

    CONSENT_REQUESTED = "consent.requested"
    CONSENT_GIVEN = "consent.given"
    CONSENT_CONFIRMED = "consent.confirmed"
    CONSENT_RECONFIRMED = "consent.reconfirmed"
    CONSENT_EXPIRED = "consent.expired"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    REFUSAL = "refusal"
    SUPPRESSION_ADDED = "suppression.added"
    SUPPRESSION_LIFTED = "suppression.lifted"
    ERASED = "erased"
    SEALED = "sealed"
    UNSEALED = "unsealed"
    SEAL_DESTROYED = "seal.destroyed"
    WORDING = "wording"
    POLICY = "policy"
    IMPORT = "import"
    EXEMPTION = "exemption"
    KEY_ROTATED = "key.rotated"


_FIELD: Final = CONTEXT + b"field\0"
_INNER_PAD: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD: Final = bytes(byte ^ 0x5C for byte in range(256))
NAMES_REMEMBERED: Final = 1_000
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


class NotCanonical(ValueError):
    """The value has no single canonical form, so it cannot be recorded."""


class SealBroken(ValueError):
    """The sealed body does not open: wrong key, changed body, or the body of another entry."""


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field that a bundle discloses: with its salt anyone recomputes the digest."""

    salt: str
    value: Value


@dataclass(frozen=True, slots=True)
class Disclosure:
    disclosed: dict[str, ShownField]
    withheld: dict[str, str]  # name -> digest: the reader sees that the field exists and was not shown


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log, signed: its first `size` entries have this root."""

    size: int
    root: bytes
    note: str  # the signed text (C2SP tlog-checkpoint)
    at: datetime


def make_entry(
    person_key: bytes, event_id: bytes, kind: str, workspace: str, hour: int, fields: Fields
) -> bytes:
    """The bytes that become a leaf. `hour` counts hours since 1970 UTC; the exact time is a committed field.

    Raises NotCanonical.
    """
    digests = {
        name: field_digest(salt, name, fields[name])
        for name, salt in salts(person_key, event_id, fields).items()
    }
    return jcs({"c": commitment(digests), "hour": hour, "kind": str(kind), "v": 1, "ws": workspace})


def hour_of(at: datetime) -> int:
    """Hours since 1970 UTC. Raises ValueError for a time without zone, or before then."""
    if at.utcoffset() is None:
        raise ValueError("a ledger time needs its zone")
    hour = int(at.timestamp() // HOUR_SECONDS)
    if hour < 0:  # which no verifier takes
        raise ValueError("a ledger time is not before 1970")
    return hour


def seal(person_key: bytes, entry: bytes, fields: Fields, nonce: bytes) -> bytes:
    """`nonce` is 12 bytes that were never used with this person key: draw it from os.urandom.

    Raises NotCanonical, ValueError for a nonce of another length.
    """
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes, not {len(nonce)}")
    return nonce + _cipher(person_key).encrypt(nonce, jcs(fields), entry)


def unseal(person_key: bytes, entry: bytes, sealed: bytes) -> dict[str, Value]:
    """Raises SealBroken."""
    try:
        body = _cipher(person_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], entry)
    except (InvalidTag, ValueError) as error:
        raise SealBroken from error
    fields: dict[str, Value] = json.loads(body)  # authenticated, so it is what `seal` wrote
    return fields


def hold_label(workspace_id: int, hold_id: UUID) -> bytes:
    """What a sealing is bound to, as a body to its entry."""
    return f"hold\0{workspace_id}\0{hold_id}".encode()


def disclose(person_key: bytes, event_id: bytes, fields: Fields, show: Collection[str]) -> Disclosure:
    """The two parts of a bundle row: salt and value of each shown field, bare digest of each withheld one."""
    salt_of = salts(person_key, event_id, fields)
    return Disclosure(
        {name: ShownField(b64(salt), fields[name]) for name, salt in salt_of.items() if name in show},
        {
            name: b64(field_digest(salt, name, fields[name]))
            for name, salt in salt_of.items()
            if name not in show
        },
    )


def salts(person_key: bytes, event_id: bytes, names: Collection[str]) -> dict[str, bytes]:
    """HMAC-SHA-256 of each name, with the states after the key kept as RFC 2104 section 4 advises: 0.9 us a
    name instead of 2.2, and an entry has fourteen.
    """
    secret = _mac(person_key, b"event\0" + event_id).ljust(BLOCK_BYTES, b"\0")
    inner, outer = sha256(secret.translate(_INNER_PAD)), sha256(secret.translate(_OUTER_PAD))
    found = {}
    for name in names:
        first, second = inner.copy(), outer.copy()
        first.update(name.encode())
        second.update(first.digest())
        found[name] = second.digest()
    return found


def field_digest(salt: bytes, name: str, value: Value) -> bytes:
    return sha256(b"".join((_FIELD, salt, name.encode(), b"\0", jcs(value)))).digest()


def commitment(digests: Mapping[str, bytes]) -> str:
    """Over names and not a bare list: no name is committed twice, to be shown with two values.

    Raises NotCanonical for a name that is none.
    """
    for name in digests:
        _check_name(name)
    # the canonical JSON of {name: base64}, neither of which has anything to escape; 3 us instead of 15
    body = ",".join(f'"{name}":"{b64(digests[name])}"' for name in sorted(digests))
    return b64(sha256(CONTEXT + b"body\0{" + body.encode() + b"}").digest())


def jcs(value: Value) -> bytes:
    """RFC 8785 canonical JSON of str, bool, None, int below 2**53, list and dict.

    Keys are field names, for which code-point order is RFC 8785's UTF-16 order. Raises NotCanonical for a
    float or any other type, a bad name, a large integer, a lone surrogate.
    """
    try:
        if type(value) is str:  # most fields: 1 us instead of 6
            return encode_basestring(value).encode()
        _check(value)
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("a lone surrogate") from error


def _check(value: object) -> None:
    if value is None or isinstance(value, str | bool):
        return
    match value:
        case int():
            if not -INTEGER_LIMIT < value < INTEGER_LIMIT:
                raise NotCanonical("an integer beyond 2**53")
        case dict():
            for name, item in value.items():
                _check_name(name)
                _check(item)
        case list() | tuple():
            for item in value:
                _check(item)
        case _:  # a float above all: 0.1 has many spellings
            raise NotCanonical(type(value).__name__)


@lru_cache(maxsize=NAMES_REMEMBERED)
def _check_name(name: object) -> None:
    if not isinstance(name, str) or not FIELD_NAME.fullmatch(name):
        raise NotCanonical("a name that is no field name")


def _cipher(person_key: bytes) -> AESGCM:
    return AESGCM(_mac(person_key, b"enc\0"))


def _mac(key: bytes, message: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a person key has {KEY_BYTES} bytes, not {len(key)}")
    return hmac.digest(key, message, "sha256")


def b64(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode()
