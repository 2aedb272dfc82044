"""Opens the keys that sign for a domain. For the send path too: no Django, no database of its own.

A private key lies in the database under AES-256-GCM with the key file `dkim.<epoch>`, bound to its workspace,
domain and selector: a row that is copied to another place opens nothing there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shodaku.delivery.dkim import Algorithm, KeyUnusable, Signer, SigningKey
from shodaku.kit.errors import OutOfReach
from shodaku.kit.keys import KeyPurpose, KeyUnavailable
from shodaku.kit.runtime import Runtime

_NONCE_BYTES: Final = 12


class SigningKeyClosed(OutOfReach):
    """A DKIM key cannot be opened; the mail of its domain is held back until it can."""

    code = "dkim_key_closed"

    def __init__(self, key_id: int, why: str) -> None:
        super().__init__(hint=why)
        self.key_id = key_id

    @property
    def sentence(self) -> str:
        return f"{self.message} {self.hint}"


class WrappedKey(NamedTuple):
    key_id: int
    domain: str
    selector: str
    algorithm: str
    wrapped: bytes
    epoch: int
    fault: str


def wrap(here: Runtime, secret: bytes, workspace_id: int, domain: str, selector: str) -> tuple[bytes, int]:
    """A private key as it may lie in the database, and the epoch of its wrapping key.

    Raises KeyMissing, KeyExposed, KeyUnreadable, KeyServiceFailed.
    """
    ring = here.ring(KeyPurpose.DKIM)
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(ring.newest).encrypt(nonce, secret, _place(workspace_id, domain, selector))
    return nonce + sealed, ring.newest_epoch


def opened(here: Runtime, workspace_id: int, key: WrappedKey) -> SigningKey:
    """Raises SigningKeyClosed, whatever the reason."""
    try:
        ring = here.ring(KeyPurpose.DKIM)
    except KeyUnavailable as fault:
        raise SigningKeyClosed(key.key_id, fault.hint or fault.message) from None
    wrapping = ring.epochs.get(key.epoch)
    if wrapping is None:
        raise SigningKeyClosed(key.key_id, f"{here.keys}/dkim.{key.epoch}: put it back from your copy")
    nonce, sealed = key.wrapped[:_NONCE_BYTES], key.wrapped[_NONCE_BYTES:]
    try:
        secret = AESGCM(wrapping).decrypt(nonce, sealed, _place(workspace_id, key.domain, key.selector))
    except (InvalidTag, ValueError):
        why = (
            f"{here.keys}/dkim.{key.epoch} is not the file it was wrapped under: put that back from your copy"
        )
        raise SigningKeyClosed(key.key_id, why) from None
    return SigningKey(key.domain, key.selector, Algorithm(key.algorithm), secret)


def signer_of(here: Runtime, workspace_id: int, keys: Sequence[WrappedKey]) -> Signer | None:
    """What signs with all of them; None: none is there, and the relay signs. Raises SigningKeyClosed."""
    if not keys:
        return None
    found = [opened(here, workspace_id, each) for each in keys]
    try:
        return Signer(found)
    except KeyUnusable:
        raise SigningKeyClosed(keys[0].key_id, "make new ones: shodaku domain new-key") from None


def _place(workspace_id: int, domain: str, selector: str) -> bytes:
    return f"shodaku/dkim/1\0{workspace_id}\0{domain}\0{selector}".encode()
