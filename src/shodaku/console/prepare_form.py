"""A template as a form of at most four fields, for who does not write mails: its subject and its gaps.

What fills a gap is read as the editor reads it without scripts, so nothing typed here can be more than there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from shodaku.console.block_forms import NAMES, TypedMail, document_of, fields_of, typed_of, with_picture
from shodaku.content.domain import SUBJECT_CHARACTERS_MAX, Document, Written, unfinished
from shodaku.content.selectors import KeptPicture

GAPS_MAX: Final = 3  # the subject is the fourth field
_FIELD_OF: Final = {"prose": "plain"}  # what a gap of a text is called in a form


@dataclass(frozen=True, slots=True)
class Gap:
    block_id: str
    field: str

    @property
    def name(self) -> str:
        return f"gap-{self.block_id}-{self.field}"


def gaps_of(written: Written) -> list[Gap] | None:
    """In the order of the blocks; None: it is nothing that a few fields could finish."""
    if not isinstance(written, Document):
        return None
    lacks = unfinished(written)
    pictured = {each.block_id for each in lacks if each.name == "image"}
    gaps = [
        Gap(each.block_id, _FIELD_OF.get(each.name, each.name))
        for each in lacks
        # a picture of the library brings its own words
        if each.block_id is not None and not (each.name == "alt" and each.block_id in pictured)
    ]
    whole = all(each.block_id is not None for each in lacks)
    return gaps if whole and len(gaps) <= GAPS_MAX else None


class PrepareForm(forms.Form):
    topic = forms.TypedChoiceField(label=_("Topic"), coerce=int)
    subject = forms.CharField(label=_("Subject"), max_length=SUBJECT_CHARACTERS_MAX)

    def __init__(
        self,
        *given: Any,  # noqa: ANN401 - Django's signature
        topics: Sequence[tuple[int, str]],
        document: Document,
        gaps: Sequence[Gap],
        pictures: Sequence[KeptPicture],
        **named: Any,  # noqa: ANN401 - as above
    ) -> None:
        super().__init__(*given, **named)
        field = self.fields["topic"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = list(topics)
            if len(topics) == 1:  # nothing to choose
                field.initial, field.widget = topics[0][0], forms.HiddenInput()
        self._typed, self._pictures = typed_of(document), pictures
        self._gaps = gaps
        by_id = {each.block_id: each for each in self._typed.blocks}
        for gap in gaps:
            block = by_id[gap.block_id]
            shown = deepcopy(fields_of(block, pictures).fields[gap.field])
            shown.required = True
            if shown.label != NAMES[block.kind]:
                shown.label = _("%(block)s: %(field)s") % {"block": NAMES[block.kind], "field": shown.label}
            self.fields[gap.name] = shown

    def document(self) -> Document:
        """Of a valid form. Raises TemplateFault."""
        said: Mapping[str, str] = {gap.name: str(self.cleaned_data[gap.name]) for gap in self._gaps}
        blocks = []
        for block in self._typed.blocks:
            for gap in self._gaps:
                if gap.block_id != block.block_id:
                    continue
                # what the editor in the browser wrote would come before what is typed
                values = {name: value for name, value in block.values.items() if name != "doc"}
                block = replace(block, values=values | {gap.field: said[gap.name]})  # noqa: PLW2901 - field by field
                if gap.field == "image":
                    chosen = next(each for each in self._pictures if str(each.image_id) == said[gap.name])
                    block = with_picture(block, chosen)  # noqa: PLW2901 - as above
            blocks.append(block)
        return document_of(TypedMail(tuple(blocks), self._typed.preheader, self._typed.own_text))
