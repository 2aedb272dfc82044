"""What staff type in; each field says what it is for. Rules stay in their rooms: a form only parses."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, TypeVar

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shodaku.accounts.domain import (
    EndedNotice,
    EvidenceRetention,
    OptOutRule,
    SenderFault,
    SlugFault,
    parse_header_text,
    parse_mail_domain,
    parse_slug,
    require_own_domain,
)
from shodaku.campaigns.domain import (
    TAG_CHARACTERS_MAX,
    TAGS_MAX,
    UnfitTags,
    may_start_at,
    parse_tags,
)
from shodaku.consent.domain import Method, Period
from shodaku.contacts.domain import AddressError, parse_email
from shodaku.content import services as content
from shodaku.content.domain import MailFile, TemplateFault
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
from shodaku.kit import clock
from shodaku.kit.ui.renderer import described

TEXT_CHARACTERS_MAX = 5_000
MAIL_CHARACTERS_MAX = 200_000
NOTHING: Final = "nothing"  # bought
PEOPLE_MAX: Final = 2**31 - 1
ERASE_WORDS: Final = ("erase", "消去")

Field = TypeVar("Field", bound=forms.Field)


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, _data: Any, files: Any, name: str) -> Any:  # noqa: ANN401 - Django's signature
        return files.getlist(name) if hasattr(files, "getlist") else []


class MailFiles(forms.FileField):
    """Files that travel with a mail, accepted one by one; each that is not says why."""

    widget = SeveralFiles

    def clean(self, data: Any, _initial: Any = None) -> list[MailFile]:  # noqa: ANN401 - Django's signature
        accepted, faults = [], []
        for handed_in in data or []:
            try:
                accepted.append(content.accept(handed_in.name, handed_in.read()))
            except TemplateFault as fault:
                faults.append(fault.sentence(get_language() or "ja"))
        if faults:
            raise forms.ValidationError(faults)
        return accepted


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
    """The legal identity that every message shows (特定電子メール法4条)."""

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

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("from_address") and cleaned.get("mail_domain"):
            try:
                require_own_domain(cleaned["from_address"], cleaned["mail_domain"])
            except SenderFault as fault:
                self.add_error(fault.field, refused(fault))
        return cleaned


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

    field_order = ("name", "name_en", "slug")
    seen = None  # type: ignore[assignment]  # nothing was shown yet
    slug = forms.CharField(label=_("Short name for addresses"), max_length=40)

    def clean_slug(self) -> str:
        return clean_short_name(self.cleaned_data["slug"])


class RefusalForm(forms.Form):
    """A no that came by telephone, letter or across the counter."""

    scope = forms.ChoiceField(label=_("What the person said no to"), widget=forms.RadioSelect, initial="all")
    topic = forms.TypedChoiceField(
        label=_("Topic"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("Only for one topic."),
    )
    via = forms.ChoiceField(
        label=_("How it reached you"),
        choices=[
            (Method.TELEPHONE.value, _("Telephone")),
            (Method.PAPER.value, _("Letter or paper")),
            (Method.STAFF.value, _("In person")),
        ],
    )
    confirmed = forms.CharField(
        label=_("To erase, type “erase”"), required=False, max_length=20, help_text=_("Only to erase.")
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's signature
        topics: list[tuple[int, str]],
        may_erase: bool,
        rule: OptOutRule,
        **kwargs: Any,  # noqa: ANN401 - Django's signature
    ) -> None:
        super().__init__(*args, **kwargs)
        self._erasing = {"all", "erase"} if rule is OptOutRule.ERASE else {"erase"}
        scopes = [("all", _all_means(rule)), ("topic", _("One topic"))]
        if may_erase and rule is not OptOutRule.ERASE:
            scopes.append(("erase", described(_("Everything, and erase it"), _("It cannot be undone."))))
        _field(self, "scope", forms.ChoiceField).choices = scopes
        _field(self, "topic", forms.TypedChoiceField).choices = [("", "–"), *topics]
        if not self._erasing & {scope for scope, _label in scopes}:
            del self.fields["confirmed"]
        elif rule is OptOutRule.ERASE:
            self.fields["confirmed"].help_text = _("For all advertising: here it erases.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("scope") == "topic" and not cleaned.get("topic"):
            self.add_error("topic", _("Choose the topic."))
        typed = str(cleaned.get("confirmed", "")).strip().lower()
        if cleaned.get("scope") in self._erasing and typed not in ERASE_WORDS:
            self.add_error("confirmed", _("Erasing cannot be undone. Type “erase” to go on."))
        return cleaned


def _all_means(rule: OptOutRule) -> Any:  # noqa: ANN401 - a lazy text, or markup made of two
    if rule is OptOutRule.ERASE:
        return described(_("All advertising"), _("Here this erases all that is known. It cannot be undone."))
    return _("All advertising")


def _field(form: forms.Form, name: str, kind: type[Field]) -> Field:
    """A form's own field, as what it was declared to be."""
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(name)
    return field


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
        _field(self, "route", forms.TypedChoiceField).choices = [(0, _("All of them together")), *routes]
        _field(self, "receivers", forms.ChoiceField).choices = [("", _("All receivers")), *groups]


def clean_short_name(text: str) -> str:
    try:
        return parse_slug(text)
    except SlugFault as fault:
        raise forms.ValidationError(_("Use small letters, digits and hyphens, at most 40.")) from fault


TO_BLOCKS: Final = "blocks"  # the button that leads to writing in blocks
TO_CODE: Final = "code"  # and the one that leads to writing as code


class CampaignForm(forms.Form):
    """A draft; whether it may leave is asked elsewhere."""

    topic = forms.TypedChoiceField(
        label=_("Topic"),
        coerce=int,
        help_text=_("Only who agreed to this topic can receive it."),
    )
    subject = forms.CharField(label=_("Subject"), max_length=200)
    name = forms.CharField(
        label=_("Name for yourself"),
        max_length=100,
        required=False,
        help_text=_("Left empty, it is called like its subject."),
    )
    tags = forms.CharField(
        label=_("Tags"),
        max_length=TAGS_MAX * (TAG_CHARACTERS_MAX + 2),
        required=False,
        help_text=_(
            "Words between commas, to find it again in the list: at most 10. They leave with no mail."
        ),
    )
    text = forms.CharField(
        label=_("Text of the mail"), max_length=MAIL_CHARACTERS_MAX, widget=forms.Textarea({"rows": 14})
    )
    html = forms.CharField(
        label=_("HTML"),
        max_length=MAIL_CHARACTERS_MAX,
        required=False,
        widget=forms.Textarea({"rows": 5, "spellcheck": "false"}),
        help_text=_("If you have one. The text above goes along with it."),
    )
    added = MailFiles(
        label=_("Add files"),
        required=False,
        widget=SeveralFiles({"accept": ",".join(content.ENDINGS)}),
        help_text=_(
            "JPEG, PNG or GIF, PDF, text, CSV or calendar: at most 5 MB each, 10 MB and 10 files together. "
            'To show a picture within the mail, name it in the HTML: <img src="cid:logo.png">.'
        ),
    )
    notice_to = forms.ChoiceField(
        label=_("Notice to the buyers of"),
        required=False,
        help_text=_(
            "News about what they bought. It needs no consent, so it must not advertise. The topic above "
            "then names the sender alone."
        ),
    )
    segment = forms.TypedChoiceField(
        label=_("Only a segment"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("As it is when you send the campaign off. What you choose below holds besides."),
    )
    bought = forms.ChoiceField(
        label=_("Only by purchases"),
        required=False,
        choices=[
            ("", _("Whether they bought or not")),
            ("30", _("Bought something within 30 days")),
            ("90", _("Bought something within 90 days")),
            ("365", _("Bought something within a year")),
            (NOTHING, _("Bought nothing yet")),
        ],
    )
    language = forms.ChoiceField(
        label=_("Only by language"),
        required=False,
        choices=[("", _("Any language")), ("ja", _("Japanese")), ("en", _("English"))],
    )
    source = forms.ChoiceField(
        label=_("Only by the way they came in"),
        required=False,
        choices=[("", _("Any way")), ("form", _("By a sign-up form")), ("import", _("By an import"))],
    )
    click_links = forms.BooleanField(
        label=_("Count who follows which link"),
        required=False,
        help_text=_(
            "Only of people who allowed measuring on their own page; all others get plain links. Legal "
            "pages, mailto:, tel: and links with merge fields are never counted."
        ),
    )
    open_pixel = forms.BooleanField(
        label=_("Count who opens it"),
        required=False,
        help_text=_(
            "By a picture in the HTML, of the same people only. Mail programs load pictures by themselves or "
            "never, so the figure is a hint."
        ),
    )

    starts_at = forms.DateTimeField(
        label=_("Start by itself at"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Write day and time like 2026-12-01 10:00.")},
        help_text=_("Japan time. Left empty, it leaves as soon as you send it."),
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's signature
        topics: list[tuple[int, str]],
        segments: list[tuple[int, str]],
        products: list[tuple[str, str]],
        asks: bool = False,
        in_blocks: bool = False,
        **kwargs: Any,  # noqa: ANN401 - as above
    ) -> None:
        """`asks`: whom a request for permission goes to is settled, and nothing of it is measured.

        `in_blocks`: what it says is written on a page of its own; who goes there now needs no text.
        """
        super().__init__(*args, **kwargs)
        self.fields["text"].required = self.data.get("next") not in (TO_BLOCKS, TO_CODE)
        if in_blocks:
            del self.fields["text"], self.fields["html"]
        _field(self, "topic", forms.TypedChoiceField).choices = topics
        offered = [("", _("Everybody who agreed to the topic")), *segments]
        _field(self, "segment", forms.TypedChoiceField).choices = offered
        no_notice = ("", _("No notice: a newsletter or advertisement, for those who agreed"))
        _field(self, "notice_to", forms.ChoiceField).choices = [no_notice, *products]
        if asks:
            for name in ("notice_to", "segment", "bought", "language", "source", "click_links", "open_pixel"):
                del self.fields[name]

    def clean_tags(self) -> tuple[str, ...]:
        try:
            return parse_tags(self.cleaned_data["tags"])
        except UnfitTags as fault:
            raise forms.ValidationError(_("At most 10 tags, each with at most 30 characters.")) from fault

    def clean_starts_at(self) -> datetime | None:
        starts_at: datetime | None = self.cleaned_data["starts_at"]
        if starts_at is not None and not may_start_at(starts_at, clock.now()):
            raise forms.ValidationError(_("Choose a time in the future, within 90 days, or leave it empty."))
        return starts_at
