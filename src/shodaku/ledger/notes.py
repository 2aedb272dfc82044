"""The texts a log publishes: C2SP signed-note, tlog-checkpoint, tlog-cosignature (Ed25519) and tlog-proof.

A checkpoint is three lines (origin, tree size, base64 root), an empty line, and one line a signature: an
em dash, a name, base64 of a 4-byte key id and the signature. A verifier key (vkey) is
"name+hex(key id)+base64(type, 32-byte public key)". Pure; the reader's side, without any library, is
`ledger.verify`.
"""

from __future__ import annotations

import re
import struct
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from hmac import digest
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_LABEL: Final = b"shodaku/ledger-key/1\0"
KEY_ID_BYTES: Final = 4
PUBLIC_KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
TIME_BYTES: Final = 8
NOTE_CHARACTERS_MAX: Final = 100_000  # of a note from outside: 16 witnesses fit many times
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_NAME: Final = re.compile(r"[^\s+]+")


class NoteFault(ValueError):
    """Not a signed checkpoint: it must be the whole text, from the name of the log to the last line."""


class KeyType(IntEnum):
    LOG = 1  # Ed25519 over the text
    COSIGNATURE = 4  # Ed25519 over "cosignature/v1", a time, and the text


@dataclass(frozen=True, slots=True)
class VerifierKey:
    name: str
    key_id: bytes
    key_type: KeyType
    public: bytes

    def __str__(self) -> str:
        rest = b64encode(bytes([self.key_type]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{rest}"


@dataclass(frozen=True, slots=True)
class Signer:
    """One private key of a log."""

    key: VerifierKey
    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"Signer({self.key})"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note."""

    name: str
    key_id: bytes
    blob: bytes  # what follows the key id: the signature, of a witness behind eight bytes of POSIX time


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint that was read, and not yet checked."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[Signature, ...]

    @property
    def text(self) -> str:
        """What is signed."""
        return checkpoint_text(self.origin, self.size, self.root)

    def signed_by(self, key: VerifierKey) -> bool:
        """True if one of the lines is this key's and holds; a line of the key that does not hold counts as
        none.
        """
        return any(_holds(each, key, self.text) for each in self.signatures)

    def seconds_of(self, key: VerifierKey) -> int | None:
        """When this witness signed, by its own clock; None if it did not."""
        for each in self.signatures:
            if key.key_type is KeyType.COSIGNATURE and _holds(each, key, self.text):
                return int(struct.unpack(">Q", each.blob[:TIME_BYTES])[0])
        return None


def signer_of(seed: bytes, origin: str) -> Signer:
    """The signing key of a log: each origin has its own, all come from one seed of 32 bytes."""
    private = Ed25519PrivateKey.from_private_bytes(digest(seed, KEY_LABEL + origin.encode(), "sha256"))
    return Signer(verifier_key(origin, private.public_key().public_bytes_raw()), private)


def verifier_key(name: str, public: bytes, key_type: KeyType = KeyType.LOG) -> VerifierKey:
    """The key id is a label to find the line by, not a security feature."""
    material = name.encode() + b"\n" + bytes([key_type]) + public
    return VerifierKey(name, sha256(material).digest()[:KEY_ID_BYTES], key_type, public)


def parse_vkey(text: str) -> VerifierKey:
    """Raises NoteFault."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]):  # noqa: PLR2004 - name, id, key
        raise NoteFault("a verifier key has the form name+id+key")
    material = _unb64(parts[2])
    if len(material) != 1 + PUBLIC_KEY_BYTES or material[0] not in tuple(KeyType):
        raise NoteFault("only Ed25519 keys are understood")
    key = verifier_key(parts[0], material[1:], KeyType(material[0]))
    if key.key_id.hex() != parts[1]:
        raise NoteFault("the id of the verifier key does not belong to it")
    return key


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    return f"{origin}\n{size}\n{b64encode(root).decode()}\n"


def sign_checkpoint(signers: Sequence[Signer], size: int, root: bytes) -> str:
    """One line for each signer; all have the log's origin as their name."""
    text = checkpoint_text(signers[0].key.name, size, root)
    lines = [_line(each.key.name, each.key.key_id + each.private.sign(text.encode())) for each in signers]
    return f"{text}\n{''.join(lines)}"


def cosign(private: Ed25519PrivateKey, key: VerifierKey, note: Note, seconds: int) -> str:
    """A witness's line: at POSIX time `seconds` this was the largest consistent tree it had seen."""
    blob = struct.pack(">Q", seconds) + private.sign(_cosigned(note.text, seconds))
    return _line(key.name, key.key_id + blob)


def read_note(text: str) -> Note:
    """Read a checkpoint; nothing is verified yet. Raises NoteFault."""
    if len(text) > NOTE_CHARACTERS_MAX or not text.endswith("\n") or "\n\n" not in text:
        raise NoteFault
    signed, _, lines = text.rpartition("\n\n")
    body = signed.split("\n")
    if len(body) != 3 or not _NAME.fullmatch(body[0]) or not _SIZE.fullmatch(body[1]):  # noqa: PLR2004 - origin, size, root
        raise NoteFault
    root = _unb64(body[2])
    if len(root) != sha256().digest_size:
        raise NoteFault
    return Note(body[0], int(body[1]), root, tuple(map(_signature, lines.splitlines())))


def read_notes(text: str) -> list[Note]:
    """Checkpoints one after the other, as a folder or a mailbox keeps them. Raises NoteFault.

    A note ends with its last signature line; empty lines may stand between two.
    """
    notes: list[list[str]] = []
    for line in text.replace("\r\n", "\n").splitlines(keepends=True):
        ended = bool(notes) and notes[-1][-1].startswith("\u2014 ")
        if line.startswith("\u2014 ") and notes:
            notes[-1].append(line.rstrip("\n") + "\n")
        elif (ended or not notes) and not line.strip():
            continue
        elif ended or not notes:
            notes.append([line])
        else:
            notes[-1].append(line)
    if not notes:
        raise NoteFault
    return [read_note("".join(lines)) for lines in notes]


def tlog_proof(index: int, proof: Sequence[bytes], note: str) -> str:
    """One entry's offline proof for files named *.tlog-proof."""
    hashes = [b64encode(each).decode() for each in proof]
    return "\n".join(["c2sp.org/tlog-proof@v1", f"index {index}", *hashes, "", note])


def _signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "\u2014":  # noqa: PLR2004 - dash, name, base64
        raise NoteFault
    blob = _unb64(parts[2])
    return Signature(parts[1], blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:])


def _holds(line: Signature, key: VerifierKey, text: str) -> bool:
    if (line.name, line.key_id) != (key.name, key.key_id):
        return False
    signature, signed = line.blob, text.encode()
    if key.key_type is KeyType.COSIGNATURE:
        if len(line.blob) != TIME_BYTES + SIGNATURE_BYTES:
            return False
        signature = line.blob[TIME_BYTES:]
        signed = _cosigned(text, struct.unpack(">Q", line.blob[:TIME_BYTES])[0])
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _line(name: str, blob: bytes) -> str:
    return f"\u2014 {name} {b64encode(blob).decode()}\n"


def _unb64(text: str) -> bytes:
    """One spelling for one value. Raises NoteFault."""
    try:
        value = b64decode(text, validate=True)
    except (NoBase64, ValueError) as error:
        raise NoteFault from error
    if b64encode(value).decode() != text:
        raise NoteFault
    return value
