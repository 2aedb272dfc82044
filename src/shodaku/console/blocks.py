"""Words around a campaign in blocks: what differs between two states, who saved one, what is filled in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shodaku.accounts import selectors as accounts
from shodaku.console.block_forms import NAMES
from shodaku.console.guard import Visitor
from shodaku.content.domain import FIELDS, Block, Document, kind_of, told


@dataclass(frozen=True, slots=True)
class Difference:
    """None: the block is not there, or the field is empty."""

    name: str | Promise
    mine: str | None
    theirs: str | None


def differences(mine: Document, theirs: Document) -> list[Difference]:
    """Blocks that are not the same on both sides, then the rest."""
    language = get_language() or "ja"
    left = {each.block_id: each for each in mine.blocks}
    right = {each.block_id: each for each in theirs.blocks}
    found = [
        _difference(left.get(block_id), right.get(block_id), language)
        for block_id in dict.fromkeys((*left, *right))
        if left.get(block_id) != right.get(block_id)
    ]
    if not found and mine.blocks != theirs.blocks:
        found.append(Difference(_("Order of the blocks"), _order(mine), _order(theirs)))
    for name, one, other in (
        (_("Words beside the subject"), mine.preheader, theirs.preheader),
        (_("Text part in your own words"), mine.own_text, theirs.own_text),
    ):
        if one != other:
            found.append(Difference(name, one or None, other or None))
    return found


def _difference(mine: Block | None, theirs: Block | None, language: str) -> Difference:
    kind = kind_of(mine or theirs) if mine or theirs else ""  # type: ignore[arg-type] # one of them is there
    return Difference(
        NAMES[kind],
        None if mine is None else told(mine, language),
        None if theirs is None else told(theirs, language),
    )


def _order(document: Document) -> str:
    return " → ".join(str(NAMES[kind_of(each)]) for each in document.blocks)


def staff_names(visitor: Visitor) -> Callable[[int | None], str]:
    names = {each.staff_id: each.name for each in accounts.staff(visitor.workspace_id)}
    return lambda staff_id: _("A program") if staff_id is None else names.get(staff_id, _("A former member"))


def merge_fields() -> list[tuple[str, str]]:
    english = get_language() == "en"
    return [(name, field.en if english else field.ja) for name, field in FIELDS.items()]
