"""Mail servers: what carries the mails, how a new one is warmed up, how fast it may go."""

from __future__ import annotations

from typing import Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from shodaku.console.fields import field_of
from shodaku.delivery.domain import (
    DEPTH_MAX,
    RATE_MAX,
    RATE_MIN,
    SHARE_MAX,
    USUAL_WARM_UP,
    Carries,
    Kind,
    RouteDomainFault,
    signing_domains,
)

WARM_UP_FAULT: Final = _(
    "Write the mails of each day, ascending and separated by commas, 60 days at most: 50, 100, 200."
)


class RouteForm(forms.Form):
    """The mail server that carries your mails on."""

    name = forms.CharField(label=_("Name for yourself"), max_length=100)
    kind = forms.TypedChoiceField(
        label=_("What it is"),
        coerce=Kind,
        choices=[
            (Kind.SMTP.value, _("A mail server (SMTP)")),
            (Kind.SES.value, "Amazon SES"),
            (Kind.SENDGRID.value, "SendGrid"),
            (Kind.MAILGUN.value, "Mailgun"),
            (Kind.POSTMARK.value, "Postmark"),
            (Kind.BREVO.value, "Brevo"),
        ],
        initial=Kind.SMTP.value,
        required=False,
        empty_value=Kind.SMTP,
        help_text=_(
            "Providers are spoken to over their web interface (API), which is slower, and sign with their own"
            " DKIM key. Switch their own tracking and their own unsubscribe links off in their settings."
        ),
    )
    host = forms.CharField(
        label=_("Server"),
        max_length=200,
        required=False,
        help_text=_("Of a provider: leave it empty, unless you use another region."),
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65_535, initial=587)
    tls = forms.ChoiceField(
        label=_("Encryption"),
        choices=[
            ("require", _("Required (recommended)")),
            ("try", _("If the server offers it")),
            ("none", _("None: only on this machine")),
        ],
    )
    username = forms.CharField(
        label=_("User name"),
        max_length=200,
        required=False,
        help_text=_(
            "Amazon SES: id of the access key. Mailgun: your domain there. Postmark: message stream."
        ),
    )
    password = forms.CharField(
        label=_("Password, or API key of a provider"),
        required=False,
        widget=forms.PasswordInput,
        help_text=_("Kept in a file that only the server reads. Leave it empty to keep the present one."),
    )
    messages_per_second = forms.FloatField(
        label=_("Mails a second at most"), min_value=0.01, max_value=100_000, required=False
    )
    connections = forms.IntegerField(label=_("Connections at once"), min_value=1, max_value=64, initial=4)
    depth = forms.IntegerField(
        label=_("Mails under way at once on a connection"),
        min_value=0,
        max_value=DEPTH_MAX,
        required=False,
        initial=0,
        help_text=_(
            "Only where the server offers CHUNKING; 0: one after the other. More is faster to a server that"
            " is far away. When a connection breaks, of as many mails nobody knows whether they arrived, and"
            " advertisements among them are not sent again."
        ),
    )
    carries = forms.TypedChoiceField(
        label=_("What it carries"),
        coerce=Carries,
        choices=[
            (Carries.ALL.value, _("Everything")),
            (Carries.CAMPAIGNS.value, _("Only what goes to many")),
            (Carries.URGENT.value, _("Only what somebody waits for: confirmations, codes, notices")),
        ],
    )
    share = forms.IntegerField(
        label=_("Share"),
        min_value=0,
        max_value=SHARE_MAX,
        initial=100,
        help_text=_(
            "Among several servers: one with 200 carries twice as much as one with 100. With 0 it stands by"
            " and carries only what the others cannot."
        ),
    )
    place = forms.IntegerField(
        label=_("Place in the order"),
        min_value=0,
        max_value=1_000,
        required=False,
        help_text=_("When a server fails, the next one in this order takes over. Empty: behind the others."),
    )
    signs_for = forms.CharField(
        label=_("Domains that it signs for"),
        max_length=1_000,
        required=False,
        help_text=_(
            "Domains of your From addresses for which this server or provider signs (DKIM), separated by"
            " commas. When another server fails, it takes over the mails of these domains, and of those that"
            " are signed here; no others, for receivers would doubt them."
        ),
    )
    enabled = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def clean_depth(self) -> int:
        return self.cleaned_data["depth"] or 0

    def clean_signs_for(self) -> tuple[str, ...]:
        try:
            return signing_domains(self.cleaned_data["signs_for"])
        except RouteDomainFault:
            raise forms.ValidationError(
                _("Domains look like mail.example, and are separated by commas; at most 20.")
            ) from None


class WarmUpForm(forms.Form):
    """How many mails a day a server sends to each group of receivers while they do not know it."""

    daily = forms.CharField(
        label=_("Mails of each day, to each group of receivers"),
        max_length=600,
        initial=", ".join(map(str, USUAL_WARM_UP)),
        help_text=_(
            "Ascending, separated by commas. The next day begins at 9 in Japan (00:00 UTC). It comes a step"
            " further while receivers put off fewer than 5 % and fewer than 0.1 % complain, and goes back"
            " when more than 10 % are put off or 0.3 % complain."
        ),
    )

    def clean_daily(self) -> list[int]:
        try:
            return [int(each) for each in self.cleaned_data["daily"].replace("、", ",").split(",")]
        except ValueError:
            raise forms.ValidationError(WARM_UP_FAULT) from None


class PaceForm(forms.Form):
    """A limit for several servers, or for a group of receivers."""

    route = forms.TypedChoiceField(label=_("Mail server"), coerce=int)
    receivers = forms.ChoiceField(label=_("Receivers"), required=False)
    rate = forms.FloatField(
        label=_("Mails a second at most"),
        min_value=RATE_MIN,
        max_value=RATE_MAX,
        required=False,
        help_text=_("Empty: no limit."),
    )

    def __init__(
        self, said: QueryDict | None, *, routes: list[tuple[int, str]], groups: list[tuple[str, str]]
    ) -> None:
        super().__init__(said)
        field_of(self, "route", forms.TypedChoiceField).choices = [(0, _("All of them together")), *routes]
        field_of(self, "receivers", forms.ChoiceField).choices = [("", _("All receivers")), *groups]
