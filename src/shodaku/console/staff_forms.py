"""What is typed in about members: whom to ask, their role, who they say they are, and how their screen is."""

from __future__ import annotations

from typing import Final
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from shodaku.accounts.domain import Role, SenderFault, Theme, parse_header_text
from shodaku.console import words
from shodaku.console.fields import EmailText, clean_short_name, refused
from shodaku.kit.ui.renderer import described

NAME_CHARACTERS_MAX: Final = 100
WORKSPACE_CHARACTERS_MAX: Final = 200
LANGUAGES: Final = (("ja", "日本語"), ("en", "English"))
MEANINGS: Final[words.Words] = {
    Role.OWNER: _(
        "Everything: people, sender, keys, and the opening of seals together with a second person."
    ),
    Role.MARKETER: _("Writes and sends campaigns, makes forms and topics, brings lists in."),
    Role.CLERK: _("Enters papers and lists, and answers people. Sends nothing."),
    Role.COMPLIANCE: _("Sees addresses and evidence, erases people, looks after the ledger. Sends nothing."),
    Role.DEVELOPER: _("Reads, and makes keys for programs."),
}
_ROLES: Final = [(role.value, described(words.ROLES[role], MEANINGS[role])) for role in Role]


class PersonName(forms.CharField):
    """A name on one line; it stands in mails and on every page."""

    def clean(self, value: object) -> str:
        text: str = super().clean(value)
        try:
            return parse_header_text(text, "name")
        except SenderFault as fault:
            raise refused(fault) from fault


class InviteForm(forms.Form):
    """Whom to ask. Nothing is chosen beforehand: a role is given on purpose."""

    email = EmailText(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"), choices=_ROLES, widget=forms.RadioSelect)
    locale = forms.ChoiceField(label=_("Language of the invitation"), choices=LANGUAGES)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=_ROLES, widget=forms.RadioSelect)


class JoinForm(forms.Form):
    """Who follows an invitation and has no account yet."""

    name = PersonName(label=_("Your name"), max_length=NAME_CHARACTERS_MAX)
    password = forms.CharField(
        label=_("Password"),
        min_length=12,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("At least 12 characters."),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class ScreenForm(forms.Form):
    """What somebody is called, and how the screen is for them."""

    name = PersonName(label=_("Your name"), max_length=NAME_CHARACTERS_MAX)
    language = forms.ChoiceField(
        label=_("Language of the screen"),
        choices=[("", _("As the browser says")), *LANGUAGES],
        required=False,
    )
    theme = forms.ChoiceField(
        label=_("Colours"),
        choices=[
            (Theme.SYSTEM.value, _("As the system says")),
            (Theme.LIGHT.value, _("Light")),
            (Theme.DARK.value, _("Dark")),
        ],
        required=False,
    )
    shortcuts = forms.BooleanField(
        label=_("Keyboard shortcuts"),
        required=False,
        help_text=_("Keys of one letter, such as / for the search. Switch them off if you dictate."),
    )


class WorkspaceForm(forms.Form):
    """What the workspace is called, which language its own mails are in, and whose clock counts."""

    name = PersonName(
        label=_("Name of the workspace"),
        max_length=WORKSPACE_CHARACTERS_MAX,
        help_text=_("Only people who work here see it. Readers see the sender."),
    )
    locale = forms.ChoiceField(label=_("Language of mails to staff"), choices=LANGUAGES)
    timezone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        help_text=_("As in Asia/Tokyo or Europe/Berlin. Months of consents are counted by it."),
    )

    def clean_timezone(self) -> str:
        name: str = self.cleaned_data["timezone"]
        if name not in available_timezones():
            raise forms.ValidationError(_("Write a time zone like Asia/Tokyo."))
        return name


class NewWorkspaceForm(forms.Form):
    name = PersonName(label=_("Name of the workspace"), max_length=WORKSPACE_CHARACTERS_MAX)
    slug = forms.CharField(
        label=_("Short name for addresses"),
        max_length=40,
        help_text=_("Small letters, digits and hyphens, such as aoi-zakka."),
    )

    def clean_slug(self) -> str:
        return clean_short_name(self.cleaned_data["slug"])
