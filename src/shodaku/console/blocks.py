"""Words around a campaign in blocks or in code: what differs, who saved a state, what is filled in."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shodaku.accounts import selectors as accounts
from shodaku.console.block_forms import NAMES
from shodaku.console.code_form import LANGUAGES
from shodaku.console.guard import Visitor
from shodaku.content.domain import FIELDS, Block, Document, Source, Written, kind_of, told


@dataclass(frozen=True, slots=True)
class Difference:
    """None: the block is not there, or the field is empty."""

    name: str | Promise
    mine: str | None
    theirs: str | None


def differences(mine: Written, theirs: Written) -> list[Difference]:
    """Blocks or lines that are not the same on both sides, then the rest."""
    if isinstance(mine, Document) and isinstance(theirs, Document):
        return _of_blocks(mine, theirs)
    if isinstance(mine, Source) and isinstance(theirs, Source):
        return list(_of_code(mine, theirs))
    return [Difference(_("How it is written"), _way(mine), _way(theirs))]


def _way(written: Written) -> str:
    return _("Blocks") if isinstance(written, Document) else dict(LANGUAGES)[written.language]


def _of_code(mine: Source, theirs: Source) -> Iterator[Difference]:
    if mine.language is not theirs.language:
        yield Difference(_("How it is written"), _way(mine), _way(theirs))
    left, right = mine.code.splitlines(), theirs.code.splitlines()
    for kind, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind != "equal":
            name = _("Line %(number)s") % {"number": a + 1}
            yield Difference(name, "\n".join(left[a:b]) or None, "\n".join(right[c:d]) or None)
    if mine.own_text != theirs.own_text:
        yield Difference(_("Text part in your own words"), mine.own_text, theirs.own_text)


def _of_blocks(mine: Document, theirs: Document) -> list[Difference]:
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
