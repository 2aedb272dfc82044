"""A no and an erasure for who is named by an address or a number, as somebody says it at the desk."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shodaku.consent.domain import Method
from shodaku.console.fields import ERASE_WORDS
from shodaku.contacts.domain import AddressError, Channel, parse_email, parse_phone

ADDRESS_CHARACTERS_MAX: Final = 320
SAID_CHARACTERS_MAX: Final = 300  # as optout keeps of the words of a refusal
WAYS: Final = (
    (Method.TELEPHONE.value, _("Telephone")),
    (Method.PAPER.value, _("Letter or paper")),
    (Method.STAFF.value, _("In person")),
)


class AddressText(forms.CharField):
    """An e-mail address, or a telephone number where there is no @; comes out as it is written elsewhere."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(
            label=_("E-mail address or telephone number"),
            max_length=ADDRESS_CHARACTERS_MAX,
            widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "inputmode": "email"}),
            **options,
        )

    def clean(self, value: Any) -> tuple[Channel, str]:  # noqa: ANN401 - Django's signature
        typed: str = super().clean(value)
        try:
            if "@" in typed or "＠" in typed:
                return Channel.EMAIL, parse_email(typed).address
            return Channel.SMS, parse_phone(typed).e164
        except AddressError as fault:
            raise forms.ValidationError(fault.sentence(get_language() or "ja")) from fault


class NoForm(forms.Form):
    """What somebody said on the telephone or in a letter, known here or not."""

    address = AddressText()
    via = forms.ChoiceField(label=_("How it reached you"), choices=WAYS)
    said = forms.CharField(
        label=_("In their words"),
        required=False,
        max_length=SAID_CHARACTERS_MAX,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Kept sealed with the evidence, and forgotten with the person."),
    )
    typed = forms.CharField(
        label=_("To erase, type “erase”"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Here a no erases all that is known. It cannot be undone."),
    )

    def __init__(self, *args: Any, erases: bool, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        if not erases:
            del self.fields["typed"]

    def clean_typed(self) -> str:
        return _cleaned_word(self.cleaned_data["typed"])


class EraseForm(forms.Form):
    """Who is to be forgotten."""

    address = AddressText()
    via = forms.ChoiceField(label=_("How it reached you"), choices=WAYS)


class SameForm(forms.Form):
    """The other contact of one person."""

    address = AddressText()


class RestoreAddressForm(forms.Form):
    """Why somebody knows better than a server."""

    why = forms.CharField(
        label=_("How do you know?"),
        max_length=200,
        help_text=_("For example: they wrote to us from it today."),
    )


class EraseTypedForm(forms.Form):
    """Once more, with the word."""

    address = AddressText()
    via = forms.ChoiceField(choices=WAYS)
    typed = forms.CharField(
        label=_("To erase, type “erase”"), max_length=20, widget=forms.TextInput({"autocomplete": "off"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self.fields["address"].widget = forms.HiddenInput()
        self.fields["via"].widget = forms.HiddenInput()

    def clean_typed(self) -> str:
        return _cleaned_word(self.cleaned_data["typed"])


def typed_erase(text: str) -> bool:
    """The word that nobody types by mistake, in either language."""
    return text.strip().lower() in ERASE_WORDS


def _cleaned_word(text: str) -> str:
    if not typed_erase(text):
        raise forms.ValidationError(_("Erasing cannot be undone. Type “erase” to go on."))
    return text
