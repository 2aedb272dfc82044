"""A campaign as staff type it in. Whether it may leave is asked elsewhere: a form only parses."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shodaku.campaigns.domain import TAG_CHARACTERS_MAX, TAGS_MAX, UnfitTags, may_start_at, parse_tags
from shodaku.console.fields import MAIL_CHARACTERS_MAX, SeveralFiles, field_of
from shodaku.content import services as content
from shodaku.content.domain import MailFile, TemplateFault
from shodaku.kit import clock

NOTHING: Final = "nothing"  # bought
TO_BLOCKS: Final = "blocks"  # the button that leads to writing in blocks
TO_CODE: Final = "code"  # and the one that leads to writing as code


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


class CampaignForm(forms.Form):
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
        field_of(self, "topic", forms.TypedChoiceField).choices = topics
        offered = [("", _("Everybody who agreed to the topic")), *segments]
        field_of(self, "segment", forms.TypedChoiceField).choices = offered
        no_notice = ("", _("No notice: a newsletter or advertisement, for those who agreed"))
        field_of(self, "notice_to", forms.ChoiceField).choices = [no_notice, *products]
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
