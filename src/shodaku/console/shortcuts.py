"""Keys that press something: which there are, as the pages and their list know them.

g and a second key follow a link of the navigation; WCAG 2.1.4: all of them can be switched off, and none
works while somebody types.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# the second key by the entry of the navigation; letters that Japanese and English keyboards have alike
GO: Final = {
    "home": "h",
    "campaigns": "c",
    "contacts": "p",
    "segments": "s",
    "topics": "t",
    "forms": "f",
    "imports": "i",
    "desk": "d",
    "cases": "k",
    "refusals": "r",
    "requests": "q",
    "ledger": "l",
    "settings": "e",
    "staff": "m",
}
_TITLES: Final = {
    "home": _("Home"),
    "campaigns": _("Campaigns"),
    "contacts": _("Contacts"),
    "segments": _("Segments"),
    "topics": _("Topics"),
    "forms": _("Sign-up forms"),
    "imports": _("Imports"),
    "desk": _("Desk"),
    "cases": _("Complaints"),
    "refusals": _("Who said no"),
    "requests": _("Requests about data"),
    "ledger": _("Ledger and proofs"),
    "settings": _("Sender and settings"),
    "staff": _("People and roles"),
}


@dataclass(frozen=True, slots=True)
class Row:
    keys: tuple[str, ...]
    title: str | Promise


@dataclass(frozen=True, slots=True)
class Group:
    title: str | Promise
    rows: tuple[Row, ...]


def every() -> tuple[Group, ...]:
    """The same for everybody, for every role opens every list."""
    anywhere = (
        Row(("/",), _("Search people")),
        Row(("?",), _("Open this list")),
        Row(("Esc",), _("Close a menu or a dialog")),
    )
    return (
        Group(_("Anywhere"), anywhere),
        Group(_("Go to"), tuple(Row(("g", key), _TITLES[name]) for name, key in GO.items())),
    )
