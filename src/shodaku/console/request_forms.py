"""A request about somebody's own data as it came to the desk, and the steps of its answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext_lazy as _

from shodaku.complaints.domain import Correction, RequestKind
from shodaku.console.desk_forms import AddressText, typed_erase
from shodaku.console.request_words import AT_THE_DESK, GROUNDS, IDENTIFIED, KINDS, VIAS
from shodaku.kit import clock

WORDS_CHARACTERS_MAX: Final = 1_000
NAME_CHARACTERS_MAX: Final = 100


class DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class NewRequestForm(forms.Form):
    """Whoever asks, known here or not."""

    kind = forms.ChoiceField(label=_("What they ask for"), choices=[*KINDS.items()], widget=forms.RadioSelect)
    address = AddressText()
    via = forms.ChoiceField(
        label=_("How it reached you"), choices=[(each, VIAS[each]) for each in AT_THE_DESK]
    )
    received_on = DayField(label=_("When it came"), help_text=_("From this day on the time runs."))
    words = forms.CharField(
        label=_("In their words"),
        required=False,
        max_length=WORDS_CHARACTERS_MAX,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Kept sealed with the evidence, and forgotten with the person."),
    )
    identity = forms.ChoiceField(
        label=_("How you know already who asks"),
        required=False,
        choices=[("", _("Not known yet")), *IDENTIFIED.items()],
    )

    def clean_received_on(self) -> datetime:
        """Its end, so that no day of the answer is lost; of today, this moment."""
        day: date = self.cleaned_data["received_on"]
        now = clock.now()
        today = localtime(now).date()
        if day > today:
            raise forms.ValidationError(_("A request cannot come in the future."))
        if (today - day).days > DAYS_BACK_MAX:
            raise forms.ValidationError(_("This is more than a year ago."))
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=get_current_timezone())
        return now if day == today else min(noon, now - timedelta(minutes=1))


DAYS_BACK_MAX: Final = 366


class IdentityForm(forms.Form):
    how = forms.ChoiceField(
        label=_("How you made sure who asks"), choices=[*IDENTIFIED.items()], widget=forms.RadioSelect
    )


class AnswerForm(forms.Form):
    """What the answer needs besides: what is put right, an address to look up, the word before an erasure."""

    name = forms.CharField(label=_("Name as it should be"), required=False, max_length=NAME_CHARACTERS_MAX)
    birth_date = DayField(label=_("Birth date as it should be"), required=False)
    address = AddressText(
        required=False, help_text=_("Nobody known has asked. With their address it is looked for once more.")
    )
    typed = forms.CharField(
        label=_("To erase, type “erase”"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Answering erases all that is known. It cannot be undone."),
    )

    def __init__(self, *args: Any, kind: RequestKind, known: bool, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        needed = {"address"} if not known else _NEEDED.get(kind, set())
        for name in self.fields.keys() - needed:
            del self.fields[name]

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if not typed_erase(typed):
            raise forms.ValidationError(_("Erasing cannot be undone. Type “erase” to go on."))
        return typed

    @property
    def correction(self) -> Correction:
        return Correction(
            name=self.cleaned_data.get("name") or None, birth_date=self.cleaned_data.get("birth_date")
        )

    @property
    def looked_for(self) -> str:
        found = self.cleaned_data.get("address")
        return found[1] if found else ""


_NEEDED: Final = {RequestKind.CORRECTION: {"name", "birth_date"}, RequestKind.ERASURE: {"typed"}}


class RefuseForm(forms.Form):
    ground = forms.ChoiceField(label=_("Why it is refused"), choices=[*GROUNDS.items()])
    words = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=WORDS_CHARACTERS_MAX,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("For the record; the letter gives the reason of the law."),
    )


class LengthenForm(forms.Form):
    why = forms.CharField(
        label=_("Why more time is needed"),
        max_length=WORDS_CHARACTERS_MAX,
        widget=forms.Textarea({"rows": 2}),
    )
