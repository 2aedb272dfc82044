"""The three questions of an import: which list, which column is what, and how these people are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from shodaku.console.fields import TEXT_CHARACTERS_MAX
from shodaku.imports.domain import Basis, Preview, Relation
from shodaku.kit import clock
from shodaku.kit.ui.renderer import described

JAPAN: Final = "JP"
KEPT: Final = "="  # a column that is kept as an attribute, under its heading
UNUSED: Final = ""
ATTRIBUTE_CHARACTERS_MAX: Final = 60
SAMPLES_MAX: Final = 3
_SAMPLE_CHARACTERS_MAX: Final = 24

FIELDS: Final[Mapping[str, str | Promise]] = {
    "email": _("E-mail address"),
    "mobile": _("Mobile phone"),
    "phone": _("Telephone"),
    "name": _("Name (family and given)"),
    "family_name": _("Family name"),
    "given_name": _("Given name"),
    "kana": _("Kana of the name"),
    "family_kana": _("Kana of the family name"),
    "given_kana": _("Kana of the given name"),
    "company": _("Company"),
    "department": _("Department"),
    "title": _("Position"),
    "postcode": _("Postcode"),
    "prefecture": _("Prefecture"),
    "address": _("Postal address"),
    "exchanged_on": _("Day the card was given"),
    "consented_at": _("Day they agreed"),
    "basis": _("Basis of this row"),
    "place": _("Where the card was given, or how they agreed"),
    "fax": _("Fax"),
    "url": _("Web site"),
    "tags": _("Tags"),
    "memo": _("Remarks of the list"),
    "birthday": _("Birthday"),
    "gender": _("Gender"),
}


class ImportFile(forms.Form):
    list = forms.FileField(
        label=_("The list (Excel or CSV)"),
        help_text=_("At most 200 MB. Nothing is imported yet."),
        allow_empty_file=True,  # what is wrong with it is said as of any other file
    )


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that some of the relations ask for; without a title, those that any of them does."""

    title: str
    fields: list[Any]  # Any: bound fields of Django


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the list, as the page shows it."""

    heading: str
    samples: str
    field: Any  # Any: a bound field of Django


class ImportColumns(forms.Form):
    """Which column is what, as the headings say until somebody corrects it."""

    def __init__(self, *args: Any, preview: Preview, chosen: Mapping[str, int] | None, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self.preview = preview
        field_of = {at: name for name, at in (preview.columns if chosen is None else chosen).items()}
        for at, heading in enumerate(preview.header):
            kept = [(KEPT, _("Keep it as it is, under its heading"))] if _may_be_kept(heading) else []
            name = field_of.get(at, UNUSED)
            self.fields[f"column_{at}"] = forms.ChoiceField(
                label=_("Column %(number)s: %(heading)s") % {"number": at + 1, "heading": heading or "–"},
                required=False,
                choices=[(UNUSED, _("Do not read it")), *kept, *FIELDS.items()],
                initial=name if name in FIELDS or name == UNUSED else KEPT,
            )

    def columns(self) -> Iterator[Column]:
        for at, heading in enumerate(self.preview.header):
            cells = (row.cells[at] for row in self.preview.rows if at < len(row.cells))
            samples = [cell[:_SAMPLE_CHARACTERS_MAX] for cell in cells if cell.strip()][:SAMPLES_MAX]
            yield Column(heading, " / ".join(samples), self[f"column_{at}"])

    def chosen(self) -> dict[str, int]:
        """Field or heading -> index."""
        columns: dict[str, int] = {}
        for at, heading in enumerate(self.preview.header):
            name = self.cleaned_data[f"column_{at}"]
            if name != UNUSED:
                columns[heading.strip() if name == KEPT else name] = at
        return columns

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        names = [name for name in said.values() if name not in {UNUSED, KEPT}]
        for name in sorted({name for name in names if names.count(name) > 1}):
            second = max(field for field, value in said.items() if value == name)
            self.add_error(second, _("Two columns are chosen for this. Keep one of them."))
        if "email" not in names:
            raise forms.ValidationError(_("Choose the column with the e-mail addresses."))
        return said


class ImportBasis(forms.Form):
    """What the person who brings a list in declares for all of it; a column of the list counts before it."""

    basis = forms.ChoiceField(
        label=_("How do you know these people?"),
        widget=forms.RadioSelect,
        choices=[
            (
                Basis.CONSENT.value,
                described(_("They agreed to it"), _("With how, when and to what, they can receive mails.")),
            ),
            (
                Basis.CARD.value,
                described(_("They gave us their business card"), _("You may ask each of them once.")),
            ),
            (
                Basis.CUSTOMER.value,
                described(_("They bought from us"), _("No advertising before they agree to it.")),
            ),
            (
                Basis.PUBLISHED.value,
                described(
                    _("Their business published the address"), _("No advertising before they agree to it.")
                ),
            ),
            (
                Basis.THIRD_PARTY.value,
                described(
                    _("Somebody else collected their consent for us"),
                    _("With the record of the provision and the named sender you may ask each of them once."),
                ),
            ),
            (
                Basis.NONE.value,
                described(_("None of these, or unknown"), _("They are kept, and nothing is sent.")),
            ),
        ],
    )
    evidence = forms.CharField(
        label=_("How and where"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_(
            "How they agreed, or where the cards were given. Such as: tick on the paper form of the summer"
            " fair, folder 12 in the office."
        ),
    )
    evidence_on = forms.DateField(
        label=_("When"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("A date in the list itself counts before this one."),
    )
    wording = forms.CharField(
        label=_("The words they agreed to"),
        required=False,
        max_length=TEXT_CHARACTERS_MAX,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("As they stood on the form or the paper. They are checked: silence is no consent."),
    )
    topic = forms.TypedChoiceField(
        label=_("To which topic they agreed"), coerce=int, required=False, empty_value=None
    )
    confirmed = forms.BooleanField(
        label=_("Each of them confirmed by mail at that time"),
        required=False,
        help_text=_("Only if there is a record of it."),
    )
    relation = forms.ChoiceField(
        label=_("What binds you to these customers"),
        required=False,
        choices=[
            (Relation.BOUGHT.value, _("They bought once, at the time above")),
            (Relation.ACTIVE.value, _("A contract that runs")),
            (Relation.ENDED.value, _("A contract that has ended")),
        ],
    )
    provision = forms.CharField(
        label=_("Record of the provision"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_(
            "From whom the list came, when, and how they had obtained it. The law asks for this record."
        ),
    )
    named_sender = forms.CharField(
        label=_("The sender these people were told"),
        required=False,
        max_length=200,
        help_text=_("It must be the name of your sender, as these people read it when they agreed."),
    )
    purchased = forms.BooleanField(label=_("The list was bought"), required=False)
    country = forms.ChoiceField(
        label=_("Where they live"),
        required=False,
        choices=[("", _("Not known")), (JAPAN, _("In Japan"))],
        help_text=_(
            "The law of their country protects them. Not known, the country of your settings counts."
        ),
    )

    def __init__(self, *args: Any, topics: list[tuple[int, str]], dated: bool, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self._dated = dated
        topic = self.fields["topic"]
        if isinstance(topic, forms.TypedChoiceField):
            topic.choices = [("", "–"), *topics]

    def sections(self) -> Iterator[Section]:
        for title, names in _SECTIONS:
            yield Section(str(title), [self[name] for name in names])

    def clean_evidence_on(self) -> date | None:
        day: date | None = self.cleaned_data["evidence_on"]
        if day is not None and day > localtime(clock.now()).date():
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("basis") == Basis.CARD.value:
            if not said.get("evidence", "").strip():
                self.add_error("evidence", _("Say where the cards were given."))
            if said.get("evidence_on") is None and not self._dated and "evidence_on" not in self.errors:
                self.add_error("evidence_on", _("Say when the cards were given."))
        return said


_SECTIONS: Final[tuple[tuple[str | Promise, tuple[str, ...]], ...]] = (
    ("", ("basis", "evidence", "evidence_on", "country")),
    (_("If they agreed to it"), ("wording", "topic", "confirmed")),
    (_("If they bought from us"), ("relation",)),
    (
        _("If somebody else collected their consent for us"),
        ("provision", "named_sender", "purchased"),
    ),
)


def _may_be_kept(heading: str) -> bool:
    name = heading.strip()
    return 0 < len(name) <= ATTRIBUTE_CHARACTERS_MAX and name.isprintable() and name not in FIELDS
