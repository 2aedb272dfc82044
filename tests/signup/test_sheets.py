"""What is printed on a sheet and what is read off it, as values."""

from __future__ import annotations

from datetime import date
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.contacts.domain import parse_email
from shodaku.signup.paper_wording import paper_wording, wording_json, wording_of_json
from shodaku.signup.services import (
    Checking,
    Difference,
    Keyed,
    PaperFault,
    SheetCode,
    Unwritten,
    differences,
    doubts,
    parse_code,
    parse_word,
    printed_code,
    require_day,
)
from shodaku.signup.sheets import chosen_to_check, keyed_json, keyed_of_json

CODE = SheetCode(12, 3, "ja")
codes = st.builds(
    SheetCode, st.integers(1, 10**9 - 1), st.integers(1, 10**6 - 1), st.sampled_from(["ja", "en"])
)


@given(st.integers(1, 10**6), codes)
def test_a_code_is_read_as_it_was_printed(workspace_id, code):
    assert parse_code(workspace_id, printed_code(workspace_id, code)) == code


@pytest.mark.parametrize(
    "change", [str.lower, lambda text: f" {text} ", lambda text: text.replace("-", "ー")]
)
def test_the_way_somebody_types_it_does_not_matter(change):
    assert parse_code(7, change(printed_code(7, CODE))) == CODE


def test_letters_that_were_meant_as_digits_are_digits():
    printed = printed_code(7, SheetCode(10, 1, "ja"))
    assert parse_code(7, printed.replace("10-1", "lO-I")) == SheetCode(10, 1, "ja")


def test_most_slips_name_no_form():
    """One letter out of twenty is the same by chance; a neighbour's code is no code of ours."""
    slips = [SheetCode(12, version, "ja") for version in range(4, 104)]
    check = printed_code(7, CODE)[-1]
    taken = 0
    for slip in slips:
        try:
            parse_code(7, f"J{slip.form_id}-{slip.version}-{check}")
        except Unwritten:
            continue
        taken += 1
    assert taken < 20


@pytest.mark.parametrize(
    "text", ["", "J12-3", "X12-3-K", "J12-3-KK", "=?utf-8?q?x?=", "J" + "9" * 40 + "-1-A"]
)
def test_what_is_no_code_is_said_so(text):
    with pytest.raises(Unwritten) as said:
        parse_code(7, text)
    assert said.value.fault is PaperFault.NO_CODE
    assert "コード" in said.value.fault.sentence("ja")
    assert "code" in said.value.fault.sentence("en")


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("yamada.hanako@mail.example", ""),
        ("michael@mail.example", ""),  # letters among letters are not in doubt
        ("ka1o@mail.example", "1o"),
        ("l2@mail.example", "l"),
        ("taro1985@mail.example", "o1"),
        ("a0b@mail.example", "0"),
        ("ko0l@mail.example", "o0l"),
        ("a-b_c@mail.example", "-_"),
        ("yamada@m1-0.example", ""),  # of the domain likely slips are asked about elsewhere
    ],
)
def test_handwriting_that_can_be_read_in_two_ways_is_asked_about(address, asked):
    assert "".join(each.character for each in doubts(parse_email(address))) == asked


@pytest.mark.parametrize(
    ("second", "differ"),
    [
        (Keyed(address="A@mail.example", topic_ids=(2, 1)), ()),
        (Keyed(address="b@mail.example", topic_ids=(1, 2)), (Difference.ADDRESS,)),
        (Keyed(address="a@mail.example", topic_ids=(1,)), (Difference.TICKS,)),
        (Keyed(address="b@mail.example", topic_ids=()), (Difference.ADDRESS, Difference.TICKS)),
    ],
)
def test_two_readings_are_compared_by_mailbox_and_ticks(second, differ):
    assert differences(Keyed(address="a@mail.example", topic_ids=(1, 2)), second) == differ


@pytest.mark.parametrize(
    ("day", "fault"),
    [
        (date(2026, 11, 25), None),
        (date(2026, 11, 26), PaperFault.TO_COME),
        (date(2026, 10, 31), None),  # the form was published on the next day, by another clock
        (date(2026, 10, 30), PaperFault.BEFORE_ITS_FORM),
    ],
)
def test_nobody_signed_a_sheet_before_it_existed_or_tomorrow(day, fault):
    published, today = date(2026, 11, 1), date(2026, 11, 25)
    if fault is None:
        assert require_day(day, published, today) == day
        return
    with pytest.raises(Unwritten) as said:
        require_day(day, published, today)
    assert said.value.fault is fault


@given(st.integers(0, 60), st.lists(st.integers(0, 9), min_size=1, max_size=20))
def test_of_a_first_sample_at_least_one_sheet_is_looked_at_twice(sheets, draws):
    drawn = cycle(draws)
    chosen = chosen_to_check(Checking.SAMPLE, sheets, lambda n: next(drawn) % n, first=True)
    assert len(chosen) == sheets
    assert any(chosen) or not sheets


def test_with_everything_checked_chance_has_no_say():
    assert chosen_to_check(Checking.ALL, 3, lambda _: 1 // 0, first=True) == [True] * 3


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("銀座\n店", PaperFault.NOT_ONE_LINE),
        ("=?x?=", PaperFault.NOT_ONE_LINE),
        ("あ" * 81, PaperFault.TOO_LONG),
    ],
)
def test_a_shop_or_shelf_is_one_short_line(text, fault):
    with pytest.raises(Unwritten) as said:
        parse_word(text)
    assert said.value.fault is fault
    assert parse_word("あ" * 80) == "あ" * 80


@pytest.mark.parametrize("fault", list(PaperFault))
def test_each_fault_has_a_sentence_in_both_languages(fault):
    assert fault.sentence("ja").endswith("。")
    assert fault.sentence("en").endswith(".")


def test_what_was_keyed_in_and_what_was_printed_are_read_back_from_json():
    keyed = Keyed(address="a@b.example", topic_ids=(1,), signed_on=date(2026, 11, 22), code=CODE)
    assert keyed_of_json(keyed_json(keyed)) == keyed
    bare = Keyed(address="a@b.example", topic_ids=())
    assert keyed_of_json(keyed_json(bare)) == bare


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("language", ["ja", "en"])
def test_paper_promises_what_the_page_promises_and_tells_only_what_is_true_of_paper(language):
    from tests.people import a_shop
    from tests.signup.forms import a_form

    from shodaku.signup import selectors

    shop = a_shop()
    form = a_form(shop)
    published = selectors.form_version(shop.workspace_id, form.form_id, 1).published
    wording = paper_wording(published, language)
    assert wording.boxes == published.wording(language).boxes
    assert wording_of_json(wording_json(wording)) == wording
    for absent in ("IP", "browser", "ブラウザー", "画面", "this page"):
        assert absent not in wording.text
    for present in (published.sender.formal_name, published.sender.postal_address, wording.boxes[1].text):
        assert present in wording.text
