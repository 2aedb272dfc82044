"""Files of a campaign at the desk: chosen without script, listed, removed; a fault keeps what was typed."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.console.test_campaigns import counted, draft, launch, said
from tests.content.files import PDF, a_picture
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors
from shodaku.config.body_limit import ORDINARY_BYTES_MAX, bytes_max
from shodaku.content.domain import FILES_BYTES_MAX

pytestmark = pytest.mark.usefixtures("database")
HTML = '<p>{{ name }}</p><img src="cid:logo.png" alt="青い器">'


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop()
    a_reader(shop)
    return shop


def logo():
    return SimpleUploadedFile("logo.png", a_picture(), "application/octet-stream")


def flyer(name="冬のご案内.pdf"):
    return SimpleUploadedFile(name, PDF, "application/pdf")


def names(shop, campaign_id):
    return [each.name for each in selectors.files(shop.workspace_id, campaign_id)]


def test_files_come_with_a_new_draft_and_stand_in_a_list_with_their_size(shop):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop, html=HTML, added=[logo(), flyer()])
    assert names(shop, campaign_id) == ["logo.png", "冬のご案内.pdf"]
    page = text_of(desk.get(url(shop, "campaign", campaign_id)))
    assert 'enctype="multipart/form-data"' in page
    assert re.search(r"logo\.png</th><td[^>]*>\d+\Wbytes", page)
    assert 'form="draft" name="remove" value="冬のご案内.pdf"' in page
    assert "A link to the file arrives better." in page


def test_a_file_is_removed_and_what_was_typed_is_saved_with_it(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, added=[logo(), flyer()])
    typed = said(shop, subject="冬の器", remove="冬のご案内.pdf")
    assert desk.post(url(shop, "campaign", campaign_id), typed).status_code == 302
    assert names(shop, campaign_id) == ["logo.png"]
    assert selectors.campaign(shop.workspace_id, campaign_id).subject == "冬の器"


@pytest.mark.parametrize("place", ["new", "draft"])
@pytest.mark.parametrize(
    ("files", "told"),
    [
        (lambda: [SimpleUploadedFile("a.exe", b"MZ")], "“a.exe” cannot be sent"),
        (lambda: [SimpleUploadedFile("a.png", PDF)], "its content is that of a .pdf file"),
        (lambda: [flyer(f"{number}.pdf") for number in range(11)], "A mail carries at most 10 files"),
        (lambda: [SimpleUploadedFile("a.pdf", PDF + bytes(5 * 2**20))], "larger than 5 MB"),
    ],
)
def test_a_file_that_cannot_be_sent_is_told_and_everything_typed_stays(shop, place, files, told):
    desk = at_desk(shop)
    before = len(selectors.campaigns(shop.workspace_id))
    there = url(shop, "campaign_new") if place == "new" else url(shop, "campaign", draft(desk, shop))
    before += place == "draft"
    typed = said(
        shop,
        subject="打ちかけの件名",
        text="打ちかけの本文",
        html="<p>打ちかけ</p>",
        bought="90",
        added=files(),
    )
    answer = desk.post(there, typed)
    page = text_of(answer)
    assert answer.status_code == 422
    assert told in page
    for kept in (
        "打ちかけの件名",
        "打ちかけの本文",
        "&lt;p&gt;打ちかけ&lt;/p&gt;",
        '<option value="90" selected>',
    ):
        assert kept in page
    assert "Choose the files once more" in page
    campaigns = selectors.campaigns(shop.workspace_id)
    assert len(campaigns) == before
    assert "打ちかけの件名" not in [each.subject for each in campaigns]


def test_the_fault_is_told_in_japanese_too(shop):
    typed = said(shop, added=[SimpleUploadedFile("請求書.docx", b"PK\x03\x04")])
    page = text_of(at_desk(shop, language="ja").post(url(shop, "campaign_new"), typed))
    assert "「請求書.docx」: この種類のファイルは付けられません。" in page
    assert "ファイルをもう一度選んでください。" in page


def test_a_picture_that_is_not_there_is_told_and_nothing_can_be_launched(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, html=HTML)
    page = text_of(desk.get(url(shop, "preflight", campaign_id)))
    assert "“logo.png”, which is not among the files of this mail" in page
    assert (
        desk.post(url(shop, "launch", campaign_id), {"preflight": "1", "confirmed": "1"}).status_code == 302
    )
    assert selectors.campaign(shop.workspace_id, campaign_id).state == "draft"
    desk.post(url(shop, "campaign", campaign_id), said(shop, html=HTML, added=[logo()]))
    page, preflight = counted(desk, shop, campaign_id)
    assert "Size of a mail" in page
    assert launch(desk, shop, campaign_id, preflight).status_code == 200
    assert selectors.campaign(shop.workspace_id, campaign_id).state == "running"


def test_what_is_being_written_is_checked_with_the_files_that_were_saved(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, html=HTML, added=[logo()])
    checked = desk.post(url(shop, "campaign_check", campaign_id), said(shop, html=HTML, added=[flyer()]))
    assert "which is not among the files" not in text_of(checked)
    assert names(shop, campaign_id) == ["logo.png"]
    assert "which is not among the files" in text_of(
        desk.post(url(shop, "campaign_new_check"), said(shop, html=HTML))
    )


def test_the_preview_shows_the_picture_itself(shop):
    desk = at_desk(shop)
    answer = desk.get(url(shop, "campaign_preview", draft(desk, shop, html=HTML, added=[logo()]), "html"))
    assert 'src="data:image/png;base64,iVBOR' in text_of(answer)
    assert "img-src 'self' data:" in answer["Content-Security-Policy"]


def test_who_may_not_write_removes_nothing(shop):
    campaign_id = draft(at_desk(shop), shop, added=[logo()])
    reader = at_desk(shop, Role.DEVELOPER)
    page = text_of(reader.get(url(shop, "campaign", campaign_id)))
    assert "logo.png" in page
    assert 'name="remove"' not in page
    assert reader.post(url(shop, "campaign", campaign_id), said(shop, remove="logo.png")).status_code == 403
    assert names(shop, campaign_id) == ["logo.png"]


def test_a_form_with_all_its_files_is_taken_in_and_enter_removes_none(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, added=[logo()])
    for name, numbers in (
        ("campaign", [campaign_id]),
        ("campaign_check", [campaign_id]),
        ("campaign_new", []),
        ("campaign_new_check", []),
    ):
        assert bytes_max(url(shop, name, *numbers)) == 2 * FILES_BYTES_MAX + ORDINARY_BYTES_MAX
    page = text_of(desk.get(url(shop, "campaign", campaign_id)))
    assert page.index('name="next" value="preflight"') < page.index('name="remove"')


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_the_pages_are_sound(shop, tmp_path, browser, base, language, width, scheme):
    client = at_desk(shop, language=language)
    campaign_id = draft(client, shop, html=HTML, added=[logo()])
    paper = tmp_path / f"{'とても長い名前の' * 6}ご案内.pdf"
    paper.write_bytes(PDF)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    there = base + url(shop, "campaign", campaign_id) + f"?lang={language}"
    page.goto(there)
    page.set_input_files("#id_added", str(paper))
    with page.expect_navigation():
        page.locator("#draft button:not([name])").first.click()
    found = looked_at(page, f"campaign_files_{language}_{width}_{scheme}", troubles)
    shown = page.frame_locator("iframe.preview").locator("img")
    assert shown.evaluate("image => image.complete && image.naturalWidth") == 8
    page.goto(base + url(shop, "preflight", campaign_id))
    found += looked_at(page, f"preflight_files_{language}_{width}_{scheme}", troubles)
    page.goto(there)
    with page.expect_navigation():
        page.locator(f"button[name=remove][value='{paper.name}']").click()
    page.context.close()
    assert found == []
    assert names(shop, campaign_id) == ["logo.png"]
