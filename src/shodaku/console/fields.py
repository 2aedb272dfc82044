"""Kinds of fields of several forms, and how a fault of a room becomes one of a field."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shodaku.accounts.domain import SenderFault, SlugFault, parse_header_text, parse_mail_domain, parse_slug
from shodaku.contacts.domain import AddressError, parse_email

TEXT_CHARACTERS_MAX = 5_000
MAIL_CHARACTERS_MAX = 200_000
ERASE_WORDS: Final = ("erase", "消去")

Field = TypeVar("Field", bound=forms.Field)


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, _data: Any, files: Any, name: str) -> Any:  # noqa: ANN401 - Django's signature
        return files.getlist(name) if hasattr(files, "getlist") else []


class EmailText(forms.CharField):
    """An address as the product understands addresses; faults are told in the user's language."""

    widget = forms.EmailInput

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - Django's signature
        text = super().clean(value)
        if not text:
            return text
        try:
            return parse_email(text).address
        except AddressError as fault:
            raise forms.ValidationError(fault.sentence(get_language() or "ja")) from fault


class HeaderText(forms.CharField):
    """One line that stands in the head of mails as it was typed."""

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - Django's signature
        try:
            return parse_header_text(super().clean(value), "")
        except SenderFault as fault:
            raise refused(fault) from fault


class SenderAddress(EmailText):
    """The address in the From line."""

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - Django's signature
        try:
            return parse_header_text(super().clean(value), "")
        except SenderFault as fault:
            raise refused(fault) from fault


class MailDomain(forms.CharField):
    """A domain; one in Japanese letters is kept as DNS knows it."""

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - Django's signature
        typed = str(super().clean(value)).removeprefix("@")
        try:
            domain = parse_email(f"postmaster@{typed}").domain
        except AddressError:
            domain = typed  # parse_mail_domain says what is wrong with it
        try:
            return parse_mail_domain(domain)
        except SenderFault as fault:
            raise refused(fault) from fault


def refused(fault: SenderFault) -> forms.ValidationError:
    return forms.ValidationError(fault.sentence(get_language() or "ja"))


def clean_short_name(text: str) -> str:
    try:
        return parse_slug(text)
    except SlugFault as fault:
        raise forms.ValidationError(_("Use small letters, digits and hyphens, at most 40.")) from fault


def field_of(form: forms.Form, name: str, kind: type[Field]) -> Field:
    """A form's own field, as what it was declared to be."""
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(name)
    return field
