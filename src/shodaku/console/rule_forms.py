"""Which rules hold here, as somebody types it: pack, home country, stricter values, exemptions, releases."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shodaku.delivery.domain import Exemption, LineFault, read_tightening
from shodaku.policy.domain import PACK_VERSIONS, Pack, QuietHours

REASON_CHARACTERS_MAX: Final = 1_000
TIGHTENING_CHARACTERS_MAX: Final = 10_000
# what may be made stricter, with an example; before the dot stands a country, or * for all of them
TIGHTENABLE: Final[tuple[tuple[str, str, str | Promise], ...]] = (
    ("stale_months", "6", _("Months without an act of the person or a mail, after which a consent rests")),
    ("first_issue_days", "5", _("Days from the consent to the first issue, before it counts as late")),
    ("welcome_hours", "12", _("Hours from the consent to the welcome mail")),
    ("confirmation_days", "2", _("Days for which the link of a confirmation mail works")),
    ("complaint_rate_max", "0.002", _("Spam reports per mail above which a topic waits")),
    ("JP.relationship_months", "6", _("Months for which a business relationship allows advertising")),
    ("CA.purchase_months", "12", _("Months for which a purchase allows advertising")),
    ("CA.enquiry_months", "3", _("Months for which an enquiry allows advertising")),
    ("*.reconfirm_months", "24", _("Months after which a consent is to be renewed")),
    ("JP.minor_age", "16", _("Age below which a guardian has to agree")),
    ("*.sms_needs_written", "true", _("Text messages need a written consent")),
    ("*.address_in_message", "true", _("The postal address stands in the message itself")),
    ("JP.exemptions", "card", _("Exemptions of the law that may be used at all; none: not one")),
    ("*.quiet_sms", "20:00-09:00", _("Hours in which no advertising goes out as text message")),
    ("JP.quiet_email", "22:00-07:00", _("Hours in which no advertising goes out by mail")),
)  # fmt: skip
EXEMPTIONS: Final[dict[str, str | Promise]] = {
    Exemption.CARD_ADVERTISING: _("Business cards: advertising to whoever handed one over"),
    Exemption.RELATIONSHIP: _("Business relationship: advertising to customers"),
    Exemption.PUBLISHED_ADDRESS: _("Addresses that a business has published"),
    Exemption.SOFT_OPTIN: _("Soft opt-in after a purchase (EU, UK)"),
    Exemption.IMPLIED_CONSENT: _("Implied consent after a purchase or an enquiry (Canada)"),
    Exemption.INCIDENTAL_ADS: _("Advertising in passing inside notices"),
    Exemption.NON_PROFIT: _("The sender is no business"),
    Exemption.REPLIES_READ: _("Replies to the From address are read and obeyed"),
}


class RulesForm(forms.Form):
    """The stricter values are checked against the pack that is chosen with them: all of them, or none."""

    pack = forms.ChoiceField(label=_("Rule pack"), choices=[(version, version) for version in PACK_VERSIONS])
    home_country = forms.RegexField(
        r"^[A-Za-z]{2}$",
        label=_("Where people are taken to live if nobody knows"),
        required=False,
        help_text=_("Two letters, such as JP. Empty: not known, and the strictest rules hold for them."),
    )
    tightened = forms.CharField(
        label=_("Stricter values of your own"),
        required=False,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
        max_length=TIGHTENING_CHARACTERS_MAX,
        help_text=_("A line each: key = value. The keys are listed below. Nothing can be made looser."),
    )

    def clean_home_country(self) -> str | None:
        return self.cleaned_data["home_country"].upper() or None

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if "pack" in said and "tightened" in said:
            try:
                said["values"] = read_tightening(said["tightened"], said["pack"])
            except LineFault as fault:
                self.add_error("tightened", fault.sentence(get_language() or "ja"))
        return said


class ExemptionForm(forms.Form):
    sender = forms.TypedChoiceField(label=_("Sender"), coerce=int)
    exemption = forms.ChoiceField(label=_("Exemption"), choices=list(EXEMPTIONS.items()))
    on = forms.TypedChoiceField(
        label=_("From now on"),
        choices=[("on", _("used")), ("off", _("not used"))],
        widget=forms.RadioSelect,
        coerce=lambda word: word == "on",
    )
    reason = forms.CharField(
        label=_("Why"),
        widget=forms.Textarea({"rows": 2}),
        max_length=REASON_CHARACTERS_MAX,
        help_text=_("Goes into the ledger with your name."),
    )

    def __init__(self, *args: Any, senders: list[tuple[int, str]], **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self.fields["sender"].choices = senders  # type: ignore[attr-defined]  # a choice field


class ReleaseForm(forms.Form):
    topic = forms.TypedChoiceField(label=_("Topic"), coerce=int)
    reason = forms.CharField(
        label=_("What you found"),
        widget=forms.Textarea({"rows": 2}),
        max_length=REASON_CHARACTERS_MAX,
        help_text=_("Goes into the ledger with your name."),
    )

    def __init__(self, *args: Any, topics: list[tuple[int, str]], **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self.fields["topic"].choices = topics  # type: ignore[attr-defined]  # a choice field


def stands_at(rules: Pack, key: str) -> str:
    """The value of a parameter now; of one that differs from country to country, wherever there is one."""
    scope, _dot, name = key.rpartition(".")
    if not scope:
        return str(getattr(rules, name))
    values = ((code, getattr(place, name)) for code, place in sorted(rules.jurisdictions.items()))
    return ", ".join(f"{code} {_shown(value)}" for code, value in values if value not in (None, False)) or "–"


def _shown(value: object) -> str:
    match value:
        case bool():
            return "true"
        case QuietHours(start, end):
            return f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
        case frozenset():
            return "+".join(sorted(value)) or "none"
        case _:
            return str(value)
