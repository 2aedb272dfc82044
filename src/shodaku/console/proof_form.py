"""What a person's proof is to be made of."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

from django import forms
from django.utils.translation import gettext_lazy as _

from shodaku.kit.ui.renderer import described
from shodaku.ledger import services as ledger

Language: TypeAlias = Literal["ja", "en"]
JSON: Final = "json"
PAPER: Final[dict[str, Language]] = {"pdf_ja": "ja", "pdf_en": "en"}


class PersonProofForm(forms.Form):
    """Paper is offered only where this installation can make it."""

    file = forms.ChoiceField(label=_("Kind of file"), widget=forms.RadioSelect, initial=JSON)
    attach = forms.BooleanField(
        label=_("With what they were shown"),
        required=False,
        help_text=_("Wordings, pages and scans of papers. Opening a scan is written into the ledger, too."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        choices = [(JSON, described(_("To be checked"), _("The proof itself (JSON).")))]
        if ledger.paper_available() or self.is_bound:  # a page may be older than the installation
            choices += [
                ("pdf_ja", described(_("To be read, in Japanese"), _("A PDF with the proof inside."))),
                ("pdf_en", described(_("To be read, in English"), _("A PDF with the proof inside."))),
            ]
        field = self.fields["file"]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
