"""What the list of acts is narrowed to, as it stands in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.utils.timezone import make_aware
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shodaku.console import act_values, ledger_words, staff_names, words
from shodaku.console.request_forms import DayField
from shodaku.ledger.domain import Kind
from shodaku.ledger.selectors import WantedActs

THING_CHARACTERS_MAX: Final = 100
COMMAND_LINE: Final = "command line"
# kinds without "admin." that staff, or a program in their name, record
OTHER_KINDS: Final = (
    Kind.POLICY,
    Kind.WORDING,
    Kind.IMPORT,
    Kind.EXEMPTION,
    Kind.SUPPRESSION_ADDED,
    Kind.SUPPRESSION_LIFTED,
    Kind.ERASED,
)
_NAMES: Final = ("who", "act", "thing", "since", "until")


class ActsForm(forms.Form):
    """Everything may be left out. An address does not belong into a URL, so none is searched for."""

    who = forms.ChoiceField(label=_("Who"), required=False)
    act = forms.ChoiceField(label=_("What was done"), required=False)
    thing = forms.CharField(
        label=_("To what"),
        required=False,
        max_length=THING_CHARACTERS_MAX,
        help_text=_("A number or a word, such as the number of a campaign."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    since = DayField(label=_("First day"), required=False)
    until = DayField(label=_("Last day"), required=False)

    def __init__(self, said: Mapping[str, Any], *, names: staff_names.StaffNames) -> None:
        super().__init__(said, auto_id="acts_%s")
        staff = [(f"staff:{number}", name) for number, name in names.known.items()]
        who = [("", _("Everybody")), *sorted(staff, key=_words), (COMMAND_LINE, _("Command line"))]
        self.fields["who"].choices = who  # type: ignore[attr-defined]  # a choice field
        self.fields["act"].choices = [("", _("Everything")), *kinds()]  # type: ignore[attr-defined]

    def clean_thing(self) -> str:
        thing: str = self.cleaned_data["thing"].strip()
        if "@" in thing or "＠" in thing:
            raise forms.ValidationError(
                _("An address does not belong here. Look the person up, and see their page.")
            )
        return thing

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        since, until = said.get("since"), said.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day comes before the first."))
        return said

    @property
    def wanted(self) -> WantedActs:
        said = self.cleaned_data
        last = said["until"]
        return WantedActs(
            kind=said["act"] or None,
            by=said["who"] or None,
            thing=said["thing"] or None,
            codes=act_values.codes_of(said["thing"]) if said["thing"] else frozenset(),
            since=_midnight(said["since"]) if said["since"] else None,
            until=_midnight(last + timedelta(days=1)) if last and last < date.max else None,
        )


@dataclass(frozen=True, slots=True)
class Query:
    """The same as text, for links to the next page."""

    said: Mapping[str, str]

    def with_(self, **more: object) -> str:
        return urlencode({name: value for name, value in {**self.said, **more}.items() if value})


def query(said: Mapping[str, Any]) -> Query:
    return Query({name: str(said.get(name, ""))[:THING_CHARACTERS_MAX] for name in _NAMES})


def kinds() -> list[tuple[str, str]]:
    """In the order of their words."""
    language = get_language() or "ja"
    known = {
        *ledger_words.ADMINISTRATION,
        *(kind for kind in words.ENTRIES if kind.startswith("admin.")),
        *(kind.value for kind in OTHER_KINDS),
    }
    return sorted(((kind, ledger_words.entry(kind, language)) for kind in known), key=_words)


def _words(choice: tuple[str, str]) -> str:
    return choice[1]


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time()))
