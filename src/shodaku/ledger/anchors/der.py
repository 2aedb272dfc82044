"""The certificates of a time stamp in the order that DER asks for.

OpenSSL sends them in the order of its settings, and a strict reader refuses that. No signature covers their
order (RFC 5652 section 5.1), so it is mended before a token is read; what is kept is what was sent.
"""

from __future__ import annotations

from typing import Final, NamedTuple

_SEQUENCE: Final = 0x30
_CONTEXT_0: Final = 0xA0
_LONG: Final = 0x80
_LENGTH_BYTES_MAX: Final = 3


class _Element(NamedTuple):
    tag: int
    start: int  # of the whole element
    inside: int  # of its content
    end: int


def with_sorted_certificates(response: bytes) -> bytes:
    """A TimeStampResp (RFC 3161 section 2.4.2); as it was if it is none, for the reader to say so."""
    certificates = _certificates(response)
    if certificates is None:
        return response
    each = _elements(response, certificates.inside, certificates.end)
    if each is None:
        return response
    ordered = sorted(response[one.start : one.end] for one in each)
    return response[: certificates.inside] + b"".join(ordered) + response[certificates.end :]


def _certificates(response: bytes) -> _Element | None:
    """TimeStampResp > token, ContentInfo > [0] > SignedData > [0] certificates."""
    here = _element(response, 0, len(response))
    for place, tag in ((1, _SEQUENCE), (1, _CONTEXT_0), (0, _SEQUENCE), (3, _CONTEXT_0)):
        if here is None:
            return None
        parts = _elements(response, here.inside, here.end)
        here = parts[place] if parts is not None and len(parts) > place else None
        if here is None or here.tag != tag:
            return None
    return here


def _elements(source: bytes, start: int, end: int) -> list[_Element] | None:
    found: list[_Element] = []
    while start < end:
        element = _element(source, start, end)
        if element is None:
            return None
        found.append(element)
        start = element.end
    return found


def _element(source: bytes, start: int, end: int) -> _Element | None:
    """With a definite length, inside of what holds it; else None."""
    if start + 2 > end:
        return None
    length, inside = source[start + 1], start + 2
    if length >= _LONG:
        count = length - _LONG
        if not 1 <= count <= _LENGTH_BYTES_MAX or inside + count > end:
            return None
        length, inside = int.from_bytes(source[inside : inside + count], "big"), inside + count
    return _Element(source[start], start, inside, inside + length) if inside + length <= end else None
