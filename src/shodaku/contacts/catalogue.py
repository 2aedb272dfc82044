"""What can be bought: values and what may stand in them. Pure. Door: `domain`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

PRODUCTS_MAX: Final = 1_000  # that are offered in a workspace
PRODUCT_NAME_CHARACTERS_MAX: Final = 100
PRODUCT_URL_CHARACTERS_MAX: Final = 500
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)
_URL: Final = re.compile(r"https?://[!-~]+", re.ASCII)


class ProductKind(StrEnum):
    COURSE = "course"
    GOODS = "goods"
    SERVICE = "service"
    EVENT = "event"
    OTHER = "other"


class ProductFault(StrEnum):
    CODE = "code"
    NAME = "name"
    URL = "url"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class UnfitProduct(ValueError):
    """A product that cannot be kept; what is wrong with it."""

    fault: ProductFault


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    code: str
    name: str
    url: str
    kind: ProductKind


def parse_product(code: str, name: str, url: str, kind: str) -> NewProduct:
    """Raises UnfitProduct."""
    code, name, url = code.strip(), name.strip(), url.strip()
    if not _CODE.fullmatch(code):
        raise UnfitProduct(ProductFault.CODE)
    if not 1 <= len(name) <= PRODUCT_NAME_CHARACTERS_MAX or "=?" in name or any(map(_unfit, name)):
        raise UnfitProduct(ProductFault.NAME)
    if url and not _is_address(url):
        raise UnfitProduct(ProductFault.URL)
    if kind not in list(ProductKind):
        raise UnfitProduct(ProductFault.KIND)
    return NewProduct(code=code, name=name, url=url, kind=ProductKind(kind))


def _unfit(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _is_address(url: str) -> bool:
    if len(url) > PRODUCT_URL_CHARACTERS_MAX or not _URL.fullmatch(url):
        return False
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False
