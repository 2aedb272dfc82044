"""What is typed in for a key of a program, and what its rights mean in words."""

from __future__ import annotations

import ipaddress
from typing import Final

from django import forms
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from shodaku.api.domain import KEY_DAYS, KEY_DAYS_MAX, Scope
from shodaku.console.words import Words
from shodaku.kit.ui.renderer import described

NAME_CHARACTERS_MAX: Final = 80
NETWORKS_MAX: Final = 20
NETWORKS_CHARACTERS_MAX: Final = 1_000

SCOPES: Final[Words] = {
    Scope.SUPPRESS_WRITE: _("Write down that somebody said no, and addresses never to be contacted"),
    Scope.CONTACTS_READ: _("Be told whether an address is known"),
    Scope.CONSENTS_WRITE: _("Tell what people switched on or off in your own app"),
    Scope.CONSENTS_READ: _("Read how somebody’s switches are"),
    Scope.PURCHASES_WRITE: _("Tell products, who bought them, and coupons that were used"),
    Scope.SEGMENTS_READ: _("Read whom segments mean"),
    Scope.SEGMENTS_WRITE: _("Save segments"),
    Scope.CAMPAIGNS_READ: _("Read what became of campaigns, in numbers"),
    Scope.CAMPAIGNS_WRITE: _("Throw drafts of campaigns away"),
}


class KeyForm(forms.Form):
    """No right is ticked beforehand, and none implies another."""

    name = forms.CharField(
        label=_("What it is for"),
        max_length=NAME_CHARACTERS_MAX,
        help_text=_("Such as “web shop”. It stands in the list, to know it again."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What the program may do"),
        choices=[(scope.value, described(scope.value, SCOPES[scope])) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(
        label=_("Days until it ends by itself"), min_value=1, max_value=KEY_DAYS_MAX, initial=KEY_DAYS
    )
    networks = forms.CharField(
        label=_("Only from these networks"),
        required=False,
        max_length=NETWORKS_CHARACTERS_MAX,
        help_text=_("Such as 192.0.2.0/24 or 2001:db8::/32, several with commas. Empty: from everywhere."),
    )

    def clean_networks(self) -> list[str]:
        typed = self.cleaned_data["networks"].replace("、", ",").replace("，", ",").split(",")
        named = [each.strip() for each in typed if each.strip()]
        if len(named) > NETWORKS_MAX:
            raise forms.ValidationError(__("20 networks at most. Write them as one wider network."))
        for each in named:
            _network(each)
        return named


def _network(text: str) -> None:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise forms.ValidationError(
            __("“%(text)s” is no network. Write it like 192.0.2.0/24."), params={"text": text}
        ) from None
