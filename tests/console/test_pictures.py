"""The library at the desk: several pictures at once, each described, used, put away or deleted for good."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.console.test_campaigns import counted, draft, launch
from tests.content.files import PDF, PLACE, a_photo, a_picture
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.config.body_limit import FRAME_BYTES_MAX, bytes_max
from shodaku.content import selectors, services
from shodaku.content.library import AT_ONCE_BYTES_MAX, PAGE_PICTURES, Removed
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop(database):
    shop = a_shop()
    a_reader(shop)
    return shop


def handed_in(name="cup.png", data=None):
    return SimpleUploadedFile(name, data or a_picture(size=(60, 40)), "image/png")


def in_library(shop, alt="青い湯のみ", **picture):
    redrawn = services.redraw("a.png", a_picture(**{"size": (60, 40)} | picture))
    (image_id,) = services.add_pictures(shop.workspace_id, [redrawn], by="staff:1", now=clock.now())
    if alt:
        services.describe_picture(shop.workspace_id, image_id, alt, by="staff:1", now=clock.now())
    return selectors.picture(shop.workspace_id, image_id)


def removed(shop, kept, **choices):
    choices = {"drafted": False, "everywhere": False} | choices
    return services.remove_picture(shop.workspace_id, kept.image_id, by="staff:1", now=clock.now(), **choices)


def kinds(shop):
    return [entry.kind for entry in ledger.history(shop.workspace_id, 0)]


def test_several_pictures_come_at_once_and_are_offered_when_they_are_described(shop):
    desk = at_desk(shop, Role.MARKETER)
    assert "No pictures yet." in text_of(desk.get(url(shop, "pictures")))
    files = [handed_in("cup.png"), handed_in("IMG_1.jpg", a_photo(size=(60, 40)))]
    answer = desk.post(url(shop, "picture_add"), {"pictures": files}, follow=True)
    assert "Now say what is to be seen" in text_of(answer)
    first, second = selectors.undescribed(shop.workspace_id)
    assert selectors.library(shop.workspace_id) == []
    assert selectors.pictures(shop.workspace_id, [first.image_id]) == {}
    said = {f"alt_{first.image_id.hex}": "青い湯のみ", f"alt_{second.image_id.hex}": "木の皿"}
    assert desk.post(url(shop, "picture_describe"), said).status_code == 302
    assert {each.alt for each in selectors.library(shop.workspace_id)} == {"青い湯のみ", "木の皿"}
    page = text_of(desk.get(url(shop, "pictures")))
    assert f'src="{first.small_path}"' in page
    assert "木の皿" in page


def test_a_document_gets_the_whole_address_the_size_and_the_words(shop):
    kept = in_library(shop)
    found = selectors.pictures(shop.workspace_id, [kept.image_id])[kept.image_id]
    assert found.url == f"http://testserver{kept.path}"
    assert (found.width_px, found.height_px, found.alt) == (60, 40, "青い湯のみ")
    assert selectors.pictures(a_shop().workspace_id, [kept.image_id]) == {}


def test_what_was_typed_stays_when_a_description_is_missing(shop):
    desk = at_desk(shop)
    desk.post(url(shop, "picture_add"), {"pictures": [handed_in(), handed_in()]})
    first, second = selectors.undescribed(shop.workspace_id)
    answer = desk.post(url(shop, "picture_describe"), {f"alt_{first.image_id.hex}": "青い湯のみ"})
    assert answer.status_code == 422
    assert [each.image_id for each in selectors.undescribed(shop.workspace_id)] == [second.image_id]
    assert "Say what is to be seen." in text_of(answer)


def test_what_is_no_picture_says_why_and_the_others_are_kept(shop):
    desk = at_desk(shop)
    files = [handed_in("flyer.png", PDF), handed_in()]
    page = text_of(desk.post(url(shop, "picture_add"), {"pictures": files}, follow=True))
    assert "“flyer.png” cannot be read as a picture." in page
    assert len(selectors.undescribed(shop.workspace_id)) == 1


def test_when_nothing_is_a_picture_nothing_is_kept(shop):
    desk = at_desk(shop)
    for files, words in (
        ({}, "Choose one picture or several."),
        ({"pictures": [handed_in("flyer.png", PDF)]}, "cannot be read as a picture"),
        ({"pictures": [handed_in() for _ in range(11)]}, "At most 10 pictures"),
    ):
        answer = desk.post(url(shop, "picture_add"), files)
        assert answer.status_code == 422
        assert words in text_of(answer)
    assert selectors.undescribed(shop.workspace_id) == []


def test_more_than_the_page_takes_is_not_read(shop):
    assert bytes_max(url(shop, "picture_add")) == AT_ONCE_BYTES_MAX + FRAME_BYTES_MAX


def test_the_library_has_pages_that_begin_behind_the_last_picture(shop):
    one = services.redraw("a.png", a_picture())
    for _ in range(3):
        services.add_pictures(shop.workspace_id, [one] * 9, by="staff:1", now=clock.now())
    while waiting := selectors.undescribed(shop.workspace_id):
        for each in waiting:
            services.describe_picture(shop.workspace_id, each.image_id, "器", by="staff:1", now=clock.now())
    desk = at_desk(shop)
    page = text_of(desk.get(url(shop, "pictures")))
    assert page.count('class="tile"') == PAGE_PICTURES
    (following,) = set(re.findall(r'rel="next" href="[^?]*\?(before=[0-9a-f-]+)"', page))
    assert text_of(desk.get(f"{url(shop, 'pictures')}?{following}")).count('class="tile"') == 3
    assert desk.get(url(shop, "pictures") + "?before=x").status_code == 200


def test_everybody_gets_a_picture_by_its_address_and_no_cookie_with_it(shop):
    kept = in_library(shop)
    for browser in (Client(), at_desk(shop)):
        answer = browser.get(kept.path)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/png"
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].endswith("sandbox")
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Vary" not in answer.headers
        assert not answer.cookies
        assert Image.open(io.BytesIO(answer.content)).size == (60, 40)
    assert Client().get(kept.small_path).status_code == 200
    again = Client().get(kept.path, headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().post(kept.path).status_code == 405


def test_an_address_that_nobody_gave_out_shows_nothing(shop):
    kept = in_library(shop)
    other = a_shop()
    foreign = services.redraw("a.png", a_picture())
    services.add_pictures(other.workspace_id, [foreign], by="staff:1", now=clock.now())
    last = "A" if kept.token[-1] != "A" else "B"
    for path in (
        kept.path.replace(".png", ".jpg"),
        kept.path.replace(".png", ".svg"),
        f"/media/{kept.token[:-1]}{last}.png",
        f"/media/{selectors.undescribed(other.workspace_id)[0].token[:4]}{kept.token[4:]}.png",
        "/media/x.png",
    ):
        assert Client().get(path).status_code == 404


def test_where_a_photo_was_taken_is_on_no_page_of_ours(shop):
    desk = at_desk(shop)
    desk.post(url(shop, "picture_add"), {"pictures": [handed_in("IMG.jpg", a_photo(size=(60, 40)))]})
    (kept,) = selectors.undescribed(shop.workspace_id)
    assert PLACE not in Client().get(kept.path).content


def test_a_picture_that_nothing_shows_is_deleted_with_its_bytes(shop):
    kept = in_library(shop)
    desk = at_desk(shop)
    page = text_of(desk.get(url(shop, "picture_remove", kept.image_id)))
    assert "Its file is deleted, and this cannot be undone." in page
    assert Client().get(kept.path).status_code == 200  # looking changes nothing
    assert desk.post(url(shop, "picture_remove", kept.image_id)).status_code == 302
    assert Client().get(kept.path).status_code == 404
    assert desk.get(url(shop, "picture", kept.image_id)).status_code == 404
    assert "admin.picture.deleted" in kinds(shop)


def test_a_picture_of_a_draft_is_put_away_and_the_draft_goes_on_showing_it(shop):
    kept = in_library(shop)
    desk = at_desk(shop)
    html = f'<p>{{{{ name }}}}</p><img src="https://aoi.example{kept.path}" alt="青い湯のみ">'
    campaign_id = draft(desk, shop, html=html)
    page = text_of(desk.get(url(shop, "picture_remove", kept.image_id)))
    assert url(shop, "campaign", campaign_id) in page
    desk.post(url(shop, "picture_remove", kept.image_id))
    assert selectors.library(shop.workspace_id) == []
    assert kept.image_id in selectors.pictures(shop.workspace_id, [kept.image_id])
    assert Client().get(kept.path).status_code == 200
    assert "It was put away" in text_of(desk.get(url(shop, "picture", kept.image_id)))


def test_a_picture_of_a_sent_mail_goes_on_being_served_until_somebody_takes_it_down(shop):
    kept = in_library(shop)
    desk = at_desk(shop)
    html = f'<p>{{{{ name }}}}</p><img src="https://aoi.example{kept.path}" alt="青い湯のみ">'
    campaign_id = draft(desk, shop, html=html)
    _page, preflight = counted(desk, shop, campaign_id)
    launch(desk, shop, campaign_id, preflight)
    page = text_of(desk.get(url(shop, "picture", kept.image_id)))
    assert "Sent off" in page
    assert url(shop, "campaign", campaign_id) in page
    assert removed(shop, kept) is Removed.PUT_AWAY
    assert Client().get(kept.path).status_code == 200
    desk.post(url(shop, "picture_remove", kept.image_id), {"everywhere": "1"})
    assert Client().get(kept.path).status_code == 404


def test_words_are_replaced_for_mails_to_come(shop):
    kept = in_library(shop)
    desk = at_desk(shop)
    assert desk.post(url(shop, "picture", kept.image_id), {"alt": "白い湯のみ"}).status_code == 302
    assert selectors.picture(shop.workspace_id, kept.image_id).alt == "白い湯のみ"
    answer = desk.post(url(shop, "picture", kept.image_id), {"alt": " "})
    assert answer.status_code == 422
    assert selectors.picture(shop.workspace_id, kept.image_id).alt == "白い湯のみ"


def test_a_picture_is_chosen_without_a_script_and_nothing_is_saved_by_it(shop):
    kept = in_library(shop)
    in_library(shop, alt="")
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    back = url(shop, "campaign", campaign_id)
    page = text_of(desk.get(url(shop, "picture_choose"), {"back": back, "block": "b3"}))
    assert f'<form method="get" action="{back}"' in page
    assert '<input type="hidden" name="block" value="b3">' in page
    assert re.findall(r'name="picture" value="([0-9a-f-]+)"', page) == [str(kept.image_id)]
    fragment = text_of(
        desk.get(url(shop, "picture_choose"), {"chosen": kept.image_id}, headers={"hx-request": "true"})
    )
    assert "<html" not in fragment
    assert f'value="{kept.image_id}" checked' in fragment


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/accounts/login/", "/console/no/"]
)
def test_the_way_back_stays_in_the_workspace(shop, back):
    in_library(shop)
    page = text_of(at_desk(shop).get(url(shop, "picture_choose"), {"back": back}))
    assert f'action="{url(shop, "pictures")}"' in page


def test_who_may_not_write_looks_and_changes_nothing(shop):
    kept = in_library(shop)
    desk = at_desk(shop, Role.CLERK)
    assert "Add pictures" not in text_of(desk.get(url(shop, "pictures")))
    assert desk.get(url(shop, "picture", kept.image_id)).status_code == 200
    assert desk.post(url(shop, "picture", kept.image_id), {"alt": "x"}).status_code == 403
    assert desk.post(url(shop, "picture_add"), {"pictures": [handed_in()]}).status_code == 403
    assert desk.post(url(shop, "picture_remove", kept.image_id)).status_code == 403
    assert selectors.picture(shop.workspace_id, kept.image_id).alt == "青い湯のみ"


def test_the_ledger_says_who_added_and_described_and_no_word_of_it(shop):
    in_library(shop)
    assert {"admin.picture.added", "admin.picture.described"} <= set(kinds(shop))


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_each_page_is_sound(shop, browser, base, language, width, scheme):
    for alt, colour in (("木の机に置いた青い湯のみ", "navy"), ("朝の光のなかの、白い皿と布", "beige")):
        kept = in_library(shop, alt=alt, colour=colour, size=(640, 420))
    in_library(shop, alt="", colour="orange", size=(420, 640))
    client = at_desk(shop, language=language)
    html = f'<p>{{{{ name }}}}</p><img src="https://aoi.example{kept.path}" alt="青い湯のみ">'
    draft(client, shop, html=html)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    for name, address in (
        ("pictures", url(shop, "pictures")),
        ("picture", url(shop, "picture", kept.image_id)),
        ("picture_remove", url(shop, "picture_remove", kept.image_id)),
        ("picture_choose", url(shop, "picture_choose")),
    ):
        page.goto(base + address)
        assert looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles) == [], name
    page.goto(base + url(shop, "pictures"))
    shown = page.evaluate("[...document.images].map(each => each.naturalWidth > 0)")
    assert shown
    assert all(shown)
    page.locator("input[name^=alt_]").fill("橙色の布")
    page.keyboard.press("Enter")  # the first button of the form, which saves
    page.locator("a.tile", has_text="橙色の布").wait_for()
    page.context.close()
