"""What clerks fill in about papers: a batch of scans, and what is read off one of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeVar

from django import forms
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shodaku.console.fields import SeveralFiles
from shodaku.console.request_forms import DayField
from shodaku.contacts.domain import AddressError, EmailAddress, UnfitName, clean_name, parse_email
from shodaku.imports.domain import UnreadDate, parse_day
from shodaku.kit import clock
from shodaku.kit.ui.renderer import described
from shodaku.ledger import services as ledger
from shodaku.signup import services as signup
from shodaku.signup.services import Checking, ParkReason

Value = TypeVar("Value")

SCANS_MAX: Final = 50  # of one upload
# all of them: a photo of 40 MB between others is refused by its name, and the others are kept
SCANS_BYTES_MAX: Final = 60 * 1024 * 1024
ADDRESS_CHARACTERS_MAX: Final = 320
DESTROY_DAYS_MAX: Final = 366 * 20
PARK_REASONS: Final = {
    ParkReason.ADDRESS: _("The address cannot be read"),
    ParkReason.TICKS: _("Nothing is ticked, or it cannot be told for certain"),
    ParkReason.DAY: _("There is no date, or it cannot be read"),
    ParkReason.OTHER_FORM: _("It is not one of our sheets, or its code is missing"),
    ParkReason.PICTURE: _("It has to be scanned again"),
    ParkReason.REFUSED: _("It says that the person wants no mail"),
    ParkReason.OTHER: _("Something else"),
}


class ScanFiles(forms.FileField):
    """Scans as plain pictures, and a sentence for each file that is none; one good one is enough."""

    widget = SeveralFiles

    def clean(self, data: Any, _initial: Any = None) -> tuple[list[ledger.Picture], list[str]]:  # noqa: ANN401 - Django's signature
        language, pictures, faults = get_language() or "ja", [], []
        for handed_in in (data or [])[:SCANS_MAX]:
            try:
                pictures.append(ledger.plain_picture(handed_in.read()))
            except ledger.UnfitFile as fault:
                faults.append(f"{handed_in.name}: {fault.sentence(language)}")
        if len(data or []) > SCANS_MAX:
            raise forms.ValidationError(_("Choose at most 50 files at a time."))
        if faults and not pictures:
            raise forms.ValidationError(faults)
        if not pictures:
            raise forms.ValidationError(_("Choose the scans or photos of the papers."))
        return pictures, faults


def scan_files() -> ScanFiles:
    return ScanFiles(
        label=_("Scans or photos of the papers"),
        help_text=_(
            "Several at once, one picture for each paper. JPEG, PNG, WebP, GIF or TIFF, each at most 20 MB, "
            "together 60 MB. More of the same stack can be added afterwards."
        ),
        widget=SeveralFiles({"accept": "image/jpeg,image/png,image/webp,image/gif,image/tiff"}),
    )


class WordField(forms.CharField):
    """One short line: a shop, a shelf, a name of somebody at work."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(max_length=1_000, widget=forms.TextInput({"autocomplete": "off"}), **options)

    def clean(self, value: Any) -> str:  # noqa: ANN401 - Django's signature
        try:
            return signup.parse_word(super().clean(value))
        except signup.Unwritten as fault:
            raise forms.ValidationError(fault.fault.sentence(get_language() or "ja")) from fault


class BatchForm(forms.Form):
    """What all papers of a stack have in common."""

    code = forms.CharField(
        label=_("Code on the sheets"),
        max_length=40,
        widget=forms.TextInput(
            {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
        help_text=_("At the top right of each sheet, such as J12-3-K. It says which words people read."),
    )
    shop = WordField(label=_("Shop"), help_text=_("Where these papers were filled in."))
    checking = forms.ChoiceField(
        label=_("A second pair of eyes"),
        widget=forms.RadioSelect,
        initial=Checking.ALL.value,
        choices=[
            (
                Checking.ALL.value,
                described(
                    _("Every sheet"), _("A colleague keys address and ticks in again, without seeing yours.")
                ),
            ),
            (
                Checking.SAMPLE.value,
                described(_("A sample"), _("One sheet in ten, by chance. The others are recorded at once.")),
            ),
        ],
    )
    shelf = WordField(label=_("Shelf of the originals"), help_text=_("Where the papers themselves lie."))
    destroy_on = DayField(
        label=_("To be destroyed on"), help_text=_("Until then somebody can compare the scan with its paper.")
    )
    scans = scan_files()

    def __init__(self, *args: Any, workspace_id: int, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self._workspace_id = workspace_id

    def clean_code(self) -> signup.SheetCode:
        try:
            return signup.sheet_by_code(self._workspace_id, self.cleaned_data["code"]).code
        except signup.Unwritten as fault:
            raise forms.ValidationError(fault.fault.sentence(get_language() or "ja")) from fault

    def clean_destroy_on(self) -> date:
        day: date = self.cleaned_data["destroy_on"]
        ahead = (day - localtime(clock.now()).date()).days
        if ahead < 1:
            raise forms.ValidationError(_("This day must be still to come."))
        if ahead > DESTROY_DAYS_MAX:
            raise forms.ValidationError(_("This is more than 20 years ahead. Check the year."))
        return day


class MoreScansForm(forms.Form):
    scans = scan_files()


class CheckForm(forms.Form):
    """What is read twice: address and ticks. Nothing is filled in or ticked beforehand."""

    address = forms.CharField(
        label=_("E-mail address on the paper"),
        max_length=ADDRESS_CHARACTERS_MAX,
        widget=forms.TextInput(
            {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none", "autofocus": True}
        ),
    )
    topics = forms.TypedMultipleChoiceField(
        label=_("Ticked on the paper"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only clear ticks. A tick that cannot be read is no tick."),
    )

    def __init__(self, *args: Any, sheet: signup.Sheet, shown: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self._sheet, self._published = sheet, shown.published
        language = sheet.wording.language
        offered = self.fields["topics"]
        if isinstance(offered, forms.TypedMultipleChoiceField):
            offered.choices = [(topic.topic_id, topic.title(language)) for topic in self._published.topics]

    def clean_address(self) -> EmailAddress:
        try:
            return parse_email(self.cleaned_data["address"])
        except AddressError as fault:
            raise forms.ValidationError(fault.sentence(get_language() or "ja")) from fault

    def clean_topics(self) -> tuple[int, ...]:
        return _said(lambda: signup.require_topics(self.cleaned_data["topics"], self._published))


class KeyForm(CheckForm):
    """A sheet that nobody has keyed in yet."""

    name = forms.CharField(
        label=_("Name on the paper"),
        required=False,
        max_length=1_000,
        strip=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    signed_on = forms.CharField(
        label=_("Date on the paper"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Such as 2026-11-22, 20261122 or R8.11.22."),
    )
    shop = WordField(label=_("Shop"))
    clerk = WordField(label=_("Taken by"), required=False, help_text=_("Who took the paper in the shop."))

    field_order = ("address", "name", "topics", "signed_on", "shop", "clerk")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        if not self._published.definition.ask_name:
            del self.fields["name"]

    def clean_name(self) -> str:
        try:
            return clean_name(self.cleaned_data["name"])
        except UnfitName as fault:
            raise forms.ValidationError(fault.sentence(get_language() or "ja")) from fault

    def clean_signed_on(self) -> date:
        try:
            day = parse_day(self.cleaned_data["signed_on"])
        except UnreadDate as fault:
            raise forms.ValidationError(signup.PaperFault.NO_DAY.sentence(get_language() or "ja")) from fault
        today = localtime(clock.now()).date()
        published_on = localtime(self._sheet.published_at).date()
        return _said(lambda: signup.require_day(day, published_on, today))


class ParkForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why"), choices=[(each.value, text) for each, text in PARK_REASONS.items()]
    )
    note = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=signup.NOTE_CHARS_MAX,
        widget=forms.TextInput({"autocomplete": "off"}),
    )


def _said(rule: Callable[[], Value]) -> Value:
    """A rule of a sheet; its fault stands at the field."""
    try:
        return rule()
    except signup.Unwritten as fault:
        raise forms.ValidationError(fault.fault.sentence(get_language() or "ja")) from fault
