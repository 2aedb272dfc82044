"""Signed tokens of links and return paths: a MAC instead of a row, each bound to one purpose.

31 bytes: key epoch 1, purpose 1, workspace 3, subject 4, contact 6, keyed BLAKE2b 16. In a URL they are 42
characters; in a mail address 62 hex digits, as local parts may come back in another case: with `b+` exactly
the 64 octets that a local part may have (RFC 5321 section 4.5.3.1.1).
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from enum import IntEnum, unique
from typing import Final, NamedTuple

from shodaku.kit.link_faults import NumberTooBigForLink, UnusableLinkKey

_HEAD_BYTES: Final = 15
_MAC_BYTES: Final = 16
_KEY_BYTES_MIN: Final = 16
_KEY_BYTES_MAX: Final = 64  # what BLAKE2b takes
_EPOCH_MAX: Final = 255
_URL_TEXT: Final = re.compile(r"[A-Za-z0-9_-]{42}")
_LOCAL_PART: Final = re.compile(r"[A-Za-z]\+([0-9A-Fa-f]{62})")
_TO_URL: Final = bytes.maketrans(b"+/", b"-_")


@unique
class Purpose(IntEnum):
    """What a token is good for; at any other endpoint it is nobody's."""

    DELIVERY = 1  # opens, clicks, opts out, names the bounce of a campaign
    NOTICE = 2
    CONFIRMATION = 3  # subject: the sign-up request, whose row knows when it expires
    PREFERENCE = 4
    DOWNLOAD = 5  # subject: the mail that carries it, which proves the mailbox; its request knows until when
    ASK = 6  # subject: the re-confirmation, whose row knows until when it may be answered
    RECEIPT = 7  # subject: the ledger entry of one's own act; shown after the act, never written into a mail
    INVITATION = 8  # subject: the mail that carries it; 0: handed over, contact: number of the invitation
    DESK = 9  # subject: the desk, whose row knows until when it is open


class Token(NamedTuple):
    workspace_id: int
    subject_id: int  # campaign, notice or sign-up request; 0 where there is none
    contact_id: int
    purpose: Purpose


class LinkKeys:
    """The newest epoch signs; all verify, for an opt-out link stays valid for ever."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        for epoch, key in keys.items():
            if not 0 <= epoch <= _EPOCH_MAX or not _KEY_BYTES_MIN <= len(key) <= _KEY_BYTES_MAX:
                raise UnusableLinkKey
        if not keys:
            raise UnusableLinkKey
        self._newest = max(keys)
        self._keyed = {
            epoch: hashlib.blake2b(key=key, digest_size=_MAC_BYTES, person=b"shodaku link")
            for epoch, key in keys.items()
        }

    def make(self, token: Token) -> bytes:
        """Raises NumberTooBigForLink: workspace 24 bits, subject 32, contact 48."""
        return self.maker(token.workspace_id, token.subject_id, token.purpose)(token.contact_id)

    def maker(self, workspace_id: int, subject_id: int, purpose: Purpose) -> Callable[[int], bytes]:
        """`make` for many contacts of one subject: what they share is packed and hashed once."""
        head = bytes((self._newest, purpose)) + _packed(workspace_id, 3) + _packed(subject_id, 4)
        keyed = self._keyed[self._newest].copy()
        keyed.update(head)

        def make(contact_id: int) -> bytes:
            tail = _packed(contact_id, 6)
            mac = keyed.copy()
            mac.update(tail)
            return head + tail + mac.digest()

        return make

    def read(self, data: bytes, purpose: Purpose) -> Token | None:
        """None when the token is not ours or was made for something else."""
        if len(data) != _HEAD_BYTES + _MAC_BYTES or data[0] not in self._keyed:
            return None
        mac = self._keyed[data[0]].copy()
        mac.update(data[:_HEAD_BYTES])
        if not hmac.compare_digest(mac.digest(), data[_HEAD_BYTES:]) or data[1] != purpose:
            return None
        return Token(_number(data[2:5]), _number(data[5:9]), _number(data[9:15]), purpose)

    def read_url(self, text: str, purpose: Purpose) -> Token | None:
        """One token has one spelling: the unused last bits must be zero, padding is refused."""
        if not _URL_TEXT.fullmatch(text):
            return None
        data = binascii.a2b_base64(text.replace("-", "+").replace("_", "/") + "==")
        return self.read(data, purpose) if url_form(data) == text else None

    def read_local_part(self, text: str, purpose: Purpose) -> Token | None:
        """`b+<hex>` of a bounce, `o+<hex>` of an opt-out by mail; in any case of letters."""
        match = _LOCAL_PART.fullmatch(text)
        return self.read(bytes.fromhex(match[1]), purpose) if match else None


def url_form(token: bytes) -> str:
    return binascii.b2a_base64(token, newline=False).translate(_TO_URL).rstrip(b"=").decode()


def _packed(number: int, size: int) -> bytes:
    try:
        return number.to_bytes(size, "big")
    except OverflowError:
        raise NumberTooBigForLink from None


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
