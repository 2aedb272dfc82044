"""The sentence builder of a segment: groups and conditions as they stand on the page, each fault at its row.

The whole state travels in the form; adding or taking away a condition is a POST that saves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from shodaku.console.words import Words
from shodaku.segments.domain import (
    CONDITIONS_MAX,
    GROUPS_MAX,
    KINDS,
    PLACES,
    ROWS,
    ConditionFault,
    Expression,
    Group,
    Match,
    Single,
    dump_single,
    parse_single,
    place_in_words,
)

TITLES: Final[Words] = {
    "topic": gettext_lazy("Agreed to the topic"),
    "clicked_within": gettext_lazy("Followed a link within so many days"),
    "clicked_in": gettext_lazy("Followed a link of the campaign"),
    "bought_within": gettext_lazy("Bought something within so many days"),
    "bought": gettext_lazy("Bought the product"),
    "bought_nothing": gettext_lazy("Bought nothing yet"),
    "spent": gettext_lazy("Bought altogether for at least so many yen"),
    "prefecture": gettext_lazy("Lives in"),
    "kana": gettext_lazy("Reading of the name begins with"),
    "kana_row": gettext_lazy("Reading of the name begins in the row"),
    "company": gettext_lazy("Company contains"),
    "attribute": gettext_lazy("A field says"),
    "birth_month": gettext_lazy("Has a birthday"),
    "known_within": gettext_lazy("Known for at most so many days"),
    "known_since": gettext_lazy("Known since this day or later"),
    "language": gettext_lazy("Language"),
    "source": gettext_lazy("Came in by"),
}
NOTES: Final[Words] = {
    "clicked_within": gettext_lazy("Known only of people who allow measuring; all others are left out."),
    "clicked_in": gettext_lazy("Known only of people who allow measuring; all others are left out."),
}
# fields that imports keep beside those of a person's own
_FIELDS: Final[Words] = {
    "department": gettext_lazy("Department"),
    "title": gettext_lazy("Job title"),
    "tags": gettext_lazy("Tags"),
    "gender": gettext_lazy("Gender"),
    "postcode": gettext_lazy("Postcode"),
    "memo": gettext_lazy("Memo"),
}
_NUMBERS: Final = frozenset({"bought_within", "clicked_within", "known_within", "spent"})
_ROW: Final = re.compile(r"g(\d{1,2})-(\d{1,2})-is")
_ROWS_MAX: Final = 100  # of what a form may bring before it is judged

Choices = Sequence[tuple[str, str]]


@dataclass(slots=True)
class Row:
    """One condition as it was typed."""

    kind: str
    value: str = ""
    name: str = ""
    negated: bool = False
    error: str = ""
    fresh: bool = False  # just added: the next thing somebody types is its value

    def read(self) -> Single | None:
        """None, and the reason at the row, for what cannot be understood."""
        said: dict[str, object] = {"is": self.kind, "value": self._typed(), "name": self.name}
        try:
            return parse_single({"is": "not", "condition": said} if self.negated else said)
        except ConditionFault as fault:
            self.error = fault.sentence(get_language() or "ja")
            return None

    def _typed(self) -> str:
        return self.value.replace(",", "").strip() if self.kind in _NUMBERS else self.value

    @property
    def title(self) -> str:
        return str(TITLES[self.kind])

    @property
    def note(self) -> str:
        return str(NOTES.get(self.kind, ""))

    @property
    def widget(self) -> str:
        if self.kind == "bought_nothing":
            return "none"
        if self.kind in _NUMBERS:
            return "number"
        if self.kind == "known_since":
            return "date"
        return "text" if self.kind in ("company", "kana", "attribute") else "choice"


@dataclass(slots=True)
class Part:
    """A group of conditions on the page."""

    match: str = Match.ALL.value
    rows: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Builder:
    name: str = ""
    match: str = Match.ALL.value
    parts: list[Part] = field(default_factory=lambda: [Part()])
    seen: int | None = None  # the version that was looked at
    topic_id: int | None = None  # who of them may be written to is asked for this topic
    errors: list[tuple[str, str]] = field(default_factory=list)  # anchor on the page, sentence

    @classmethod
    def of(cls, name: str, expression: Expression, version: int | None) -> Builder:
        parts = [Part(each.match.value, [_row(one) for one in each.conditions]) for each in expression.groups]
        return cls(name, expression.match.value, parts or [Part()], version)

    @classmethod
    def posted(cls, said: QueryDict) -> Builder:
        """As it was sent, whatever it says; nothing that was typed is lost."""
        parts = [Part(said.get(f"g{number}-match", "")) for number in range(_parts_in(said))]
        named = sorted((int(found[1]), int(found[2])) for each in said if (found := _ROW.fullmatch(each)))
        for group, number in named[:_ROWS_MAX]:
            key = f"g{group}-{number}"
            kind = said.get(f"{key}-is", "")
            if kind in KINDS and group < len(parts):
                name, value = said.get(f"{key}-name", ""), said.get(f"{key}-value", "")
                parts[group].rows.append(Row(kind, value, name, said.get(f"{key}-not") == "1"))
        seen, topic = said.get("seen", ""), said.get("topic", "")
        return cls(
            said.get("name", ""),
            said.get("match", ""),
            parts or [Part()],
            int(seen) if _is_number(seen) else None,
            int(topic) if _is_number(topic) else None,
        )

    def act(self, pressed: str, said: QueryDict) -> None:
        """Add or take away what a button names; nothing for a button that is not ours."""
        verb, _colon, where = pressed.partition(":")
        numbers = [int(each) for each in where.split(".") if _is_number(each)]
        match verb, numbers:
            case "add", [group] if group < len(self.parts):
                self._add(group, said.get(f"g{group}-add", ""))
            case "remove", [group, number] if group < len(self.parts):
                if number < len(self.parts[group].rows):
                    del self.parts[group].rows[number]
            case "drop", [group] if group < len(self.parts):
                del self.parts[group]
                self.parts = self.parts or [Part()]
            case "group", [] if len(self.parts) < GROUPS_MAX:
                self.parts.append(Part())

    def _add(self, group: int, kind: str) -> None:
        if kind in KINDS and sum(len(part.rows) for part in self.parts) < CONDITIONS_MAX:
            self.parts[group].rows.append(Row(kind, fresh=True))
        elif kind in KINDS:
            full = _("At most %(most)s conditions can be joined.") % {"most": CONDITIONS_MAX}
            self.errors.append((f"g{group}-add", full))

    def read(self) -> Expression | None:
        """What it means; None, with the reasons at their rows. A group without a condition means nothing."""
        groups: list[Group] = []
        whole = True
        for number, part in enumerate(self.parts):
            read = [each.read() for each in part.rows]
            for at, row in enumerate(part.rows):
                if row.error:
                    self.errors.append((f"g{number}-{at}", f"{row.title}{_colon()}{row.error}"))
            understood = tuple(each for each in read if each is not None)
            whole = whole and len(understood) == len(read)
            if read:
                groups.append(Group(_match(part.match), understood))
        return Expression(_match(self.match), tuple(groups)) if whole else None


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be chosen: topics, campaigns whose links are counted, places, rows of kana."""

    topics: Choices
    campaigns: Choices
    products: Choices
    topic_names: Mapping[str, str]  # of the topics that were put away too

    def of(self, row: Row) -> Choices:
        choices = self._fixed().get(row.kind, ())
        if row.kind in ("topic", "clicked_in", "bought") and row.value not in (
            "",
            *(value for value, _title in choices),
        ):
            name = self.topic_names.get(row.value, row.value) if row.kind == "topic" else row.value
            return [*choices, (row.value, name)]  # archived since: it stays what it was
        return choices

    def _fixed(self) -> Mapping[str, Choices]:
        japanese = (get_language() or "ja").startswith("ja")
        return {
            "topic": self.topics,
            "clicked_in": self.campaigns,
            "bought": self.products,
            "prefecture": [(each, place_in_words(each)[0 if japanese else 1]) for each in PLACES],
            "kana_row": [(row, _("Row of %(kana)s") % {"kana": row}) for row in ROWS],
            "birth_month": [("0", _("This month")), ("1", _("Next month"))],
            "language": [("ja", _("Japanese")), ("en", _("English"))],
            "source": [
                ("form", _("A sign-up form")),
                ("import", _("An import")),
                ("staff", _("Staff")),
                ("app", _("An app")),
            ],
        }


def field_names(row: Row) -> list[tuple[str, str]]:
    named = [(name, str(title)) for name, title in _FIELDS.items()]
    return named if not row.name or row.name in _FIELDS else [*named, (row.name, row.name)]


def _row(condition: Single) -> Row:
    said = dump_single(condition)
    inner = said.get("condition")
    plain: Mapping[str, object] = inner if isinstance(inner, dict) else said
    value, name = plain.get("value", ""), plain.get("name", "")
    return Row(str(plain["is"]), str(value), str(name), isinstance(inner, dict))


def _parts_in(said: QueryDict) -> int:
    count = said.get("groups", "")
    return min(int(count), GROUPS_MAX) if _is_number(count) else 0


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 9  # noqa: PLR2004 - so that it fits an int4


def _match(text: str) -> Match:
    return Match.ANY if text == Match.ANY.value else Match.ALL


def _colon() -> str:
    return "：" if (get_language() or "ja").startswith("ja") else ": "
