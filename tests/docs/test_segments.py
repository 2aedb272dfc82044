"""The conditions of the how-to are those of the product, in both languages."""

from __future__ import annotations

import json
import re

import pytest
from tests.docs.test_examples import BLOCK, DOCS

from shodaku.segments.domain import KINDS, compile_expression, parse, parse_expression

PAGES = [DOCS / language / "how-to" / "choose-who-is-meant.md" for language in ("en", "ja")]


@pytest.mark.parametrize("page", PAGES, ids=["en", "ja"])
def test_every_condition_that_is_shown_is_understood_and_every_kind_is_shown(page):
    text = page.read_text(encoding="utf-8")
    shown = re.findall(r'`(\{"is": [^`]*\})`', text)
    kinds = set()
    for each in shown:
        condition = json.loads(each.replace("{…}", '{"is": "bought_nothing"}'))
        parse([condition])
        kinds.add(condition["is"])
    assert kinds == {*KINDS, "not"}


@pytest.mark.parametrize("page", PAGES, ids=["en", "ja"])
def test_the_segment_that_is_shown_can_be_saved(page):
    ((_language, block),) = [
        each for each in BLOCK.findall(page.read_text(encoding="utf-8")) if each[0] == "json"
    ]
    assert len(compile_expression(parse_expression(json.loads(block))).parameters) == 4
