"""One more place outside for the checkpoints of the ledger."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shodaku.console import ledger_words
from shodaku.contacts.domain import AddressError, EmailAddress, parse_email
from shodaku.kit.errors import ShodakuError
from shodaku.kit.ui.renderer import described
from shodaku.ledger.selectors import AnchorKind

PLACE_CHARACTERS_MAX: Final = 500
# folders and git belong to the machine: who runs it adds them, and no page writes to its disk
KINDS: Final = (AnchorKind.MAIL, AnchorKind.WITNESS, AnchorKind.RFC3161)
_FIELDS: Final = {
    "witness_key_needed": "vkey",
    "certificates_needed": "vkey",
    "nothing_to_check": "vkey",
    "no_timestamps": "kind",
    "too_many_anchor_targets": None,
    "vault_away": None,
}


class AnchorForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Where to"),
        widget=forms.RadioSelect,
        choices=[
            (
                AnchorKind.MAIL.value,
                described(_("A mailbox"), _("The newest checkpoint once a day, while the ledger grows.")),
            ),
            (
                AnchorKind.WITNESS.value,
                described(_("A witness"), _("Signs only what continues what it has seen before.")),
            ),
            (
                AnchorKind.RFC3161.value,
                described(_("A time-stamp authority"), _("Signs what it was shown, and when; once an hour.")),
            ),
        ],
    )
    place = forms.CharField(
        label=_("Address"),
        max_length=PLACE_CHARACTERS_MAX,
        widget=forms.TextInput({"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}),
        help_text=_("Of a mailbox its e-mail address, else a web address with https://."),
    )
    vkey = forms.CharField(
        label=_("To check what it signs"),
        required=False,
        max_length=PLACE_CHARACTERS_MAX,
        widget=forms.TextInput({"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}),
        help_text=_(
            "Of a witness its verifier key. Of an authority the path of its certificates on the server: "
            "without them its signature does not count."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """`email` is among what is clean, where a mailbox was chosen."""
        said = super().clean() or {}
        if said.get("kind") == AnchorKind.MAIL and said.get("place"):
            said["email"] = self._email(said["place"])
        return said

    def refuse(self, fault: ShodakuError) -> None:
        """What the ledger answered, beside the field that it is about."""
        self.add_error(_FIELDS.get(fault.code, "place"), str(ledger_words.told(fault)))

    def _email(self, text: str) -> EmailAddress | None:
        try:
            return parse_email(text)
        except AddressError as fault:
            self.add_error("place", fault.sentence(get_language() or "ja"))
            return None
