"""The sheet for the counter as a PDF: its boxes are empty, and all that binds stands on it."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pytest
import typst
from tests.console.desk import at_desk, text_of, url
from tests.ledger.pdf_reading import squeezed
from tests.ledger.pdf_reading import text_of as read
from tests.people import SENDER, a_shop
from tests.signup.forms import a_form
from tests.signup.papers import NOW, code_of

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.consent import services as consent
from shodaku.consent.domain import Frequency, Period
from shodaku.kit import typesetting
from shodaku.ledger import selectors as ledger
from shodaku.ledger.paper import NoJapaneseFont
from shodaku.signup import services

pytestmark = pytest.mark.usefixtures("database")
JAPANESE = any(family in typst.Fonts().families() for family in (*typesetting.SERIF, *typesetting.SANS))
PLAIN = dataclasses.replace(
    SENDER,
    formal_name="Aoi Zakka Inc.",
    display_name="Aoi Zakka",
    postal_address="2-1-5 Ginza, Tokyo",
    privacy_policy="We use it only to send what was chosen. #strong[x] {{ why }}",
)


@pytest.fixture
def shop():
    return a_shop()


def an_english_form(shop):
    """Every letter of it can be set without a Japanese font."""
    accounts.save_sender(shop.workspace_id, dataclasses.replace(PLAIN, sender_id=shop.sender_id), now=NOW)
    topics = [
        consent.create_topic(
            shop.workspace_id,
            consent.NewTopic(
                slug=slug,
                name=name,
                name_en=name,
                content=content,
                purpose="news of the shop",
                frequency=Frequency(2, Period.MONTH),
                sender_id=shop.sender_id,
            ),
            now=NOW,
        )
        for slug, name, content in (("letter", "Letter", "What is new"), ("fairs", "Fairs", "#evil() $x$"))
    ]
    return a_form(
        shop, topic_ids=topics, now=NOW - timedelta(days=1), title="Mail from us", title_en="Mail from us"
    )


def made(shop, form, language):
    code = code_of(form, language)
    services.make_sheet(shop.workspace_id, code, staff_id=None, now=NOW)
    return services.sheet(shop.workspace_id, code)


def test_the_sheet_says_in_full_what_is_agreed_to_who_sends_and_its_code(shop):
    sheet = made(shop, an_english_form(shop), "en")
    text = read(services.print_sheet(shop.workspace_id, sheet, now=NOW))
    wording = sheet.wording
    printed = [
        wording.title,
        wording.choice,
        wording.choice_hint,
        *(part for box in wording.boxes for part in (box.title, box.text)),
        *wording.lines,
        *(part for term in wording.terms for part in (term.title, term.text)),
        wording.privacy,
        services.printed_code(shop.workspace_id, sheet.code),
    ]
    assert [part for part in printed if squeezed(part) not in text] == []
    assert "AoiZakkaInc." in text


def test_the_same_sheet_is_the_same_bytes(shop):
    sheet = made(shop, an_english_form(shop), "en")
    first = services.print_sheet(shop.workspace_id, sheet, now=NOW)
    assert first.startswith(b"%PDF-")
    assert services.print_sheet(shop.workspace_id, sheet, now=NOW) == first


def test_a_japanese_sheet_is_set_or_the_missing_font_is_named(shop):
    sheet = made(shop, a_form(shop, now=NOW - timedelta(days=1)), "ja")
    if JAPANESE:
        text = read(services.print_sheet(shop.workspace_id, sheet, now=NOW))
        assert squeezed(sheet.wording.title) in text
        assert squeezed(sheet.wording.lines[1]) in text
        return
    with pytest.raises(NoJapaneseFont):
        services.print_sheet(shop.workspace_id, sheet, now=NOW)


def test_making_a_sheet_is_an_act_of_the_log_and_names_its_wording(shop):
    form = an_english_form(shop)
    sheet = made(shop, form, "en")
    acts = [
        each.fields for each in ledger.history(shop.workspace_id, 0) if each.kind == "wording" and each.fields
    ]
    named = [each for each in acts if each.get("paper")]
    assert [each["wording_sha256"] for each in named] == [sheet.wording_sha256]


def test_at_the_desk_a_sheet_is_made_once_and_downloaded(shop):
    form = an_english_form(shop)
    desk = at_desk(shop, Role.MARKETER)
    page = text_of(desk.get(url(shop, "form", form.form_id)))
    assert page.count("Make the sheet") == 2
    assert desk.get(url(shop, "form_sheet", form.form_id, 1, "en")).status_code == 404
    answer = desk.post(url(shop, "form_sheet_make", form.form_id, 1, "en"), follow=True)
    code = services.printed_code(shop.workspace_id, code_of(form, "en"))
    assert f"Its code is {code}." in text_of(answer)
    assert text_of(answer).count("Make the sheet") == 1
    pdf = desk.get(url(shop, "form_sheet", form.form_id, 1, "en"))
    assert (pdf.status_code, pdf.headers["Content-Type"]) == (200, "application/pdf")
    assert re.search(rf'filename="form-{code}.pdf"', pdf.headers["Content-Disposition"])


def test_a_sheet_of_words_that_were_withdrawn_is_neither_made_nor_printed(shop):
    form = an_english_form(shop)
    desk = at_desk(shop, Role.MARKETER)
    desk.post(url(shop, "form_sheet_make", form.form_id, 1, "en"))
    services.withdraw_version(shop.workspace_id, form.form_id, 1, None, NOW)
    page = text_of(desk.get(url(shop, "form", form.form_id)))
    assert "there is no sheet until you publish the next one" in page
    assert "Make the sheet" not in page
    assert "Print as PDF" not in page
    assert desk.post(url(shop, "form_sheet_make", form.form_id, 1, "ja")).status_code == 404
    answer = desk.get(url(shop, "form_sheet", form.form_id, 1, "en"), follow=True)
    assert "its sheet is not printed any more" in text_of(answer)


def test_what_cannot_be_set_is_said_in_one_sentence(shop, monkeypatch):
    form = a_form(shop, now=NOW - timedelta(days=1))
    made(shop, form, "ja")

    def without(*_arguments, **_named):
        raise NoJapaneseFont

    monkeypatch.setattr(typesetting, "set_pdf", without)
    answer = at_desk(shop).get(url(shop, "form_sheet", form.form_id, 1, "ja"), follow=True)
    assert "No font with Japanese letters is installed" in text_of(answer)


@pytest.mark.parametrize("role", [Role.CLERK, Role.COMPLIANCE])
def test_who_may_not_change_forms_makes_no_sheet(shop, role):
    form = an_english_form(shop)
    desk = at_desk(shop, role)
    assert desk.post(url(shop, "form_sheet_make", form.form_id, 1, "en")).status_code == 403
    assert "Make the sheet" not in text_of(desk.get(url(shop, "form", form.form_id)))


def test_of_another_language_or_a_form_that_is_not_there_no_sheet_is_made(shop):
    desk = at_desk(shop)
    form = an_english_form(shop)
    for place in ((form.form_id, 1, "fr"), (form.form_id, 9, "en"), (987_654, 1, "en")):
        assert desk.post(url(shop, "form_sheet_make", *place)).status_code == 404
