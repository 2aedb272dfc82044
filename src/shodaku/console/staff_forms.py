"""What is typed in about members: whom to ask, their role, who they say they are, and how their screen is."""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from shodaku.accounts.domain import Role, SenderFault, Theme, parse_header_text
from shodaku.console import words
from shodaku.console.forms import EmailText, refused
from shodaku.kit.ui.renderer import described

NAME_CHARACTERS_MAX: Final = 100
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
