"""Who did it, in words: the ledger names staff by their number, and other ways in by a short text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shodaku.accounts import selectors as accounts

PREFIX: Final = "staff:"
_WAYS: Final[Mapping[str, str | Promise]] = {
    "command line": gettext_lazy("Command line"),
    "system": gettext_lazy("The program itself"),
    "the person's own page": gettext_lazy("The person's own page"),
}


@dataclass(frozen=True, slots=True)
class StaffNames:
    known: Mapping[int, str]

    def told(self, by: str) -> str:
        """Of somebody who does not work here any more the number; the text itself of what is no staff."""
        number = by.removeprefix(PREFIX)
        if number == by or not number.isdecimal():
            return str(_WAYS.get(by, by))
        return self.known.get(int(number)) or _("Former member no. %(n)s") % {"n": number}


def of(workspace_id: int) -> StaffNames:
    return StaffNames({row.staff_id: row.name for row in accounts.staff(workspace_id)})
