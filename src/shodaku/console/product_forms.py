"""What staff type in about products and purchases, and what became of each row of a list, in words."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from shodaku.console.words import Words
from shodaku.contacts.domain import (
    PRODUCT_NAME_CHARACTERS_MAX,
    PRODUCT_URL_CHARACTERS_MAX,
    NewProduct,
    ProductFault,
    ProductKind,
    UnfitProduct,
    parse_product,
)
from shodaku.imports.domain import PurchaseVerdict

FILE_BYTES_MAX: Final = 5 * 1024 * 1024
ROWS_MAX: Final = 5_000  # while somebody waits; the command line takes more

KINDS: Final[Words] = {
    ProductKind.COURSE: _("Course"),
    ProductKind.GOODS: _("Goods"),
    ProductKind.SERVICE: _("Service"),
    ProductKind.EVENT: _("Event"),
    ProductKind.OTHER: _("Something else"),
}
VERDICTS: Final[Words] = {
    PurchaseVerdict.RECORDED: _("Recorded"),
    PurchaseVerdict.KNOWN_ALREADY: _("Recorded before; nothing was changed"),
    PurchaseVerdict.PERSON_UNKNOWN: _("Nobody is known by this address. A purchase makes nobody a contact."),
    PurchaseVerdict.PRODUCT_UNKNOWN: _("No product that is offered has this code. Add it above first."),
    PurchaseVerdict.ADDRESS_UNREADABLE: _("The e-mail address cannot be read"),
    PurchaseVerdict.DATE_UNREADABLE: _("The day cannot be read; write it like 2026-11-25"),
    PurchaseVerdict.DATE_TO_COME: _("The day is still to come"),
    PurchaseVerdict.AMOUNT_UNREADABLE: _(
        "The amount cannot be read; in another currency the amount in yen is needed too"
    ),
    PurchaseVerdict.CURRENCY_UNREADABLE: _("The currency is written with three letters, such as USD"),
    PurchaseVerdict.REFERENCE_UNREADABLE: _("The order number has at most 100 characters"),
    PurchaseVerdict.ROW_UNREADABLE: _("The row cannot be read in the encoding of the file"),
}
_FAULTS: Final[Words] = {
    ProductFault.CODE: _("A code has 1 to 40 letters, digits, dots, hyphens or underscores (a-z, 0-9)."),
    ProductFault.NAME: _("A name has 1 to 100 characters, no control characters and no “=?”."),
    ProductFault.URL: _("A page begins with https:// or http:// and has at most 500 characters."),
    ProductFault.KIND: _("The kind is course, goods, service, event or other."),
}


class ProductForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("As your shop calls it. It stays; saved again, the product gets another name."),
    )
    name = forms.CharField(label=_("Name of the product"), max_length=PRODUCT_NAME_CHARACTERS_MAX)
    kind = forms.ChoiceField(label=_("Kind"), choices=[(each.value, KINDS[each]) for each in ProductKind])
    url = forms.CharField(label=_("Its page"), max_length=PRODUCT_URL_CHARACTERS_MAX, required=False)

    product: NewProduct

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors:
            try:
                self.product = parse_product(said["code"], said["name"], said["url"], said["kind"])
            except UnfitProduct as fault:
                self.add_error(fault.fault.value, str(_FAULTS[fault.fault]))
        return said


class PurchasesForm(forms.Form):
    file = forms.FileField(
        label=_("List of purchases"),
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text=_(
            "CSV or Excel, with e-mail address, code of the product, day and amount; order number and "
            "currency if you have them. At most 5,000 rows here."
        ),
    )
