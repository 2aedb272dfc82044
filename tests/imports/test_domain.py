"""No row of a list is dropped in silence, and no list makes anybody sendable."""

import io
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shodaku.contacts.domain import AddressFault, Channel, NameFault, NumberFault
from shodaku.imports.domain import (
    Basis,
    BrokenQuotes,
    Empty,
    Encoding,
    Evidence,
    FieldTooLarge,
    Limits,
    NoAddressColumn,
    NotText,
    OutEncoding,
    ParsedRow,
    Row,
    RowCode,
    RowFault,
    RowReason,
    RowVerdict,
    RowWarning,
    TooLarge,
    TooManyBytes,
    TooManyColumns,
    TooManyRows,
    UnreadableFile,
    UnreadDate,
    Verdict,
    WrongEncoding,
    decode,
    detect,
    file_head,
    judge,
    match_headers,
    open_rows,
    parse_day,
    parse_moment,
    parse_row,
    sentence_of,
    write_row,
)

JST = timezone(timedelta(hours=9))
LIST = (
    "氏名,フリガナ,メールアドレス,会社名\n"
    "山田 太郎,ヤマダ タロウ,taro@sample.co.jp,㈱サンプル\n"
    "髙橋 花子,タカハシ ハナコ,hanako@sample.co.jp,①商店\n"
)

# all two-byte and one-byte characters of cp932, without the five bytes that are no characters
CP932 = sorted(
    {
        text
        for code in (*range(0x20, 0x7F), *range(0xA1, 0xE0), *range(0x8140, 0xFD00))
        if (text := code.to_bytes(2 if code > 0xFF else 1, "big").decode("cp932", errors="ignore"))
        and len(text) == 1
        and (code > 0xFF) == (len(text.encode("cp932")) == 2)
    }
)


def rows_of(data, limits=None):
    return open_rows(io.BytesIO(data), limits)


def read_one(text, channel=Channel.EMAIL):
    rows = rows_of(text.encode())
    return parse_row(next(rows), rows.columns, channel, width=len(rows.header))


# encodings


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [
        ("utf-8", Encoding.UTF_8),
        ("utf-8-sig", Encoding.UTF_8),
        ("cp932", Encoding.CP932),
        ("euc_jis_2004", Encoding.EUC_JP),
        ("utf-16", Encoding.UTF_16),  # Excel's "Unicode text"
    ],
)
def test_a_list_is_read_in_the_encoding_it_was_saved_in(codec, encoding):
    text = LIST if codec != "euc_jis_2004" else LIST.replace("髙", "高")
    rows = rows_of(text.encode(codec))
    assert (rows.encoding, rows.header[2]) == (encoding, "メールアドレス")
    assert [row.cells[3] for row in rows] == ["㈱サンプル", "①商店"]
    assert decode(text.encode(codec)) == text


def test_ascii_is_utf_8():
    assert detect(b"email\na@example.jp\n") is Encoding.UTF_8


def test_half_width_kana_of_a_bank_are_not_taken_for_euc_jp():
    data = "ﾅﾏｴ,ﾒｰﾙ\nﾔﾏﾀﾞ ﾀﾛｳ,taro@sample.co.jp\n".encode("cp932")
    assert next(rows_of(data)).cells[0] == "ﾔﾏﾀﾞ ﾀﾛｳ"


def test_euc_jp_is_found_though_cp932_reads_it_as_half_width_kana():
    text = "氏名,email\n山田,taro@sample.co.jp\n"
    data = text.encode("euc_jp")
    data.decode("cp932")  # no error: the trap
    assert decode(data) == text


def test_a_late_japanese_letter_decides_as_an_early_one():
    data = b"email,name\n" + b"a@example.jp,Taro\n" * 20_000 + "b@example.jp,髙橋\n".encode("cp932")
    assert list(rows_of(data))[-1].cells[1] == "髙橋"


def test_rows_whose_bytes_are_no_text_are_listed_and_the_others_read():
    lines = LIST.encode("cp932").split(b"\n")
    data = b"\n".join([*lines[:2], b"\xfd\xfe\x80,\x81,x@sample.co.jp,", *lines[2:]])
    rows = rows_of(data)
    assert rows.encoding is Encoding.CP932
    assert [(row.number, row.readable) for row in rows] == [(2, True), (3, False), (4, True)]


def test_one_broken_row_does_not_turn_a_utf_8_list_into_cp932():
    data = LIST.encode() + b"\xe5\xb1,,x@sample.co.jp,\n"
    rows = rows_of(data)
    assert rows.encoding is Encoding.UTF_8
    assert [row.readable for row in rows] == [True, True, False]


def test_an_unreadable_heading_names_its_row_and_what_to_do():
    with pytest.raises(WrongEncoding) as refused:
        rows_of(b"\n\x81,\xff\xfe\xfd,email,name\n1,2,a@example.jp,x\n")
    assert refused.value.row == 2
    assert "2行目" in refused.value.sentence("ja")
    assert "CSV UTF-8" in refused.value.sentence("en")


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest", b"%PDF-1.7", b"e\0m\0a\0i\0l\0"]
)
def test_a_workbook_is_answered_with_save_as_csv(data):
    with pytest.raises(NotText) as refused:
        rows_of(data)
    assert "CSV UTF-8" in refused.value.sentence("ja")


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_a_named_refusal(data):
    try:
        rows = list(rows_of(data))
    except UnreadableFile:
        return
    assert all(row.cells for row in rows)


# rows


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiter_and_line_end_are_found(delimiter, end):
    text = end.join(["氏名,メール,会社名", '山田,taro@sample.co.jp,"a;b"', "花子,h@sample.co.jp,x"])
    rows = rows_of(text.replace(",", delimiter).encode())
    assert (rows.delimiter, [row.cells[1] for row in rows]) == (
        delimiter,
        ["taro@sample.co.jp", "h@sample.co.jp"],
    )


EIGHT = (
    "Eight 名刺データ\r\n\r\n出力日,2026/11/22\r\n\r\n"
    "※会社名は名刺のままです\r\n"
    "会社名,部署名,役職,氏名,e-mail,郵便番号,住所,TEL会社,TEL部門,TEL直通,Fax,携帯電話,URL,名刺交換日,"
    "Eightでつながっている人,再データ化中の名刺,'?'を含んだデータ,展示会\r\n"
    "株式会社サンプル,営業部,部長,山田 太＊,taro@sample.co.jp,100-0001,東京都千代田区1-1,03-1234-5678,,,,"
    "090-1234-5678,,2026/11/20,,,1,1\r\n"
)


@pytest.mark.parametrize("codec", ["utf-8-sig", "cp932"])
def test_a_card_file_of_eight_is_read_below_its_preamble(codec):
    rows = rows_of(EIGHT.encode(codec))
    parsed = parse_row(next(rows), rows.columns, Channel.EMAIL, width=len(rows.header))
    assert rows.header_row == 6
    assert parsed == ParsedRow(
        number=7,
        email=parsed.email,
        phone=parsed.phone,
        family_name="山田",
        given_name="太＊",
        company="株式会社サンプル",
        exchanged_on=date(2026, 11, 20),
        attributes={
            "department": "営業部",
            "title": "部長",
            "postcode": "100-0001",
            "address": "東京都千代田区1-1",
        },
        warnings=(RowWarning.NAME_UNSURE,),
    )
    assert (parsed.email.key, parsed.phone.e164) == ("taro@sample.co.jp", "+819012345678")


def test_a_column_of_bare_addresses_with_its_heading_is_a_list():
    assert [row.cells for row in rows_of("メールアドレス\na@example.jp\n".encode())] == [("a@example.jp",)]


def test_the_heading_is_looked_for_in_twenty_rows_and_no_further():
    preamble = b"about this list,x\n"
    assert rows_of(preamble * 19 + b"email,name\na@example.jp,x\n").header_row == 20
    with pytest.raises(NoAddressColumn):
        rows_of(preamble * 20 + b"email,name\na@example.jp,x\n")


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    data = b'email,memo\n\na@example.jp,"two\nlines"\n,\nb@example.jp,\n'
    assert [row.number for row in rows_of(data)] == [3, 5]


def test_the_stream_stays_open_and_may_be_one_that_cannot_seek():
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    pipe = Pipe(b"email\na@example.jp\n")
    assert len(list(open_rows(pipe))) == 1
    assert not pipe.closed


SMALL = Limits(rows_max=3, bytes_max=200, field_bytes_max=30, columns_max=4)
HEAD = b"email,memo\n"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (HEAD + b"a@example.jp,\n" * 3, None),
        (HEAD + b"a@example.jp,\n" * 4, TooManyRows),
        (HEAD + b"a@example.jp," + b"x" * 30, None),
        (HEAD + b"a@example.jp," + b"x" * 31, FieldTooLarge),
        (HEAD + b"a@example.jp," + "あ".encode() * 10, None),
        (HEAD + b"a@example.jp," + "あ".encode() * 10 + b"x", FieldTooLarge),
        (HEAD + b"a@example.jp,,,", None),
        (HEAD + b"a@example.jp,,,,", TooManyColumns),
        (HEAD + b"a@example.jp," + b"\n" * (200 - 24), None),
        (HEAD + b"a@example.jp," + b"\n" * (200 - 23), TooManyBytes),
        (HEAD + b'a@example.jp,"open\nb@example.jp,\n', BrokenQuotes),
        (HEAD + b'a@example.jp,"x"y\n', BrokenQuotes),
        (HEAD, Empty),
        (HEAD + b",\n,\n", Empty),
        (b"", Empty),
        (b"\n\n", Empty),
        (b"name,memo\nTaro,x\n", NoAddressColumn),
    ],
)
def test_each_limit_stands_where_it_says(data, fault):
    def read():
        return list(rows_of(data, SMALL))

    if fault is None:
        assert read()
        return
    with pytest.raises(fault) as refused:
        read()
    assert refused.value.sentence("ja").endswith("ください。")
    assert refused.value.sentence("en").endswith(".")


def test_a_field_of_a_megabyte_is_no_field():
    with pytest.raises(TooLarge):
        list(rows_of(HEAD + b'a@example.jp,"' + b"x" * 1_000_000 + b'"\n'))


# columns


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("e-mail", "email"), ("E-Mail", "email"), ("Ｅメール", "email"), ("メールアドレス（必須）", "email"),
        ("email_address", "email"), ("*メールアドレス", "email"),
        ("携帯電話番号", "mobile"), ("TEL（直通）", "phone"), ("ＦＡＸ", "fax"),
        ("お名前", "name"), ("氏名[姓]", "family_name"), ("氏名（名）", "given_name"),
        ("First Name", "given_name"),
        ("ふりがな", "kana"), ("ﾌﾘｶﾞﾅ", "kana"), ("姓かな", "family_kana"), ("めい", "given_kana"),
        ("個人名（姓）", "family_name"), ("個人名よみ（名）", "given_kana"),
        ("よみがな（姓）", "family_kana"), ("部課名", "department"), ("会社電話番号", "phone"),
        ("会社Fax", "fax"),
        ("会社名", "company"), ("役職", "title"), ("〒", "postcode"), ("名刺交換日", "exchanged_on"),
        ("同意日", "consented_at"), ("備考", "memo"), ("生年月日", "birthday"),
    ],
)  # fmt: skip
def test_headings_are_known_in_every_spelling(heading, field):
    assert match_headers(["x", heading]) == {field: 1}


def test_of_two_columns_for_one_field_the_left_one_counts_and_unknown_ones_are_left():
    assert match_headers(["TEL会社", "TEL直通", "好きな色", ""]) == {"phone": 0}


# one row


def test_a_ticked_column_is_kept_as_an_attribute():
    row = Row(2, ("a@example.jp", "青"))
    parsed = parse_row(row, {"email": 0, "好きな色": 1}, Channel.EMAIL)
    assert parsed.attributes == {"好きな色": "青"}


def test_names_and_kana_come_from_one_column_or_from_two():
    one = read_one("氏名,フリガナ,email\n山田 太郎,ヤマダ タロウ,a@example.jp\n")
    two = read_one("姓,名,セイ,メイ,email\n山田,太郎,ヤマダ,タロウ,a@example.jp\n")
    assert (one.family_name, one.given_name, one.kana) == ("山田", "太郎", "ヤマダ タロウ")
    assert (two.family_name, two.given_name, two.kana) == ("山田", "太郎", "ヤマダ タロウ")


def test_what_is_absent_is_none():
    parsed = read_one("email,氏名,会社名\na@example.jp,,\n")
    assert parsed == ParsedRow(number=2, email=parsed.email)


@pytest.mark.parametrize(
    ("text", "channel", "code", "column"),
    [
        ("email,氏名\n,山田\n", Channel.EMAIL, RowCode.ROW_NO_ADDRESS, "email"),
        ("email,氏名\nx,山田\n", Channel.EMAIL, AddressFault.ADDR_FORM, "email"),
        ("email,携帯\na@example.jp,\n", Channel.SMS, RowCode.ROW_NO_ADDRESS, "phone"),
        ("email,携帯\na@example.jp,9.01E+10\n", Channel.SMS, NumberFault.NUMBER_EXCEL, "mobile"),
        ("email,電話\na@example.jp,03-1234-5678\n", Channel.SMS, NumberFault.NUMBER_NOT_MOBILE, "phone"),
        ("email,氏名\na@example.jp,=?utf-8?q?x?=\n", Channel.EMAIL, NameFault.NAME_ENCODED_WORD, "name"),
        ('email,会社名\na@example.jp,"a\nb"\n', Channel.EMAIL, NameFault.NAME_CONTROL, "company"),
        ("email,住所\na@example.jp,東京都,千代田区\n", Channel.EMAIL, RowCode.ROW_TOO_WIDE, None),
    ],
)
def test_a_row_that_cannot_be_taken_names_its_cell(text, channel, code, column):
    fault = read_one(text, channel)
    assert isinstance(fault, RowFault)
    assert (fault.number, fault.code, fault.column) == (2, code, column)


def test_a_row_that_is_no_text_is_faulty():
    assert parse_row(Row(9, ("a@example.jp",), readable=False), {"email": 0}, Channel.EMAIL) == RowFault(
        9, RowCode.ROW_UNREADABLE
    )


@pytest.mark.parametrize(
    ("text", "channel", "warnings"),
    [
        ("email,携帯\na@example.jp,9.01E+10\n", Channel.EMAIL, (RowWarning.PHONE_UNREAD,)),
        ("email,携帯\na@example.jp,9012345678\n", Channel.EMAIL, (RowWarning.PHONE_REPAIRED,)),
        ("email,携帯\nx,090-1234-5678\n", Channel.SMS, (RowWarning.EMAIL_UNREAD,)),
        ("email,携帯\na@gmai.com,\n", Channel.EMAIL, (RowWarning.EMAIL_TYPO,)),
        ("email,同意日\na@example.jp,11/22/2026\n", Channel.EMAIL, (RowWarning.DATE_UNREAD,)),
        ("email,氏名\na@example.jp,山?\n", Channel.EMAIL, (RowWarning.NAME_UNSURE,)),
        ("email,氏名\na@example.jp,山田\n", Channel.EMAIL, ()),
    ],
)
def test_what_was_doubtful_in_a_good_row_is_listed(text, channel, warnings):
    assert read_one(text, channel).warnings == warnings


def test_the_report_of_a_fault_keeps_the_cell_out_of_its_repr():
    assert "secret" not in repr(RowFault(2, AddressFault.ADDR_FORM, "email", "secret"))


# dates


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-22", date(2026, 11, 22)), ("2026/11/22", date(2026, 11, 22)),
        ("2026.1.5", date(2026, 1, 5)),
        ("2026年11月22日", date(2026, 11, 22)), ("２０２６年１１月２２日(日)", date(2026, 11, 22)),
        ("2026/ 1/ 5", date(2026, 1, 5)), ("20261122", date(2026, 11, 22)), ("46348", date(2026, 11, 22)),
        ("46348.5", date(2026, 11, 22)), ("令和8年11月22日", date(2026, 11, 22)),
        ("R8.11.22", date(2026, 11, 22)),
        ("Ｒ８／１１／２２", date(2026, 11, 22)), ("㋿8年11月22日", date(2026, 11, 22)),
        ("令和元年5月1日", date(2019, 5, 1)), ("平成31年4月30日", date(2019, 4, 30)),
        ("平成元年1月8日", date(1989, 1, 8)), ("昭和64年1月7日", date(1989, 1, 7)),
        ("S50.4.1", date(1975, 4, 1)),
        ("T15.12.24", date(1926, 12, 24)), ("2028-02-29", date(2028, 2, 29)),
    ],
)  # fmt: skip
def test_a_day_is_read_as_japan_writes_it(text, day):
    assert parse_day(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "", "11/22/2026", "2026-13-01", "2027-02-29", "令和元年4月30日", "平成31年5月1日", "昭和64年1月8日",
        "R0.1.1", "12345", "99999", "昨日", "2026", "2026-11-22 25:00", "26-11-22",
    ],
)  # fmt: skip
def test_a_day_that_is_not_certain_is_not_guessed(text):
    with pytest.raises(UnreadDate):
        parse_day(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=JST)),
        ("2026/11/22 9:41", datetime(2026, 11, 22, 9, 41, tzinfo=JST)),
        ("2026年11月22日 9時41分", datetime(2026, 11, 22, 9, 41, tzinfo=JST)),
        ("令和8年11月22日9時41分5秒", datetime(2026, 11, 22, 9, 41, 5, tzinfo=JST)),
        ("2026-11-22T09:41:05+09:00", datetime(2026, 11, 22, 9, 41, 5, tzinfo=JST)),
        ("2026-11-22T00:41:05.123Z", datetime(2026, 11, 22, 0, 41, 5, tzinfo=UTC)),
        ("46348.5", datetime(2026, 11, 22, 12, tzinfo=JST)),
    ],
)
def test_a_moment_has_a_zone(text, moment):
    assert parse_moment(text) == moment


@given(st.text(max_size=20) | st.text("0123456789-/.:年月日時分令和RH元 TZ+", max_size=20))
def test_any_text_is_a_moment_or_unread(text):
    try:
        moment = parse_moment(text)
    except UnreadDate:
        return
    assert moment.tzinfo is not None


# verdicts

GOOD = ParsedRow(number=2)


@pytest.mark.parametrize(
    ("basis", "evidence", "verdict", "reason"),
    [
        (Basis.CONSENT, Evidence.COMPLETE, Verdict.ACCEPTED, RowReason.CONSENT_RECORDED),
        (Basis.CONSENT, Evidence.INCOMPLETE, Verdict.PENDING, RowReason.EVIDENCE_INCOMPLETE),
        (Basis.CONSENT, Evidence.NONE, Verdict.PENDING, RowReason.EVIDENCE_INCOMPLETE),
        (Basis.CARD, Evidence.COMPLETE, Verdict.PENDING, RowReason.CARD_NEEDS_CONFIRMATION),
        (Basis.CUSTOMER, Evidence.COMPLETE, Verdict.PENDING, RowReason.CUSTOMER_NEEDS_CONSENT),
        (Basis.PUBLISHED, Evidence.COMPLETE, Verdict.PENDING, RowReason.PUBLISHED_NEEDS_CONSENT),
        (Basis.NONE, Evidence.COMPLETE, Verdict.PENDING, RowReason.IMPORT_WITHOUT_BASIS),
    ],
)
def test_only_a_consent_that_can_be_shown_is_accepted(basis, evidence, verdict, reason):
    assert judge(GOOD, basis, evidence, suppressed=False, known=False) == RowVerdict(verdict, reason)


@pytest.mark.parametrize("basis", list(Basis))
@pytest.mark.parametrize("evidence", list(Evidence))
@pytest.mark.parametrize("known", [True, False])
def test_suppression_comes_before_everything_a_list_claims(basis, evidence, known):
    assert judge(GOOD, basis, evidence, suppressed=True, known=known) == RowVerdict(
        Verdict.SUPPRESSED, RowReason.ERASED_NEVER_CONTACT
    )


@pytest.mark.parametrize("basis", list(Basis))
def test_whoever_is_known_already_stays_as_they_are(basis):
    assert judge(GOOD, basis, Evidence.COMPLETE, suppressed=False, known=True) == RowVerdict(
        Verdict.DUPLICATE, RowReason.ALREADY_KNOWN
    )


def test_a_faulty_row_keeps_its_fault():
    fault = RowFault(2, AddressFault.ADDR_DOTS, "email", "x")
    assert judge(fault, Basis.CONSENT, Evidence.COMPLETE, suppressed=False, known=False) == RowVerdict(
        Verdict.FAULTY, AddressFault.ADDR_DOTS
    )


@pytest.mark.parametrize("code", [*RowCode, *RowWarning, *RowReason, *AddressFault, *NameFault, *NumberFault])
def test_every_code_has_a_sentence_in_both_languages(code):
    assert sentence_of(code, "ja-JP").endswith("。")
    assert sentence_of(code, "en").endswith(".")


# out, and in again


@pytest.mark.parametrize("encoding", list(OutEncoding))
def test_every_character_of_cp932_survives_out_and_in(encoding):
    assert len(CP932) > 7_000
    lines = [write_row(["メール", "氏名"], encoding)] + [
        write_row(["a@example.jp", letter], encoding) for letter in CP932
    ]
    assert not [line.lost for line in lines if line.lost]
    rows = rows_of(file_head(encoding) + b"".join(line.line for line in lines))
    assert [row.cells[1] for row in rows] == CP932


def is_utf_8(data):
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return not data.isascii()


@given(st.lists(st.text(st.sampled_from([*CP932, "\n", "\r", "\t", '"', ",", "'"]), max_size=12), max_size=5))
def test_any_cells_in_cp932_come_back_as_they_were(cells):
    # two known names: the first such row is the heading, whatever names the cells below happen to hold
    data = write_row(["email", "company", *"abcde"], OutEncoding.CP932).line
    data += write_row(["a@example.jp", *cells], OutEncoding.CP932).line
    assume(not is_utf_8(data))  # a few pairs of letters are the same bytes in both; a whole list never is
    assert next(rows_of(data)).cells == ("a@example.jp", *cells)


def test_what_cp932_lacks_is_replaced_by_the_nearest_or_listed():
    written = write_row(["—¥·", "🎉𠮷"], OutEncoding.CP932)
    assert written.line.decode("cp932") == "―￥・,〓〓\r\n"
    assert written.lost == ("🎉", "𠮷")


def test_utf_8_goes_out_with_its_mark_and_loses_nothing():
    assert (
        file_head(OutEncoding.UTF_8) + write_row(["🎉", "x,y"]).line
        == b'\xef\xbb\xbf\xf0\x9f\x8e\x89,"x,y"\r\n'
    )
