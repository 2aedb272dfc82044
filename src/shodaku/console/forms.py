"""Who sends, what holds for a whole workspace, and what a topic promises. Rules stay in their rooms."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from shodaku.accounts.domain import (
    EndedNotice,
    EvidenceRetention,
    OptOutRule,
    SenderFault,
    require_own_domain,
)
from shodaku.consent.domain import Period
from shodaku.console.fields import (
    TEXT_CHARACTERS_MAX,
    EmailText,
    HeaderText,
    MailDomain,
    SenderAddress,
    clean_short_name,
    refused,
)

PEOPLE_MAX: Final = 2**31 - 1


class StartForm(forms.Form):
    """The very first page: who sends, and who you are."""

    workspace = forms.CharField(
        label=_("Short name for addresses"),
        max_length=40,
        help_text=_("Small letters, digits and hyphens, such as aoi-zakka."),
    )
    formal_name = HeaderText(
        label=_("Formal name of the sender"),
        max_length=200,
        help_text=_("As registered. Every message shows it."),
    )
    postal_address = forms.CharField(label=_("Postal address"), max_length=300)
    contact_email = EmailText(label=_("E-mail address for complaints and questions"))
    contact_phone = forms.CharField(label=_("Telephone for complaints and questions"), max_length=40)
    from_address = SenderAddress(label=_("From address of your mails"))
    name = forms.CharField(label=_("Your name"), max_length=100)
    email = EmailText(label=_("Your e-mail address"))
    password = forms.CharField(
        label=_("Password"), min_length=12, widget=forms.PasswordInput, help_text=_("At least 12 characters.")
    )

    def clean_workspace(self) -> str:
        return clean_short_name(self.cleaned_data["workspace"])

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class SenderForm(forms.Form):
    """The legal identity that every message shows (特定電子メール法4条); `seen` is what this page showed."""

    formal_name = HeaderText(
        label=_("Formal name of the sender"),
        max_length=200,
        help_text=_("As registered. Every message shows it."),
    )
    display_name = HeaderText(label=_("Name in the From line"), max_length=100)
    from_address = SenderAddress(label=_("From address of your mails"))
    mail_domain = MailDomain(
        label=_("Domain for returns"),
        max_length=200,
        help_text=_("Bounces and opt-out mails come back to addresses of this domain."),
    )
    postal_address = forms.CharField(label=_("Postal address"), max_length=300)
    contact_phone = forms.CharField(label=_("Telephone for complaints and questions"), max_length=40)
    contact_email = EmailText(label=_("E-mail address for complaints and questions"))
    contact_url = forms.URLField(
        label=_("Page for complaints and questions"), required=False, assume_scheme="https"
    )
    responsible_person = forms.CharField(
        label=_("Person responsible for sales"),
        max_length=100,
        required=False,
        help_text=_("Only for mail order to consumers: stands in each advertisement."),
    )
    sales_terms_url = forms.URLField(
        label=_("Page with the terms of sale"),
        required=False,
        assume_scheme="https",
        help_text=_("Prices, shipping, payment, delivery and returns. Only for mail order to consumers."),
    )
    privacy_policy = forms.CharField(
        label=_("How you handle personal data"),
        widget=forms.Textarea({"rows": 8}),
        max_length=TEXT_CHARACTERS_MAX,
    )
    seen = forms.CharField(max_length=100, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("from_address") and cleaned.get("mail_domain"):
            try:
                require_own_domain(cleaned["from_address"], cleaned["mail_domain"])
            except SenderFault as fault:
                self.add_error(fault.field, refused(fault))
        return cleaned


class NewSenderForm(SenderForm):
    """One that nothing was shown of yet."""

    seen = None  # type: ignore[assignment]  # nothing was shown yet


class OptOutRuleForm(forms.Form):
    rule = forms.ChoiceField(
        label=_("When somebody opts out"),
        widget=forms.RadioSelect,
        choices=[
            (OptOutRule.STOP.value, _("Stop this topic")),
            (OptOutRule.STOP_ALL.value, _("Stop all advertising on every channel")),
            (OptOutRule.ERASE.value, _("Stop everything and erase all that is known")),
        ],
    )
    ends = forms.MultipleChoiceField(
        label=_("What a total opt-out ends besides"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            (EndedNotice.PRODUCT_UPDATE.value, _("Notices: news about products that people have")),
            (EndedNotice.FOLLOW_UP.value, _("Notices: support mails after a purchase or a question")),
        ],
        help_text=_("Topics and step mails always end. Notices of an order or a contract continue."),
    )
    note = forms.CharField(
        label=_("Explanation before the button, in Japanese"),
        required=False,
        widget=forms.Textarea({"rows": 3, "lang": "ja"}),
        max_length=1000,
        help_text=_("Stands on the opt-out page before it is pressed. Empty: a sentence of ours."),
    )
    note_en = forms.CharField(
        label=_("Explanation before the button, in English"),
        required=False,
        widget=forms.Textarea({"rows": 3, "lang": "en"}),
        max_length=1000,
    )
    after = forms.CharField(
        label=_("Explanation after it, in Japanese"),
        required=False,
        widget=forms.Textarea({"rows": 3, "lang": "ja"}),
        max_length=1000,
        help_text=_("Stands beside the receipt. What may still come is listed there in any case."),
    )
    after_en = forms.CharField(
        label=_("Explanation after it, in English"),
        required=False,
        widget=forms.Textarea({"rows": 3, "lang": "en"}),
        max_length=1000,
    )


class RetentionForm(forms.Form):
    retention = forms.ChoiceField(
        label=_("After the last advertisement, keep what proves the consent"),
        widget=forms.RadioSelect,
        choices=[
            (EvidenceRetention.DEFAULT.value, _("For 3 years")),
            (
                EvidenceRetention.STATUTORY.value,
                _("As long as the law demands: 1 month, in mail order 3 years"),
            ),
        ],
    )


class TwoPersonsForm(forms.Form):
    above = forms.IntegerField(
        label=_("A second person approves what goes to more people than"),
        min_value=0,
        max_value=PEOPLE_MAX,
        required=False,
        help_text=_(
            "0: every campaign. Left empty, one person is enough. Owners, Marketing and Compliance approve, "
            "and nobody what they asked for themselves."
        ),
    )


class PromiseForm(forms.Form):
    """What a topic promises; `seen` is the version that this page showed."""

    name = forms.CharField(
        label=_("Name of the topic"), max_length=100, help_text=_("Readers see it on forms and in each mail.")
    )
    name_en = forms.CharField(label=_("Name in English"), max_length=100, required=False)
    content = forms.CharField(label=_("What you will send"), max_length=300)
    purpose = forms.CharField(label=_("What for"), max_length=300)
    frequency_max = forms.IntegerField(label=_("At most, times"), min_value=1, max_value=100, initial=2)
    frequency_per = forms.ChoiceField(
        label=_("In each"),
        choices=[
            (Period.DAY.value, _("day")),
            (Period.WEEK.value, _("week")),
            (Period.MONTH.value, _("month")),
            (Period.YEAR.value, _("year")),
        ],
        initial=Period.MONTH.value,
    )
    double_opt_in = forms.BooleanField(
        label=_("Confirm by mail before the first issue"),
        required=False,
        help_text=_("Proves that the address belongs to the person who asked. Recommended."),
    )
    valid_months = forms.IntegerField(
        label=_("Consent holds for months"), min_value=1, max_value=60, required=False
    )
    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class TopicForm(PromiseForm):
    """A new topic; its short name stands in addresses and stays."""

    field_order = ("name", "name_en", "slug", "sender_id")
    seen = None  # type: ignore[assignment]  # nothing was shown yet
    slug = forms.CharField(label=_("Short name for addresses"), max_length=40)
    sender_id = forms.TypedChoiceField(
        label=_("Who sends it"),
        coerce=int,
        help_text=_("People agree to mails of this sender. Once somebody was asked, it stays."),
    )

    def __init__(self, *args: Any, senders: list[tuple[int, str]], **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        """`senders`: number and name of those in use; where there is one, nobody is asked."""
        super().__init__(*args, **kwargs)
        offer_senders(self.fields["sender_id"], senders)

    def clean_slug(self) -> str:
        return clean_short_name(self.cleaned_data["slug"])


class TopicSenderForm(forms.Form):
    """Another sender for a topic of which nobody heard yet."""

    sender_id = forms.TypedChoiceField(label=_("Who sends it"), coerce=int)

    def __init__(self, *args: Any, senders: list[tuple[int, str]], **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        offer_senders(self.fields["sender_id"], senders)


def offer_senders(field: forms.Field, senders: list[tuple[int, str]]) -> None:
    """The only one is chosen without a question."""
    if not isinstance(field, forms.TypedChoiceField):
        raise TypeError("sender_id")
    field.choices = senders
    if len(senders) == 1:
        field.initial, field.widget = senders[0][0], forms.HiddenInput()
