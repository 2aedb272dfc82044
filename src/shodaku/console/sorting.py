"""Column heads by which a list is sorted: links, so that the order stands in the URL."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise


class Direction(StrEnum):
    """As `aria-sort` says it."""

    UP = "ascending"
    DOWN = "descending"


@dataclass(frozen=True, slots=True)
class Head:
    text: str | Promise
    href: str = ""  # empty: nobody can sort by it
    direction: Direction | None = None  # None: the list is sorted by something else
    number: bool = False  # figures stand at the end of their column
