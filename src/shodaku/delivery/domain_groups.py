"""Receivers that judge a sender as one, known by the domains of their mailboxes. A list is data."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

OTHER: Final = "other"
EVERY: Final = ""  # of a bucket that holds for all of them together


@cache
def domains_of_groups() -> dict[str, str]:
    """Domain in small letters -> group."""
    text = (files("shodaku.delivery") / "domain_groups.toml").read_text(encoding="utf-8")
    return {domain: name for name, each in tomllib.loads(text).items() for domain in each["domains"]}


def groups() -> tuple[str, ...]:
    """In the order of the list, the rest last."""
    return (*dict.fromkeys(domains_of_groups().values()), OTHER)


def group_of(address: str) -> str:
    return domains_of_groups().get(address.rpartition("@")[2].lower(), OTHER)


def group_columns() -> dict[str, object]:
    """The list of domains as parameters of a statement."""
    known = domains_of_groups()
    return {"domains": [*known], "names": [*known.values()], "other": OTHER}
