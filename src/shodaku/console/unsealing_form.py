"""Whose sealed evidence is to be opened, and why. The address is looked up and kept nowhere."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shodaku.contacts.domain import AddressError, Channel, parse_email, parse_phone
from shodaku.erasure.domain import REASON_CHARACTERS_MAX, UnsealingNo, reason_no

ADDRESS_CHARACTERS_MAX: Final = 320


class UnsealingForm(forms.Form):
    address = forms.CharField(
        label=_("E-mail address or telephone number"),
        max_length=ADDRESS_CHARACTERS_MAX,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(
        label=_("Why it has to be opened"),
        max_length=REASON_CHARACTERS_MAX,
        widget=forms.Textarea({"rows": 3}),
        help_text=_(
            "Goes into the ledger with your name and stays there. Write no name and no address in it."
        ),
    )

    def clean_address(self) -> tuple[Channel, str]:
        """What was typed is read as a mail address if it has an @, else as a telephone number."""
        typed: str = self.cleaned_data["address"]
        try:
            if "@" in typed or "＠" in typed:
                return Channel.EMAIL, parse_email(typed).address
            return Channel.SMS, parse_phone(typed).e164
        except AddressError as fault:
            raise forms.ValidationError(fault.sentence(_language())) from fault

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if (no := reason_no(reason)) is not None:
            raise forms.ValidationError(no.sentence(_language()))
        return reason

    def refuse(self, no: UnsealingNo) -> None:
        """Show why what was typed leads to nothing."""
        self.add_error(None, no.sentence(_language()))


def new_form(said: Any = None) -> UnsealingForm:  # noqa: ANN401 - a QueryDict or nothing
    return UnsealingForm(said, auto_id="unsealing_%s")


def _language() -> str:
    return get_language() or "ja"
