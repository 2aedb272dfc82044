"""A time stamp (RFC 3161) over the checkpoint: an authority signs that it was shown it, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from cryptography.x509 import Certificate, load_pem_x509_certificates

from shodaku.kit import outgoing
from shodaku.kit.errors import OutOfReach
from shodaku.kit.outgoing import WebAddress
from shodaku.ledger.anchored import CLOCKS_APART_MAX, AnchorFailed, AnchorFaultCode
from shodaku.ledger.anchors.der import with_sorted_certificates

CERTIFICATE_BYTES_MAX: Final = 256 * 1024
_ASKS: Final = "application/timestamp-query"
_GRANTED: Final = 0
_SHA256: Final = "2.16.840.1.101.3.4.2.1"


class NoTimestamps(OutOfReach):
    """Time stamps need an optional part: install shodaku[anchor]."""

    code = "no_timestamps"


@dataclass(frozen=True, slots=True)
class Stamp:
    response: bytes  # as it came, for `openssl ts -verify`
    at: datetime  # by the clock of the authority


def require_library() -> ModuleType:
    """Raises NoTimestamps."""
    try:
        return import_module("rfc3161_client")
    except ImportError as error:
        raise NoTimestamps from error


def read_certificates(file: Path) -> list[Certificate]:
    """The certificates that are trusted to be, or to vouch for, the authority. Raises AnchorFailed."""
    try:
        return load_pem_x509_certificates(_content(file))
    except (OSError, ValueError) as error:
        raise AnchorFailed(AnchorFaultCode.NO_CERTIFICATES) from error


def _content(file: Path) -> bytes:
    """Raises AnchorFailed, OSError."""
    if not file.is_file():  # to open a pipe can wait for ever, to open a device can do something
        raise AnchorFailed(AnchorFaultCode.NO_CERTIFICATES)
    with file.open("rb") as source:
        content = source.read(CERTIFICATE_BYTES_MAX + 1)
    if len(content) > CERTIFICATE_BYTES_MAX:
        raise AnchorFailed(AnchorFaultCode.NO_CERTIFICATES)
    return content


def stamp(where: WebAddress, vkey: str | None, text: bytes, *, local: bool, now: datetime) -> Stamp:
    """Raises AnchorFailed, and what `outgoing.post` raises."""
    try:
        library = require_library()
    except NoTimestamps as error:
        raise AnchorFailed(AnchorFaultCode.LIBRARY_MISSING) from error
    trusted = None if vkey is None else read_certificates(Path(vkey))
    builder = library.TimestampRequestBuilder().data(text).hash_algorithm(library.HashAlgorithm.SHA256)
    request = builder.nonce(nonce=True).cert_request(cert_request=True).build()  # its nonce is 64 random bits
    answer = outgoing.post(where, request.as_bytes(), _ASKS, local=local)
    if answer.status != HTTPStatus.OK:
        raise AnchorFailed(AnchorFaultCode.BAD_STATUS, str(answer.status))
    return read_stamp(answer.body, request.nonce, text, trusted, now=now)


def read_stamp(
    response: bytes, nonce: int, text: bytes, trusted: list[Certificate] | None, *, now: datetime
) -> Stamp:
    """Granted, for this text and this request, not from the future, and signed under what is trusted.

    Without certificates nobody has looked at the signature. Raises AnchorFailed.
    """
    library = require_library()
    try:
        read = library.decode_timestamp_response(with_sorted_certificates(response))
        status = read.status
        info = read.tst_info if status == _GRANTED else None
    except ValueError as error:
        raise AnchorFailed(AnchorFaultCode.UNREADABLE) from error
    if info is None:
        raise AnchorFailed(AnchorFaultCode.NOT_GRANTED, str(status))
    imprint, wanted = info.message_imprint, sha256(text).digest()
    if imprint.hash_algorithm.dotted_string != _SHA256 or imprint.message != wanted:
        raise AnchorFailed(AnchorFaultCode.OTHER_IMPRINT)
    if info.nonce != nonce:
        raise AnchorFailed(AnchorFaultCode.WRONG_NONCE)
    if trusted is not None:
        _verify(library, read, wanted, trusted)
    at: datetime = info.gen_time
    if at - now > CLOCKS_APART_MAX:
        raise AnchorFailed(AnchorFaultCode.IN_FUTURE)
    return Stamp(response, at)


def _verify(library: ModuleType, read: Any, wanted: bytes, trusted: list[Certificate]) -> None:  # noqa: ANN401 - a type of the optional library
    verifier = library.VerifierBuilder(roots=list(trusted)).build()
    try:
        verifier.verify(read, wanted)
    except (library.VerificationError, ValueError) as error:
        raise AnchorFailed(AnchorFaultCode.BAD_SIGNATURE) from error
