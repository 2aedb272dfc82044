"""A name is kept as its owner writes it, and found however it is looked for."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.contacts.domain import (
    NameFault,
    UnfitName,
    clean_name,
    honorific,
    kana_sort_key,
    search_key,
    split_name,
)

# vendor kanji of cp932 (U+FA10 and its kin) that NFC would exchange for others
VENDOR_KANJI = "朗隆塚晴凞猪益礼神祥福靖精羽蘒諸逸都飯飼館鶴"


@pytest.mark.parametrize(
    "name",
    [
        "髙橋",
        "𠮷野家",
        "山﨑",
        "葛\U000e0100城",
        "渡邉",
        "O'Neill",
        "Ｔａｒｏ",
        "か\u3099ん",
        "㈱サンプル",
        "=田",
    ],
)
def test_a_name_is_stored_exactly_as_typed(name):
    assert clean_name(name) == name


def test_the_vendor_kanji_of_windows_survive():
    assert clean_name(VENDOR_KANJI) == VENDOR_KANJI


def test_only_the_spaces_around_a_name_go():
    assert clean_name("\u3000 山田 太郎 ") == "山田 太郎"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("=?utf-8?q?Taro=0D=0ABcc:_victim@example.net?=", NameFault.NAME_ENCODED_WORD),
        ("山田=?", NameFault.NAME_ENCODED_WORD),
        ("山田\r\nBcc: victim@example.net", NameFault.NAME_CONTROL),
        ("山田\n太郎", NameFault.NAME_CONTROL),
        ("山田\0", NameFault.NAME_CONTROL),
        ("山田\x7f", NameFault.NAME_CONTROL),
        ("山田\x85", NameFault.NAME_CONTROL),
        ("山田\u2028太郎", NameFault.NAME_CONTROL),
        ("山田\u202e太郎", NameFault.NAME_CONTROL),
        ("山田\ud800", NameFault.NAME_CONTROL),
        ("長" * 201, NameFault.NAME_TOO_LONG),
    ],
)
def test_a_name_that_could_break_into_a_header_is_refused(name, fault):
    with pytest.raises(UnfitName) as refused:
        clean_name(name)
    assert refused.value.code is fault
    assert refused.value.sentence("ja").endswith("ください。")
    assert refused.value.sentence("en").endswith(".")


@given(st.text(max_size=30))
def test_a_clean_name_is_a_part_of_what_was_typed(text):
    try:
        name = clean_name(text)
    except UnfitName:
        return
    assert name in text


@pytest.mark.parametrize(
    "same",
    [
        ("ﾔﾏﾀﾞ", "やまだ", "ヤマダ", "ヤマ ダ", "ヤマ・ダ"),
        ("髙﨑", "高崎"),
        ("𠮷田", "吉田"),
        ("渡邊", "渡邉", "渡辺"),
        ("齋藤", "齊藤", "斎藤", "斉藤"),
        ("濵口", "濱口", "浜口"),
        ("澤田", "沢田"),
        ("廣瀨", "広瀬"),
        ("葛\U000e0100城", "葛城"),
        ("㈱サンプル", "サンプル", "株式会社サンプル", "(株)サンプル", "サンプル（株）", "ｻﾝﾌﾟﾙ 株式会社"),
        ("有限会社山田", "㈲山田", "合同会社 山田", "株式會社山田"),
        ("Sample Co., Ltd.", "sample", "ＳＡＭＰＬＥ Inc."),
        ("1〜2", "1～2"),
        ("1−2", "1－2"),
        ("1‖2", "1∥2"),
    ],
)
def test_one_search_finds_all_spellings_of_a_name(same):
    assert len({search_key(name) for name in same}) == 1


def test_other_names_stay_others():
    names = ["ヤマダ", "ヤマタ", "高崎", "高橋", "佐藤", "斉藤", "サンプル", "サンプル商店", "株式会社"]
    assert len({search_key(name) for name in names}) == len(names)


LETTERS = st.sampled_from("ａ𠮷高髙ｶﾞかガ゛\u3099\u309a\u0301e㈱株式会社(有).Ltdﬁςß\u3000・ -辺邉")


@given(st.lists(st.text(LETTERS, max_size=4), max_size=4))
def test_a_name_is_found_the_same_whether_its_parts_were_met_before_or_not(parts):
    from shodaku.contacts import person_name as names

    text = " ".join(parts)
    whole = unicodedata.normalize("NFKC", text).casefold().translate(names._KATAKANA)
    whole = "".join(whole.split()).translate(names._IGNORED).translate(names._VARIANTS)
    assert search_key(text) == (names._COMPANY_FORM.sub("", whole) or whole)


def test_a_company_that_is_only_its_form_can_be_found_too():
    assert search_key("株式会社") == "株式会社"


def test_kana_stand_in_the_order_of_the_telephone_book():
    order = ["ヴェルニ", "オオノ", "オーノ", "オノ", "カトウ", "ガトウ", "サットウ", "サトウ", "パーク", "ハンダ", "バンドウ", "ばんば"]  # fmt: skip # noqa: E501 - the list of JAPAN.md section 2
    shuffled = random.Random(7).sample(order, len(order))
    assert sorted(shuffled, key=kana_sort_key) == order


def test_half_width_kana_sort_with_the_others():
    assert sorted(["ﾊﾝﾀﾞ", "サトウ", "ﾊﾟｰｸ"], key=kana_sort_key) == ["サトウ", "ﾊﾟｰｸ", "ﾊﾝﾀﾞ"]


@pytest.mark.parametrize(
    ("family", "given_name", "company", "line"),
    [
        ("山田", "太郎", None, "山田 太郎 様"),
        ("山田", None, None, "山田 様"),
        (None, "太郎", None, "太郎 様"),
        ("山田", "太郎", "サンプル商店", "山田 太郎 様"),  # never 御中 and 様 for one line
        (None, None, "サンプル商店", "サンプル商店 御中"),
        ("", " ", "サンプル商店", "サンプル商店 御中"),
        (None, None, None, "お客様"),
        ("", "", "\u3000", "お客様"),  # never " 様" alone
        ("山田様", None, None, "山田様"),
        ("山田", "太郎さま", None, "山田 太郎さま"),
        ("山田殿", None, None, "山田殿"),
        ("山田先生", None, None, "山田先生"),
        (None, None, "サンプル商店 御中", "サンプル商店 御中"),
    ],
)
def test_a_reader_is_addressed_as_politeness_asks(family, given_name, company, line):
    assert honorific(family, given_name, company) == line


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("山田 太郎", ("山田", "太郎")),
        ("山田\u3000太郎", ("山田", "太郎")),
        ("山田太郎", ("山田太郎", "")),  # never guessed
        ("山田  太郎", ("山田  太郎", "")),  # two spaces: not a single one
        ("マリア デル カルメン", ("マリア デル カルメン", "")),
        ("", ("", "")),
    ],
)
def test_a_whole_name_is_split_only_at_a_single_space(whole, parts):
    assert split_name(whole) == parts
