"""age (age-encryption.org/v1) around a stream, in either direction, in pieces of 64 KiB.

The recipient is the installation's own key `backup`, whose 32 bytes are an X25519 secret, or who is named.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from queue import Full, Queue
from typing import IO, Final, cast

import pyrage
from pyrage import x25519

from shodaku.kit.errors import OutOfReach, ShodakuError, WrongUse
from shodaku.kit.keys import KeyRing

MAGIC: Final = b"age-encryption.org/"
RECIPIENTS_MAX: Final = 20
IDENTITY_BYTES_MAX: Final = 64 * 1024
_BLOCKS_WAITING: Final = 16
_LOOK_SECONDS: Final = 0.2
_LETTERS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"  # of Bech32, BIP-173
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


class NoRecipient(WrongUse):
    """A backup is encrypted to a public key of age: age1 and 58 more letters and digits."""

    code = "no_recipient"


class NoIdentity(WrongUse):
    """The file holds no secret key of age: a line that begins with AGE-SECRET-KEY-1."""

    code = "no_identity"


class NotABackup(WrongUse):
    """The file is not a backup of shodaku."""

    code = "not_a_backup"


class WrongBackupKey(OutOfReach):
    """The backup was encrypted for another key; put the key file backup.1 of that installation back."""

    code = "wrong_backup_key"


class BackupDamaged(ShodakuError):
    """The backup is cut off, or was altered; nothing was changed."""

    code = "backup_damaged"


def own_recipient(ring: KeyRing) -> x25519.Recipient:
    """Who has the newest key can open what is made now."""
    return identity_of(ring.newest).to_public()


def identity_of(key: bytes) -> x25519.Identity:
    return x25519.Identity.from_str(_bech32("age-secret-key-", key).upper())


def parse_recipients(texts: Sequence[str]) -> list[x25519.Recipient]:
    """Raises NoRecipient."""
    if len(texts) > RECIPIENTS_MAX:
        raise NoRecipient(hint=f"at most {RECIPIENTS_MAX}")
    try:
        return [x25519.Recipient.from_str(each) for each in texts]
    except pyrage.RecipientError:
        raise NoRecipient from None


def read_identities(file: Path) -> list[x25519.Identity]:
    """As age-keygen writes them. Raises NoIdentity."""
    try:
        with file.open("rb") as source:
            lines = source.read(IDENTITY_BYTES_MAX).decode().splitlines()
        found = [
            x25519.Identity.from_str(line.strip()) for line in lines if line.startswith("AGE-SECRET-KEY-1")
        ]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        raise NoIdentity(hint=str(file)) from None
    if not found:
        raise NoIdentity(hint=str(file))
    return found


def encrypt(blocks: Iterable[bytes], target: IO[bytes], recipients: Sequence[x25519.Recipient]) -> None:
    """Raises whatever the blocks raise, and OSError."""
    source, sink = _Source(iter(blocks)), _Sink(target)
    try:
        pyrage.encrypt_io(cast("BufferedIOBase", source), cast("BufferedIOBase", sink), recipients)
    except (pyrage.EncryptError, OSError):
        fault = source.fault or sink.fault
        if fault is not None:
            raise fault from None  # the library hands on its text alone
        raise


@contextmanager
def decrypted(source: IO[bytes], identities: Sequence[x25519.Identity]) -> Iterator[Plain]:
    """What stands inside, to be read once. Only at its end is it certain that nothing was cut off."""
    plain = Plain(source, identities)
    try:
        yield plain
    finally:
        plain.close()


class _Source:
    """A file, as far as the library reads."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")
        self.fault: Exception | None = None

    def read(self, most: int = -1) -> bytes:
        try:
            while not self._rest:
                self._rest = memoryview(next(self._blocks))
        except StopIteration:
            return b""
        except Exception as fault:
            self.fault = fault
            raise
        end = len(self._rest) if most < 0 else most
        head, self._rest = self._rest[:end], self._rest[end:]
        return bytes(head)


class _Sink:
    """A file, as far as the library writes."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.fault: OSError | None = None

    def write(self, block: bytes) -> int:
        try:
            return self._target.write(block)
        except OSError as fault:
            self.fault = fault
            raise

    def flush(self) -> None:
        self._target.flush()


class _Closed(Exception):
    """Nobody reads any more."""


class Plain:
    """The library pushes, tarfile pulls: a thread stands between them, at most 1 MiB ahead."""

    def __init__(self, source: IO[bytes], identities: Sequence[x25519.Identity]) -> None:
        self._blocks: Queue[bytes | Exception] = Queue(_BLOCKS_WAITING)
        self._closed = threading.Event()
        self._rest = memoryview(b"")
        self._ended: Exception | bool = False
        self._thread = threading.Thread(target=self._run, args=(source, identities), daemon=True)
        self._thread.start()

    def read(self, most: int = -1) -> bytes:
        """Fewer bytes than asked for at the end alone. Raises NotABackup, WrongBackupKey, BackupDamaged."""
        found = bytearray()
        while most < 0 or len(found) < most:
            if not self._rest and not self._more():
                break
            end = len(self._rest) if most < 0 else most - len(found)
            found += self._rest[:end]
            self._rest = self._rest[end:]
        return bytes(found)

    def close(self) -> None:
        self._closed.set()
        while self._thread.is_alive():
            self._thread.join(_LOOK_SECONDS)

    def _more(self) -> bool:
        if isinstance(self._ended, Exception):
            raise self._ended
        if self._ended:
            return False
        block = self._blocks.get()
        if isinstance(block, Exception):
            self._ended = block
            raise block
        self._rest = memoryview(block)
        self._ended = not block
        return bool(block)

    def _run(self, source: IO[bytes], identities: Sequence[x25519.Identity]) -> None:
        try:
            pyrage.decrypt_io(cast("BufferedIOBase", source), cast("BufferedIOBase", self), identities)
            self._put(b"")
        except _Closed:
            pass
        except pyrage.DecryptError as fault:
            self._put(WrongBackupKey() if "matching" in str(fault) else NotABackup())
        except OSError:  # of the file, or "decryption error" of a piece that does not verify
            self._put(BackupDamaged())
        except Exception as fault:  # noqa: BLE001 - whoever reads must not wait for ever
            self._put(fault)

    def write(self, block: bytes) -> int:
        """For the library."""
        if block:  # an empty one would be taken for the end
            self._put(bytes(block))
        return len(block)

    def flush(self) -> None:
        """For the library; there is nothing between."""

    def _put(self, block: bytes | Exception) -> None:
        while not self._closed.is_set():
            try:
                self._blocks.put(block, timeout=_LOOK_SECONDS)
            except Full:
                continue
            return
        raise _Closed


def _bech32(prefix: str, content: bytes) -> str:
    """BIP-173, without its limit on length, as age uses it."""
    bits = int.from_bytes(content, "big") << (-len(content) * 8 % 5)
    count = -(-len(content) * 8 // 5)
    words = [bits >> 5 * (count - 1 - place) & 31 for place in range(count)]
    spread = [ord(each) >> 5 for each in prefix] + [0] + [ord(each) & 31 for each in prefix]
    check = _polymod([*spread, *words, 0, 0, 0, 0, 0, 0]) ^ 1
    words += [check >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{prefix}1{''.join(_LETTERS[each] for each in words)}"


def _polymod(words: Sequence[int]) -> int:
    check = 1
    for word in words:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ word
        for place, factor in enumerate(_GENERATOR):
            check ^= factor if top >> place & 1 else 0
    return check
