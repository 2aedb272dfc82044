"""What staff type in about coupons that were used, and what became of each row of a list, in words."""

from __future__ import annotations

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from shodaku.console.words import Words
from shodaku.contacts.domain import COUPON_CODE_CHARACTERS_MAX, USED_TIMES_MAX
from shodaku.imports.domain import CouponVerdict

FILE_BYTES_MAX: Final = 5 * 1024 * 1024
ROWS_MAX: Final = 5_000  # while somebody waits; the command line takes more

COUPON_VERDICTS: Final[Words] = {
    CouponVerdict.RECORDED: _("Recorded"),
    CouponVerdict.KNOWN_ALREADY: _("This receipt was recorded before; nothing was changed"),
    CouponVerdict.CODE_UNREADABLE: _("A code has 1 to 60 characters, without line breaks"),
    CouponVerdict.DATE_UNREADABLE: _("The day cannot be read; write it like 2026-11-25"),
    CouponVerdict.DATE_TO_COME: _("The day is still to come"),
    CouponVerdict.TIMES_UNREADABLE: _("The number is a whole one from 1 to 100,000"),
    CouponVerdict.RECEIPT_UNREADABLE: _("The receipt number has at most 100 characters"),
    CouponVerdict.ROW_UNREADABLE: _("The row cannot be read in the encoding of the file"),
}


class CouponUseForm(forms.Form):
    code = forms.CharField(
        label=_("Code of the coupon"),
        max_length=COUPON_CODE_CHARACTERS_MAX,
        help_text=_(
            "As it stands in the mail; large or small letters make no difference, nor does their width."
        ),
    )
    used_on = forms.CharField(
        label=_("Day on which it was used"),
        max_length=40,
        widget=forms.TextInput({"type": "date", "placeholder": "2026-11-25"}),
    )
    times = forms.IntegerField(label=_("How often"), min_value=1, max_value=USED_TIMES_MAX, initial=1)


class CouponFileForm(forms.Form):
    file = forms.FileField(
        label=_("List from the till"),
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text=_(
            "CSV or Excel, with code and day; number of uses and receipt number if you have them. "
            "The same receipt counts once. At most 5,000 rows here."
        ),
    )
