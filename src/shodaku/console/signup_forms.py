"""What a sign-up form says and asks, as staff type it in; what may be published is decided in its room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shodaku.console.fields import clean_short_name
from shodaku.contacts.domain import UnfitName, clean_name
from shodaku.kit.ui.renderer import described
from shodaku.signup.domain import (
    CHOICES_MAX,
    LABEL_CHARS_MAX,
    OWN_FIELDS_MAX,
    OWN_KINDS,
    STANDARD,
    AskedField,
    FieldKind,
    FormDefinition,
    standard_field,
)

CHOICES_CHARS_MAX: Final = 3_000
OTHER_LANGUAGE: Final = "|"  # 赤 | Red


class Need(StrEnum):
    NOT_ASKED = "no"
    OPTIONAL = "optional"
    REQUIRED = "required"


_NEEDS: Final = [
    (Need.NOT_ASKED.value, _("Not asked")),
    (Need.OPTIONAL.value, _("May stay empty")),
    (Need.REQUIRED.value, _("Must be filled")),
]
_STANDARD_LABELS: Final = {
    FieldKind.FAMILY_NAME: _("Family name"),
    FieldKind.GIVEN_NAME: _("Given name"),
    FieldKind.FAMILY_KANA: _("Family name in kana"),
    FieldKind.GIVEN_KANA: _("Given name in kana"),
    FieldKind.MOBILE: _("Mobile number"),
    FieldKind.BIRTHDAY: _("Date of birth"),
    FieldKind.PREFECTURE: _("Prefecture"),
}
_KIND_LABELS: Final = [
    (FieldKind.TEXT.value, _("Text")),
    (FieldKind.NUMBER.value, _("Number")),
    (FieldKind.DATE.value, _("Date")),
    (FieldKind.CHOICE.value, _("One of a list")),
    (FieldKind.YES_NO.value, _("Yes or no")),
]


@dataclass(frozen=True, slots=True)
class Section:
    """Some fields of the page; `folded` ones open by a press, and stand open once something is in them."""

    title: str | Promise
    hint: str | Promise
    fields: list[BoundField]
    folded: bool = False
    open: bool = False


class SignupFormWords(forms.Form):
    """What a published form says and asks; the law's own words are added to it by themselves."""

    title = forms.CharField(label=_("Heading"), max_length=100)
    title_en = forms.CharField(label=_("Heading in English"), max_length=100, required=False)
    introduction = forms.CharField(
        label=_("Introduction"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )
    introduction_en = forms.CharField(
        label=_("Introduction in English"),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    topics = forms.TypedMultipleChoiceField(
        label=_("Topics to choose from"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Each stands on the form with an empty box. Nobody is signed up for what they did not tick."
        ),
    )
    ask_name = forms.BooleanField(
        label=_("Ask for the name, too"), required=False, help_text=_("In one field, which may stay empty.")
    )
    fields_purpose = forms.CharField(
        label=_("What the answers are used for"),
        max_length=300,
        required=False,
        help_text=_("Stands on the form. Empty: to address people and to fit the mail to them."),
    )
    fields_purpose_en = forms.CharField(
        label=_("What the answers are used for, in English"), max_length=300, required=False
    )
    incentive = forms.CharField(
        label=_("What people get for signing up"),
        max_length=300,
        required=False,
        help_text=_("The same for everybody, whichever boxes are ticked."),
    )
    incentive_en = forms.CharField(label=_("What people get, in English"), max_length=300, required=False)
    incentive_condition = forms.CharField(
        label=_("When and how they get it"),
        max_length=300,
        required=False,
        help_text=_("Such as: a code of ¥300 in the welcome mail, valid for 30 days, once per person."),
    )
    incentive_condition_en = forms.CharField(
        label=_("When and how they get it, in English"), max_length=300, required=False
    )

    def __init__(self, *args: Any, topics: list[tuple[int, str, str]], **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        offered = self.fields["topics"]
        if not isinstance(offered, forms.TypedMultipleChoiceField):
            raise TypeError("topics")
        offered.choices = [(topic_id, described(title, content)) for topic_id, title, content in topics]
        for kind, label in _STANDARD_LABELS.items():
            self.fields[_need(kind)] = forms.ChoiceField(label=label, required=False, choices=_NEEDS)
        for number in _ROWS:
            self.fields.update(_own_row(number))

    @property
    def sections(self) -> Iterator[Section]:
        yield Section("", "", [self[name] for name in _WORDS if name in self.fields])
        asked = ["ask_name", *map(_need, STANDARD)]
        yield Section(
            _("What the form asks besides the address"),
            _("Ask for as little as the mail needs; each field more is a reason not to sign up."),
            [self[name] for name in asked],
        )
        for number in _ROWS:
            names = _row_names(number)
            filled = bool(self[names[0]].value())
            faulty = any(name in self.errors for name in names) if self.is_bound else False
            yield Section(
                _("Your own question %(number)s") % {"number": number},
                "",
                [self[name] for name in names],
                folded=True,
                open=filled or faulty,
            )
        yield Section("", "", [self["fields_purpose"], self["fields_purpose_en"]])
        yield Section(
            _("A present for signing up"),
            _("It may not hang on a purchase, nor on which boxes are ticked."),
            [self[name] for name in _INCENTIVE],
        )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for number in _ROWS:
            self._clean_row(number, said)
        labels = [said.get(_own(number, "label"), "") for number in _ROWS]
        standard = {label for label, _english in STANDARD.values()}
        for number, label in zip(_ROWS, labels, strict=True):
            if label and (labels.count(label) > 1 or label in standard):
                self.add_error(_own(number, "label"), _("Another field has this name. Choose another one."))
        if said.get("ask_name") and (said.get(_need(FieldKind.FAMILY_NAME)) or "no") != Need.NOT_ASKED:
            self.add_error("ask_name", _("Ask for the name in one field or in two, not in both ways."))
        return said

    def definition(self) -> FormDefinition:
        """Of a form that is valid."""
        said = self.cleaned_data
        texts = (*_WORDS, "fields_purpose", "fields_purpose_en", *_INCENTIVE)
        return FormDefinition(
            **{name: said[name] for name in texts if name not in ("topics", "name", "slug")},
            topic_ids=tuple(said["topics"]),
            ask_name=said["ask_name"],
            fields=(*self._standard(said), *self._own_fields(said)),
        )

    def _clean_row(self, number: int, said: dict[str, Any]) -> None:
        label, choices = said.get(_own(number, "label")), said.get(_own(number, "choices"))
        if not label and (choices or said.get(_own(number, "label_en"))):
            self.add_error(_own(number, "label"), _("Write the question, or empty its other fields."))
        if label:
            self._clean_label(number, label)
        is_list = said.get(_own(number, "kind")) == FieldKind.CHOICE
        if label and is_list:
            self._clean_choices(number, _choices(choices or ""))

    def _clean_label(self, number: int, label: str) -> None:
        try:
            clean_name(label)
        except UnfitName:
            self.add_error(
                _own(number, "label"), _("Take out the characters = and ? in a row, and invisible ones.")
            )

    def _clean_choices(self, number: int, choices: list[tuple[str, str]]) -> None:
        kept = [each for each, _english in choices]
        if not kept or len(set(kept)) < len(kept) or len(kept) > CHOICES_MAX:
            self.add_error(
                _own(number, "choices"),
                _("Write 1 to %(max)s different answers, one a line.") % {"max": CHOICES_MAX},
            )

    def _standard(self, said: Mapping[str, Any]) -> Iterator[AskedField]:
        for kind in STANDARD:
            need = said.get(_need(kind)) or Need.NOT_ASKED
            if need != Need.NOT_ASKED:
                yield standard_field(kind, required=need == Need.REQUIRED)

    def _own_fields(self, said: Mapping[str, Any]) -> Iterator[AskedField]:
        for number in _ROWS:
            label = said[_own(number, "label")]
            if not label:
                continue
            kind = FieldKind(said[_own(number, "kind")] or FieldKind.TEXT)
            choices = _choices(said[_own(number, "choices")]) if kind is FieldKind.CHOICE else []
            english = tuple(shown for _kept, shown in choices)
            yield AskedField(
                kind=kind,
                label=label,
                label_en=said[_own(number, "label_en")],
                required=said[_own(number, "need")] == Need.REQUIRED,
                choices=tuple(kept for kept, _shown in choices),
                choices_en=english if any(english) and all(english) else (),
            )


class NewSignupForm(SignupFormWords):
    name = forms.CharField(
        label=_("Name for yourself"), max_length=100, help_text=_("Only you see it, such as: home page.")
    )
    slug = forms.CharField(
        label=_("Short name for addresses"),
        max_length=40,
        help_text=_("Small letters, digits and hyphens. It stands in the address of the form."),
    )

    def clean_slug(self) -> str:
        return clean_short_name(self.cleaned_data["slug"])


def typed_from(definition: FormDefinition) -> dict[str, Any]:
    """A definition as these fields show it."""
    typed: dict[str, Any] = {name: getattr(definition, name) for name in _PLAIN}
    typed["topics"] = list(definition.topic_ids)
    own = 0
    for asked in definition.fields:
        need = (Need.REQUIRED if asked.required else Need.OPTIONAL).value
        if asked.kind not in OWN_KINDS:
            typed[_need(asked.kind)] = need
            continue
        own += 1
        english = asked.choices_en or ("",) * len(asked.choices)
        typed |= {
            _own(own, "label"): asked.label,
            _own(own, "label_en"): asked.label_en,
            _own(own, "kind"): asked.kind.value,
            _own(own, "need"): need,
            _own(own, "choices"): "\n".join(
                f"{kept} {OTHER_LANGUAGE} {shown}" if shown else kept
                for kept, shown in zip(asked.choices, english, strict=True)
            ),
        }
    return typed


_WORDS: Final = ("name", "slug", "title", "title_en", "introduction", "introduction_en", "topics")
_INCENTIVE: Final = ("incentive", "incentive_en", "incentive_condition", "incentive_condition_en")
_PLAIN: Final = (
    "title", "title_en", "introduction", "introduction_en", "ask_name", "fields_purpose", "fields_purpose_en",
    *_INCENTIVE,
)  # fmt: skip
_ROWS: Final = range(1, OWN_FIELDS_MAX + 1)
_OWN_PARTS: Final = ("label", "label_en", "kind", "need", "choices")


def _need(kind: FieldKind) -> str:
    return f"need_{kind.value}"


def _own(number: int, part: str) -> str:
    return f"own_{number}_{part}"


def _row_names(number: int) -> list[str]:
    return [_own(number, part) for part in _OWN_PARTS]


def _own_row(number: int) -> dict[str, forms.Field]:
    row: tuple[forms.Field, ...] = (
        forms.CharField(label=_("Question"), max_length=LABEL_CHARS_MAX, required=False),
        forms.CharField(label=_("Question in English"), max_length=LABEL_CHARS_MAX, required=False),
        forms.ChoiceField(label=_("Kind of answer"), choices=_KIND_LABELS, required=False),
        forms.ChoiceField(label=_("Must it be answered?"), choices=_NEEDS[1:], required=False),
        forms.CharField(
            label=_("Answers to choose from"),
            required=False,
            max_length=CHOICES_CHARS_MAX,
            widget=forms.Textarea({"rows": 3}),
            help_text=_("Only for a list. One a line; English after a bar: 赤 | Red."),
        ),
    )
    return dict(zip(_row_names(number), row, strict=True))


def _choices(text: str) -> list[tuple[str, str]]:
    """What is kept, and its English, "" without one."""
    lines = (line.replace("｜", OTHER_LANGUAGE).partition(OTHER_LANGUAGE) for line in text.splitlines())
    parts = ((kept.strip(), english.strip()) for kept, _bar, english in lines)
    return [(kept, english) for kept, english in parts if kept]
