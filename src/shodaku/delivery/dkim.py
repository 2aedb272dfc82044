"""Signatures of mails (RFC 6376, RFC 8463): relaxed headers, simple body, RSA-2048, Ed25519, or both.

Bytes and a time in, header lines out: no database, no DNS, no clock. Cost a message of 11.4 KB: Ed25519 about
55 us, RSA-2048 about 280 us, and RSA holds the interpreter lock: more processes, never threads.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from shodaku.kit.errors import ShodakuError

RSA_BITS: Final = (
    2048  # 1024 is refused by large providers, 4096 does not fit into DNS answers of every resolver
)
_RSA_EXPONENT: Final = 65537
# Once more than they occur: nobody can add a second one that a reader would see (RFC 6376 section 8.15).
OVERSIGNED: Final = ("from", "to", "subject")
# Named also where they are absent: nobody adds a way to opt out that is not ours (RFC 8058 section 4).
_ALWAYS: Final = ("date", "message-id", "list-unsubscribe", "list-unsubscribe-post")
_WHERE_PRESENT: Final = (
    "reply-to", "cc", "list-id", "feedback-id", "auto-submitted", "mime-version", "content-type",
    "content-transfer-encoding",
)  # fmt: skip
_NAMED: Final = (*OVERSIGNED, *_ALWAYS, *_WHERE_PRESENT)
_NEW_FIELD: Final = re.compile(rb"\r\n(?![ \t])")
_NOT_IN_A_HEAD: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FIELD_NAME: Final = re.compile(rb"[!-9;-~]+")
_WRAPPED_AT: Final = 72
_STUFFED: Final = b"\r\n.."


class Algorithm(StrEnum):
    RSA = "rsa"  # what every receiver verifies
    ED25519 = "ed25519"  # beside RSA, never alone: few verify it yet (RFC 8463)


class Unsignable(ShodakuError):
    """A message cannot be signed as it is; it was not sent."""

    code = "unsignable"


class KeyUnusable(ShodakuError):
    """What should be a DKIM key is none."""

    code = "dkim_key_unusable"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`secret` is PKCS #8 in DER, and stands in no text of the object."""

    domain: str
    selector: str
    algorithm: Algorithm
    secret: bytes = field(repr=False)


def make_key(algorithm: Algorithm) -> tuple[bytes, bytes]:
    """A new pair: the secret in PKCS #8 (DER), and the public part as the record's p= wants it: for RSA a
    SubjectPublicKeyInfo in DER (RFC 6376 section 3.6.1), for Ed25519 its 32 bytes (RFC 8463 section 4.2).
    """
    private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
    if algorithm is Algorithm.RSA:
        private = rsa.generate_private_key(_RSA_EXPONENT, RSA_BITS)
    else:
        private = ed25519.Ed25519PrivateKey.generate()
    secret = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return secret, _public_part(private)


def record_text(algorithm: Algorithm, public: bytes) -> str:
    """The text of the TXT record at `selector._domainkey.domain` (RFC 6376 section 3.6.1)."""
    return f"v=DKIM1; k={algorithm.value}; p={base64.b64encode(public).decode()}"


class Signer:
    """Signs with every key it was given: each receiver finds one it can verify (RFC 8463 section 3)."""

    def __init__(self, keys: Sequence[SigningKey]) -> None:
        """At least one key. Raises KeyUnusable, which no key can be read from."""
        if not keys:
            raise KeyUnusable
        self._keys = [_Prepared(key) for key in keys]

    def sign(self, content: bytes, at: datetime) -> bytes:
        """The DKIM-Signature fields to put before `content`, each ending with CRLF.

        `content` is a whole message, lines ended by CRLF, without the stuffing of SMTP. Raises Unsignable for
        one without From or with several, for bare CR or LF, and for control characters in the head.
        """
        head, body = _parted(content)
        fields = _fields(head)
        names = _names(tuple([len(fields.get(name, ())) for name in _NAMED]))
        covered = _canonical(fields, names)
        body_hash = base64.b64encode(hashlib.sha256(_simple(body)).digest())
        listed = _wrapped_list(names)
        seconds = b"%d" % int(at.timestamp())
        return b"".join(key.field(listed, body_hash, seconds, covered) for key in self._keys)

    def signed(self, buffers: list[bytes], at: datetime) -> list[bytes]:
        """As a transport takes it: dot-stuffed octets of DATA without the final dot (RFC 5321 section 4.5.2).

        What is signed is what the receiver gets, without the stuffing. Raises Unsignable.
        """
        content = b"".join(buffers)
        # a body in base64 has no dot, and one octet is looked for sixty times as fast as four (0.2 us, 9)
        if _STUFFED in buffers[0] or (b"." in content[len(buffers[0]) :] and _STUFFED in content):
            content = content.replace(_STUFFED, b"\r\n.")
        return [self.sign(content, at), *buffers]


class _Prepared:
    """A key with what is the same for all its signatures."""

    def __init__(self, key: SigningKey) -> None:
        self._private = _private(key.secret)
        if isinstance(self._private, rsa.RSAPrivateKey) is not (key.algorithm is Algorithm.RSA):
            raise KeyUnusable
        self._start = b"DKIM-Signature: v=1; a=%b-sha256; c=relaxed/simple;\r\n d=%b;\r\n s=%b; t=" % (
            key.algorithm.value.encode(),
            key.domain.encode("ascii"),
            key.selector.encode("ascii"),
        )

    def field(self, listed: bytes, body_hash: bytes, seconds: bytes, covered: bytes) -> bytes:
        """RFC 6376 section 3.7: the field itself is covered with an empty b=, and without its CRLF."""
        unsigned = b"%b%b;\r\n h=%b;\r\n bh=%b;\r\n b=" % (
            self._start,
            seconds,
            listed,
            body_hash,
        )
        signature = base64.b64encode(signature_of(self._private, covered + _relaxed(unsigned)))
        lines = [signature[at : at + _WRAPPED_AT] for at in range(0, len(signature), _WRAPPED_AT)]
        return unsigned + b"\r\n ".join(lines) + b"\r\n"


Private = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def signature_of(private: Private, covered: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 over SHA-256 (RFC 6376 section 3.3.2); PureEdDSA of the SHA-256 hash (RFC 8463
    section 3).
    """
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(covered, padding.PKCS1v15(), hashes.SHA256())
    return private.sign(hashlib.sha256(covered).digest())


def _private(secret: bytes) -> Private:
    try:
        private = serialization.load_der_private_key(secret, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyUnusable from None  # outside of the library's own words: nothing of a key in a traceback
    if isinstance(private, rsa.RSAPrivateKey):
        if private.key_size < RSA_BITS:
            raise KeyUnusable
        return private
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private
    raise KeyUnusable


def _public_part(private: Private) -> bytes:
    if isinstance(private, rsa.RSAPrivateKey):
        return private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    return private.public_key().public_bytes_raw()


def _parted(content: bytes) -> tuple[bytes, bytes]:
    """Head without its last CRLF, and body. Raises Unsignable."""
    lines = content.splitlines()  # at each CR, LF and CRLF: of one octet each, unless all of them are CRLF
    ends = len(lines) if content.endswith((b"\r", b"\n")) else len(lines) - 1
    if len(b"".join(lines)) + 2 * ends != len(content):
        raise Unsignable
    head, _, body = content.partition(b"\r\n\r\n")
    if _NOT_IN_A_HEAD.search(head):
        raise Unsignable
    return head.removesuffix(b"\r\n"), body


def _fields(head: bytes) -> Mapping[str, list[bytes]]:
    """Canonical fields by name, each name's own in the order of the message. Raises Unsignable."""
    found: dict[str, list[bytes]] = {}
    for each in _NEW_FIELD.split(head):
        name, canonical = _field(each)
        found.setdefault(name, []).append(canonical)
    if len(found.get("from", ())) != 1:
        raise Unsignable
    return found


@lru_cache(maxsize=256)  # most fields of a mailing's mails are the same
def _field(each: bytes) -> tuple[str, bytes]:
    name, colon, _ = each.partition(b":")
    bare = name.rstrip(b" \t")
    if not colon or not _FIELD_NAME.fullmatch(bare):
        raise Unsignable
    return bare.decode("ascii").lower(), _relaxed(each)


@lru_cache(maxsize=64)  # the mails of a mailing have the same fields
def _names(counts: tuple[int, ...]) -> tuple[str, ...]:
    """What h= names, a name once for each field that is to be covered; `counts` as in _NAMED."""
    names: list[str] = []
    for name, there in zip(_NAMED, counts, strict=True):
        times = there + (name in OVERSIGNED)
        names += [name] * (max(times, 1) if name in _ALWAYS else times)
    return tuple(names)


def _canonical(fields: Mapping[str, list[bytes]], names: Sequence[str]) -> bytes:
    """Of several fields of a name the last comes first; one that is not there is nothing (RFC 6376 section
    5.4.2).
    """
    left = {name: found.copy() for name, found in fields.items()}
    return b"".join([left[name].pop() + b"\r\n" for name in names if left.get(name)])


def _relaxed(each: bytes) -> bytes:
    """RFC 6376 section 3.4.2, without the CRLF at the end. No control characters but TAB and folds."""
    name, _, value = each.partition(b":")
    return name.rstrip(b" \t").lower() + b":" + b" ".join(value.split())


def _simple(body: bytes) -> bytes:
    """RFC 6376 section 3.4.3: exactly one CRLF at the end, also of nothing."""
    stripped = body
    while stripped.endswith(b"\r\n"):
        stripped = stripped[:-2]
        if not stripped.endswith(b"\r\n"):
            break
    return stripped + b"\r\n"


@lru_cache(maxsize=64)
def _wrapped_list(names: tuple[str, ...]) -> bytes:
    """Folded after colons; a space there is allowed (RFC 6376 section 3.5)."""
    lines, line = [], ""
    for name in names:
        if len(line) + len(name) > _WRAPPED_AT:
            lines.append(line)
            line = ""
        line += name + ":"
    return "\r\n  ".join([*lines, line[:-1]]).encode()
