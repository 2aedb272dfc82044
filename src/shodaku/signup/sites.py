"""Where a form may stand in a frame, and where who sent it may be led: whole origins alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Final
from urllib.parse import SplitResult, urlsplit

from shodaku.contacts.domain import a_label

SITES_MAX: Final = 20
URL_CHARS_MAX: Final = 500

_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LOCAL: Final = ("localhost", "127.0.0.1")
_UNSEEN: Final = re.compile(r"[\s\x00-\x20\x7f]")


class UnfitSite(ValueError):
    """Not the beginning of an address of a website."""

    ja: ClassVar[str] = (
        "「https://www.example.jp」のように、https://から始まるサイトの先頭だけを書いてください。"
    )
    en: ClassVar[str] = "Write only the beginning of the site's address, such as https://www.example.jp."

    def sentence(self, language: str) -> str:
        return self.ja if language == "ja" else self.en


class TooManySites(UnfitSite):
    ja = "サイトは20個までです。"
    en = "At most 20 sites are possible."


class UnfitPage(UnfitSite):
    ja = "移動先は、上に書いたサイトの中のhttps://から始まるページにしてください。"
    en = "The page must begin with https:// and be on one of the sites above."


def parse_sites(text: str) -> tuple[str, ...]:
    """Origins, one a line, each once, as browsers compare them. Raises UnfitSite, TooManySites."""
    sites = tuple(dict.fromkeys(_origin(line.strip()) for line in text.splitlines() if line.strip()))
    if len(sites) > SITES_MAX:
        raise TooManySites
    return sites


def parse_thanks(text: str, sites: Sequence[str]) -> str | None:
    """A page on one of the sites, as it was written; None for none. Raises UnfitPage."""
    url = text.strip()
    if not url:
        return None
    if len(url) > URL_CHARS_MAX or _UNSEEN.search(url) or not url.isascii():
        raise UnfitPage
    try:
        parts = urlsplit(url)
        here = _joined(parts)
    except (UnfitSite, ValueError):
        raise UnfitPage from None
    if here not in sites:
        raise UnfitPage
    return url


def origin_of(url: str) -> str:
    """Of an address that `parse_thanks` took."""
    return _joined(urlsplit(url))


def _origin(text: str) -> str:
    if _UNSEEN.search(text):
        raise UnfitSite
    try:
        parts = urlsplit(text)
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise UnfitSite
        return _joined(parts)
    except ValueError:
        raise UnfitSite from None


def _joined(parts: SplitResult) -> str:
    """Raises UnfitSite; ValueError for a port that is none."""
    named = (parts.hostname or "").lower()
    host = named if named in _LOCAL else a_label(named) or ""
    if parts.username is not None or parts.password is not None or not _HOST.fullmatch(host):
        raise UnfitSite
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOCAL):
        raise UnfitSite
    usual = 443 if parts.scheme == "https" else 80
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
