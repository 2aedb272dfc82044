"""Papers at the desk: scans come in, are keyed in by two people, put aside, and their originals destroyed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import now as this_moment
from tests.console.desk import at_desk, text_of, url
from tests.people import a_shop
from tests.signup.forms import a_form, contact_of
from tests.signup.papers import a_scan, code_of

from shodaku.accounts.domain import Role
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.signup import selectors, services

pytestmark = pytest.mark.usefixtures("database")
ADDRESS = "suzuki.mei@mail.example"


@pytest.fixture(autouse=True)
def _nobody_was_asked_lately():
    services.sweep_throttle(now=this_moment() + timedelta(days=3_650))


@pytest.fixture
def shop():
    return a_shop(now=this_moment() - timedelta(days=90))


@pytest.fixture
def form(shop):
    return a_form(shop, now=this_moment() - timedelta(days=60))


@pytest.fixture
def code(shop, form):
    return services.make_sheet(shop.workspace_id, code_of(form), staff_id=None, now=this_moment())


def a_file(data=None, name="sheet.jpg"):
    return SimpleUploadedFile(name, a_scan() if data is None else data, content_type="image/jpeg")


def day(days):
    return (this_moment() + timedelta(days=days)).date().isoformat()


def stack(code, /, *files, **changed):
    return {
        "code": code,
        "shop": "銀座店",
        "checking": "all",
        "shelf": "B-12",
        "destroy_on": day(400),
        "scans": list(files) or [a_file()],
    } | changed


def brought_in(shop, code, /, *files, role=Role.CLERK, language="en", **changed):
    return at_desk(shop, role, language=language).post(
        url(shop, "paper_new"), stack(code, *files, **changed), follow=True
    )


def a_sheet(shop, code):
    brought_in(shop, code)
    batch = selectors.batches(shop.workspace_id)[0]
    return selectors.sheets_of(shop.workspace_id, batch.batch_id)[0].sheet_id


def reading(shop, code, **changed):
    return {
        "address": ADDRESS,
        "name": "鈴木 芽衣",
        "topics": [shop.topic_id],
        "signed_on": day(-3),
        "shop": "銀座店",
        "clerk": "佐藤",
        "code": code,
    } | changed


def keyed_in(shop, sheet_id, code, role=Role.CLERK, *, language="en", **changed):
    desk = at_desk(shop, role, language=language)
    return desk.post(url(shop, "paper_sheet", sheet_id), reading(shop, code, **changed))


def test_an_empty_desk_says_how_papers_come(shop):
    page = text_of(at_desk(shop, Role.CLERK).get(url(shop, "papers")))
    assert "No papers yet" in page
    assert url(shop, "paper_new") in page


def test_several_scans_become_one_batch_and_what_is_no_picture_is_told(shop, code):
    answer = brought_in(shop, code, a_file(), a_file(b"%PDF-1.7\n", "b.pdf"), a_file(a_scan("PNG"), "c.png"))
    page = text_of(answer)
    assert "2 sheets wait to be keyed in." in page
    assert "b.pdf: The file is a PDF" in page
    (batch,) = selectors.batches(shop.workspace_id)
    assert (batch.added, batch.waiting, batch.shop, batch.shelf) == (2, 2, "銀座店", "B-12")


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"code": "J1-1-A1"}, "code", "No sheet has this code"),
        ({"shop": ""}, "shop", "required"),
        ({"shop": "銀座\n店"}, "shop", "one line"),
        ({"shelf": "=?x?="}, "shelf", "one line"),
        ({"destroy_on": "2020-01-01"}, "destroy_on", "still to come"),
        ({"destroy_on": "2126-01-01"}, "destroy_on", "Check the year"),
        ({"checking": "none"}, "checking", "not one of the available choices"),
        ({"scans": []}, "scans", "Choose the scans"),
        ({"scans": [a_file(b"<svg/>")]}, "scans", "SVG drawing"),
    ],
)
def test_what_is_wrong_with_a_batch_stands_at_its_field_and_nothing_is_kept(
    shop, code, changed, field, sentence
):
    for each in changed.get("scans", []):
        each.seek(0)
    answer = brought_in(shop, code, **changed)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert sentence in " ".join(answer.context["form"].errors[field])
    assert selectors.batches(shop.workspace_id) == []


def test_the_fault_is_told_in_japanese_too_and_the_scans_have_to_be_chosen_again(shop, code):
    page = text_of(brought_in(shop, "J1-1-A1", language="ja"))
    assert "このコードの用紙はありません" in page
    assert "スキャンをもう一度選んでください" in page
    assert 'value="B-12"' in page


def test_a_photo_larger_than_the_limit_is_refused_in_one_sentence(shop, code, monkeypatch):
    from shodaku.ledger import images

    monkeypatch.setattr(images, "BYTES_MAX", 1_000)
    answer = brought_in(shop, code, a_file(a_scan("PNG") + b"\0" * 1_000, "camera.png"))
    (told,) = answer.context["form"].errors["scans"]
    assert told.startswith("camera.png: The file is larger than 20 MB.")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("ja", "camera.jpg: ファイルが20 MBを超えています。300 dpiでスキャンし直すか"),
        ("en", "camera.jpg: The file is larger than 20 MB. Scan the paper at 300 dpi"),
    ],
)
def test_a_photo_of_40_megabytes_between_others_is_told_by_its_name_and_the_others_are_kept(
    shop, code, language, sentence
):
    photo = a_file(a_scan() + bytes(40_000_000), "camera.jpg")
    answer = brought_in(shop, code, a_file(), photo, a_file(a_scan("PNG"), "c.png"), language=language)
    assert answer.status_code == 200
    assert sentence in text_of(answer)
    (batch,) = selectors.batches(shop.workspace_id)
    assert batch.added == 2


def test_more_scans_come_to_a_batch_later(shop, code):
    brought_in(shop, code)
    (batch,) = selectors.batches(shop.workspace_id)
    desk = at_desk(shop, Role.CLERK)
    answer = desk.post(url(shop, "paper_add", batch.batch_id), {"scans": [a_file()]}, follow=True)
    assert "1 sheet waits to be keyed in." in text_of(answer)
    empty = desk.post(url(shop, "paper_add", batch.batch_id), {})
    assert (empty.status_code, selectors.batch(shop.workspace_id, batch.batch_id).added) == (422, 2)


def test_on_the_page_of_a_sheet_nothing_is_ticked_and_the_scan_stands_beside(shop, code):
    sheet_id = a_sheet(shop, code)
    page = text_of(at_desk(shop, Role.CLERK).get(url(shop, "paper_sheet", sheet_id)))
    assert " checked" not in page
    assert page.count('type="checkbox"') == 2
    assert f'src="{url(shop, "paper_viewer", sheet_id)}"' in page
    assert f"<code>{code}</code>" in page


def test_two_colleagues_record_a_paper_and_the_second_sees_nothing_of_the_first(shop, code):
    sheet_id = a_sheet(shop, code)
    first = keyed_in(shop, sheet_id, code)
    assert (first.status_code, contact_of(shop, ADDRESS)) == (302, None)
    again = text_of(at_desk(shop, Role.CLERK).get(url(shop, "paper_sheet", sheet_id)))
    assert "You keyed this sheet in." in again
    page = text_of(at_desk(shop, Role.MARKETER).get(url(shop, "paper_sheet", sheet_id)))
    assert "suzuki" not in page
    assert " checked" not in page
    assert 'name="signed_on"' not in page
    keyed_in(shop, sheet_id, code, Role.MARKETER)
    contact_id = contact_of(shop, ADDRESS)
    (file,) = ledger.files_of(shop.workspace_id, contact_id)
    (entry,) = [e for e in ledger.history(shop.workspace_id, contact_id) if e.kind == "consent.given"]
    assert entry.fields["form_sha256"] == file.sha256
    timeline = text_of(at_desk(shop).get(url(shop, "contact", contact_id)))
    assert "letter or paper" in timeline
    assert f"#entry-{entry.entry_id}" in text_of(at_desk(shop).get(url(shop, "paper_sheet", sheet_id)))


def test_where_two_differ_the_third_look_shows_both_and_decides(shop, code):
    sheet_id = a_sheet(shop, code)
    keyed_in(shop, sheet_id, code)
    keyed_in(shop, sheet_id, code, Role.MARKETER, address="susuki.mei@mail.example")
    page = text_of(at_desk(shop, Role.OWNER).get(url(shop, "paper_sheet", sheet_id)))
    assert ADDRESS in page
    assert "susuki.mei@mail.example" in page
    keyed_in(shop, sheet_id, code, Role.OWNER)
    assert contact_of(shop, ADDRESS) is not None


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"address": "nobody"}, "address", "This is not an e-mail address"),
        ({"topics": []}, "topics", "Tick what is ticked on the sheet"),
        ({"topics": [987_654]}, "topics", "not one of the available choices"),
        ({"signed_on": "11/22"}, "signed_on", "This is no date"),
        ({"signed_on": day(2)}, "signed_on", "still to come"),
        ({"signed_on": day(-80)}, "signed_on", "did not exist yet"),
        ({"name": "=?x?="}, "name", "=?"),
        ({"clerk": "あ" * 81}, "clerk", "at most 80"),
    ],
)
def test_what_is_wrong_with_a_reading_stands_at_its_field_and_what_was_typed_stays(
    shop, code, changed, field, sentence
):
    sheet_id = a_sheet(shop, code)
    answer = keyed_in(shop, sheet_id, code, **changed)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert set(form.errors) == {field}
    assert sentence in " ".join(form.errors[field])
    assert f'value="{reading(shop, code, **changed)["address"]}"' in text_of(answer)
    assert selectors.queue(shop.workspace_id, 0).waiting == 1


@pytest.mark.parametrize("written", ["{y}年{m}月{d}日", "{y}{m:02d}{d:02d}", "R{r}.{m}.{d}"])
def test_a_date_is_taken_as_it_stands_on_the_paper(shop, code, written):
    signed = (this_moment() - timedelta(days=3)).date()
    text = written.format(y=signed.year, m=signed.month, d=signed.day, r=signed.year - 2018)
    assert keyed_in(shop, a_sheet(shop, code), code, signed_on=text).status_code == 302


def test_an_address_in_doubt_is_asked_about_once(shop, code):
    sheet_id = a_sheet(shop, code)
    asked = keyed_in(shop, sheet_id, code, address="ka1o@mail.example")
    page = text_of(asked)
    assert asked.status_code == 422
    assert "was read as the digit 1. Is it the small letter L or the capital letter I?" in page
    sure = re.search(r'name="sure" value="([^"]*)"', page)[1]
    other = keyed_in(shop, sheet_id, code, address="ka0o@mail.example", sure=sure)
    assert other.status_code == 422
    assert keyed_in(shop, sheet_id, code, address="ka1o@mail.example", sure=sure).status_code == 302


def test_a_likely_slip_after_the_at_sign_is_asked_about(shop, code):
    asked = keyed_in(shop, a_sheet(shop, code), code, address="suzuki@gmail.co.jp")
    assert "is gmail.com meant?" in text_of(asked)


def test_the_code_on_the_sheet_decides_which_words_it_bears(shop, form, code):
    from dataclasses import replace

    from shodaku.signup.domain import FormDefinition

    version = selectors.form_version(shop.workspace_id, form.form_id, 1)
    changed: FormDefinition = replace(version.published.definition, topic_ids=(shop.other_topic_id,))
    services.publish(shop.workspace_id, form.form_id, changed, None, this_moment())
    newer = services.make_sheet(
        shop.workspace_id, replace(code_of(form), version=2), staff_id=None, now=this_moment()
    )
    sheet_id = a_sheet(shop, code)
    desk = at_desk(shop, Role.CLERK)
    assert text_of(desk.get(url(shop, "paper_sheet", sheet_id))).count('type="checkbox"') == 2
    page = text_of(desk.get(url(shop, "paper_sheet", sheet_id) + f"?code={newer.lower()}"))
    assert page.count('type="checkbox"') == 1
    assert f'name="code" value="{newer}"' in page
    wrong = text_of(desk.get(url(shop, "paper_sheet", sheet_id) + "?code=J9"))
    assert "No sheet has this code" in wrong


def test_a_sheet_is_put_aside_taken_up_again_and_thrown_away(shop, code):
    sheet_id = a_sheet(shop, code)
    desk = at_desk(shop, Role.CLERK)
    desk.post(url(shop, "paper_park", sheet_id), {"reason": "address", "note": "ドメインが読めない"})
    assert "The address cannot be read" in text_of(desk.get(url(shop, "papers")))
    assert "ドメインが読めない" in text_of(desk.get(url(shop, "paper_sheet", sheet_id)))
    desk.post(url(shop, "paper_take_up", sheet_id))
    assert selectors.queue(shop.workspace_id, 0).waiting == 1
    desk.post(url(shop, "paper_park", sheet_id), {"reason": "nonsense"})
    assert selectors.queue(shop.workspace_id, 0).parked == 0
    desk.post(url(shop, "paper_park", sheet_id), {"reason": "other_form"})
    desk.post(url(shop, "paper_discard", sheet_id))
    assert "was thrown away" in text_of(desk.get(url(shop, "paper_sheet", sheet_id)))
    assert desk.get(url(shop, "paper_picture", sheet_id)).status_code == 404


@pytest.mark.parametrize("read", [False, True])
def test_a_scan_whose_key_is_gone_can_still_be_put_aside_and_thrown_away(shop, code, read):
    """As in a database that was restored beside a newer key store."""
    sheet_id = a_sheet(shop, code)
    if read:
        keyed_in(shop, sheet_id, code, Role.MARKETER)
    key_id = selectors.paper_sheet(shop.workspace_id, sheet_id).key_id
    ledger_services.shred(shop.workspace_id, key_id)
    desk = at_desk(shop, Role.CLERK)
    page = text_of(desk.get(url(shop, "paper_sheet", sheet_id)))
    assert "its key is gone" in page
    assert 'name="address"' not in page
    desk.post(url(shop, "paper_park", sheet_id), {"reason": "picture"})
    assert desk.get(url(shop, "paper_sheet", sheet_id)).status_code == 200
    desk.post(url(shop, "paper_discard", sheet_id))
    assert selectors.paper_sheet(shop.workspace_id, sheet_id).state == "discarded"


def test_who_comes_second_is_told_that_somebody_was_faster(shop, code):
    sheet_id = a_sheet(shop, code)
    at_desk(shop, Role.CLERK).post(url(shop, "paper_park", sheet_id), {"reason": "other"})
    answer = at_desk(shop, Role.MARKETER).post(url(shop, "paper_discard", sheet_id), follow=True)
    assert "is thrown away" in text_of(answer)
    late = at_desk(shop, Role.CLERK).post(url(shop, "paper_take_up", sheet_id), follow=True)
    assert "Somebody else has seen to this sheet" in text_of(late)


def test_the_scan_can_be_made_larger_and_turned_without_script(shop, code):
    sheet_id = a_sheet(shop, code)
    desk = at_desk(shop, Role.CLERK)
    page = desk.get(url(shop, "paper_viewer", sheet_id) + "?size=200&turn=90")
    assert 'width="200%"' in text_of(page)
    assert "<script" not in text_of(page)
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    upright = desk.get(url(shop, "paper_picture", sheet_id))
    turned = desk.get(url(shop, "paper_picture", sheet_id) + "?turn=90")
    assert size_of(upright.content) == size_of(turned.content)[::-1]
    assert "no-store" in turned.headers["Cache-Control"]
    assert desk.get(url(shop, "paper_viewer", sheet_id) + "?size=7&turn=x").status_code == 200


def size_of(data):
    import io

    from PIL import Image

    return Image.open(io.BytesIO(data)).size


@pytest.mark.parametrize("role", [Role.COMPLIANCE, Role.DEVELOPER])
def test_who_may_not_key_in_sees_counts_and_no_paper(shop, code, role):
    sheet_id = a_sheet(shop, code)
    desk = at_desk(shop, role)
    assert desk.get(url(shop, "papers")).status_code == 200
    for name in ("paper_sheet", "paper_viewer", "paper_picture"):
        assert desk.get(url(shop, name, sheet_id)).status_code == 403
    assert desk.post(url(shop, "paper_discard", sheet_id)).status_code == 403


def test_a_paper_of_another_shop_is_not_there(shop, code):
    sheet_id = a_sheet(shop, code)
    other = a_shop()
    desk = at_desk(other, Role.CLERK)
    for name in ("paper_sheet", "paper_viewer", "paper_picture"):
        assert desk.get(url(other, name, sheet_id)).status_code == 404


def test_originals_are_written_off_when_every_sheet_is_settled(shop, code):
    sheet_id = a_sheet(shop, code)
    (batch,) = selectors.batches(shop.workspace_id)
    desk = at_desk(shop, Role.CLERK)
    answer = desk.post(url(shop, "paper_destroyed", batch.batch_id), follow=True)
    assert "their originals are needed" in text_of(answer)
    keyed_in(shop, sheet_id, code)
    keyed_in(shop, sheet_id, code, Role.MARKETER)
    page = text_of(desk.post(url(shop, "paper_destroyed", batch.batch_id), follow=True))
    assert "the originals are destroyed" in page
    assert selectors.batch(shop.workspace_id, batch.batch_id).destroyed_at is not None


def test_the_navigation_counts_what_waits_for_these_hands(shop, code):
    sheet_id = a_sheet(shop, code)
    keyed_in(shop, sheet_id, code)
    assert "See to 1 sheet" in text_of(at_desk(shop, Role.MARKETER).get(url(shop, "papers")))
    mine = text_of(at_desk(shop, Role.CLERK).get(url(shop, "papers")))
    assert "See to" not in mine
    answer = at_desk(shop, Role.CLERK).get(url(shop, "paper_next"))
    assert answer["Location"] == url(shop, "papers")
