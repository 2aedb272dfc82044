"""A form on the owner's own pages: framed by those that staff named alone, and ticked on ours alone."""

from __future__ import annotations

import dataclasses
import re
import uuid

import pytest
from django.test import Client, override_settings
from tests.console.desk import at_desk, text_of, url
from tests.people import SENDER, a_shop
from tests.signup.forms import HERE, a_form, contact_of, page_of, posted, stamp_in
from tests.signup.shown import acts

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.kit import clock
from shodaku.signup import selectors, services
from shodaku.signup.domain import UnfitSite, parse_sites, parse_thanks
from shodaku.signup.sites import TooManySites

SHOP_SITE = "https://www.aoi.example"


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://www.aoi.example", SHOP_SITE),
        (" https://WWW.AOI.example/ ", SHOP_SITE),
        ("https://www.aoi.example:443", SHOP_SITE),
        ("https://www.aoi.example:8443", "https://www.aoi.example:8443"),
        ("https://日本語.jp", "https://xn--wgv71a119e.jp"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_a_site_is_an_origin_as_browsers_compare_it(written, origin):
    assert parse_sites(written) == (origin,)


@pytest.mark.parametrize(
    "written",
    [
        "www.aoi.example",
        "http://www.aoi.example",  # whoever sits between could put anything around the form
        "https://*.aoi.example",
        "https://www.aoi.example/shop",
        "https://www.aoi.example?x",
        "https://user:secret@www.aoi.example",
        "https://www.aoi.example; script-src *",
        "https://www.aoi.example 'unsafe-inline'",
        "https://www.aoi.example:99999",
        "javascript:alert(1)",
        "https://",
        "*",
        "https://[::1]",
    ],
)
def test_what_is_no_whole_origin_is_refused(written):
    with pytest.raises(UnfitSite):
        parse_sites(written)


def test_twenty_sites_are_possible_and_no_more():
    many = "\n".join(f"https://{number}.example" for number in range(21))
    assert len(parse_sites(many.rpartition("\n")[0])) == 20
    with pytest.raises(TooManySites):
        parse_sites(many)


@pytest.mark.parametrize(
    "page",
    [
        "https://other.example/thanks",
        "https://www.aoi.example.other.example/",
        "//www.aoi.example/thanks",
        "/thanks",
        "https://www.aoi.example@other.example/",
        "https://www.aoi.example/\r\nSet-Cookie: a=b",
        "https://www.aoi.example\\@other.example/",
    ],
)
def test_nobody_is_led_to_a_page_of_somebody_else(page):
    with pytest.raises(UnfitSite):
        parse_thanks(page, (SHOP_SITE,))


def test_a_page_of_ones_own_stays_as_it_was_written():
    assert parse_thanks("https://www.aoi.example/thanks?from=mail", (SHOP_SITE,)) is not None
    assert parse_thanks("  ", (SHOP_SITE,)) is None


@pytest.fixture(autouse=True)
def quick():
    with override_settings(SIGNUP_FORM_SECONDS_MIN=0):
        yield


@pytest.fixture
def shop(database):
    shop = a_shop()
    a_form(shop)
    return shop


def an_address():
    return f"framed-{uuid.uuid4().hex[:10]}@example.jp"


def allow(shop, *sites, thanks_url=None):
    form = selectors.form(shop.workspace_id, "join")
    services.change_ways(shop.workspace_id, form.form_id, sites, thanks_url)


def directives(response):
    parts = (each.strip().partition(" ") for each in response["Content-Security-Policy"].split(";"))
    return {name: sources for name, _space, sources in parts}


def test_nobody_frames_a_form_until_staff_named_a_site(shop):
    assert directives(Client().get(f"{page_of(shop)}/frame"))["frame-ancestors"] == "'none'"
    allow(shop, SHOP_SITE, "https://blog.aoi.example")
    framed = Client().get(f"{page_of(shop)}/frame")
    assert directives(framed)["frame-ancestors"] == f"{SHOP_SITE} https://blog.aoi.example"
    assert directives(Client().get(page_of(shop)))["frame-ancestors"] == "'none'"
    assert "X-Frame-Options" not in framed


def test_in_its_frame_a_form_is_sent_and_thanked_for_as_on_its_page(shop):
    allow(shop, SHOP_SITE)
    client, address, frame = Client(enforce_csrf_checks=True), an_address(), f"{page_of(shop)}/frame"
    body = {"stamp": stamp_in(text_of(client.get(frame))), "topics": [str(shop.topic_id)], "email": address}
    thanks = client.post(frame, body, headers=HERE)
    assert (thanks.status_code, directives(thanks)["frame-ancestors"]) == (200, SHOP_SITE)
    assert contact_of(shop, address)


def test_what_may_not_be_framed_opens_in_a_window_of_its_own(shop):
    asked_at = dataclasses.replace(SENDER, sender_id=shop.sender_id, contact_url=f"{SHOP_SITE}/contact")
    accounts.save_sender(shop.workspace_id, asked_at, now=clock.now())
    allow(shop, SHOP_SITE)
    client, frame = Client(enforce_csrf_checks=True), f"{page_of(shop)}/frame"
    form = text_of(client.get(frame))
    body = {"stamp": stamp_in(form), "topics": [str(shop.topic_id)], "email": "nobody"}
    refused = client.post(frame, body, headers=HERE)
    thanks = client.post(frame, {**body, "email": an_address()}, headers=HERE)
    assert (refused.status_code, thanks.status_code) == (422, 200)
    pages = [form, text_of(refused), text_of(thanks)]
    links = [each for page in pages for each in re.findall(r"<a [^>]*>", page)]
    for apart in ('/again"', f"{SHOP_SITE}/contact"):
        assert any(apart in each and 'target="_blank"' in each for each in links), apart
    stay = (f'href="{frame}?', 'href="mailto:', 'href="#')
    assert [
        each for each in links if 'target="_blank"' not in each and not any(s in each for s in stay)
    ] == []


def test_a_form_of_the_owners_page_begins_here_and_is_ticked_and_sent_on_ours(shop):
    address = an_address()
    other_site = {"sec-fetch-site": "cross-site"}
    typed = {"start": "1", "email": address, "name": "山田 花子", "topics": [str(shop.topic_id)]}
    begun = Client().post(page_of(shop), typed, headers=other_site)
    page = text_of(begun)
    assert begun.status_code == 200
    assert "あと一歩です" in page
    assert f'value="{address}"' in page
    assert 'value="山田 花子"' in page
    assert " checked" not in page
    assert 'class="error"' not in page
    assert contact_of(shop, address) is None
    assert posted(shop, Client(), stamp=stamp_in(page), email=address).status_code == 200
    assert contact_of(shop, address)


def test_a_tick_of_another_page_is_none_even_with_a_stamp_of_ours(shop):
    address = an_address()
    stamp = stamp_in(text_of(Client().get(page_of(shop))))
    typed = {"start": "1", "stamp": stamp, "email": address, "topics": [str(shop.topic_id)]}
    answer = Client().post(page_of(shop), typed, headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, contact_of(shop, address)) == (422, None)


def test_who_sent_it_is_led_to_the_owners_page_with_nothing_of_them_in_the_address(shop):
    allow(shop, SHOP_SITE, thanks_url=f"{SHOP_SITE}/thanks")
    page = Client().get(page_of(shop))
    assert directives(page)["form-action"] == f"'self' {SHOP_SITE}"
    answers = {
        (answer.status_code, answer["Location"])
        for answer in (posted(shop, Client(), email=email) for email in (an_address(), an_address()))
    }
    assert answers == {(303, f"{SHOP_SITE}/thanks")}
    assert posted(shop, Client(), email="nobody").status_code == 422


def test_the_element_is_a_script_that_pages_of_others_may_load(shop):
    script = Client().get("/embed/form.js")
    assert script["Content-Type"].startswith("text/javascript")
    assert script["Access-Control-Allow-Origin"] == "*"
    assert b"shodaku-form" in script.content
    assert len(script.cookies) == 0
    assert Client().post("/embed/form.js").status_code == 405


def test_the_desk_shows_four_ways_and_keeps_sites_with_an_entry_in_the_ledger(shop):
    form = selectors.form(shop.workspace_id, "join")
    desk = at_desk(shop)
    page = text_of(desk.get(url(shop, "form", form.form_id)))
    address = f"http://testserver{page_of(shop)}"
    for snippet in (
        f"&lt;a href=&quot;{address}&quot;&gt;",
        f"&lt;form action=&quot;{address}&quot; method=&quot;post&quot;",
        f"&lt;iframe src=&quot;{address}/frame&quot;",
        "&lt;shodaku-form",
    ):
        assert snippet in page
    said = {"sites": f"{SHOP_SITE}/\n", "thanks_url": f"{SHOP_SITE}/thanks"}
    saved = text_of(desk.post(url(shop, "form_ways", form.form_id), said, follow=True))
    assert "The sites of the form are saved." in saved
    assert selectors.ways(shop.workspace_id, form.form_id) == selectors.Ways(
        [SHOP_SITE], f"{SHOP_SITE}/thanks"
    )
    (noted,) = acts(shop, "admin.form.ways")
    assert noted["sites"] == [SHOP_SITE]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"sites": "www.aoi.example"}, "Write only the beginning of the site"),
        ({"sites": SHOP_SITE, "thanks_url": "https://other.example/"}, "must begin with https://"),
    ],
)
def test_what_is_wrong_with_a_site_is_said_and_nothing_typed_is_lost(shop, said, sentence):
    form = selectors.form(shop.workspace_id, "join")
    answer = at_desk(shop).post(url(shop, "form_ways", form.form_id), said)
    page = text_of(answer)
    assert (answer.status_code, sentence in page) == (422, True)
    for value in said.values():
        assert value in page
    assert selectors.ways(shop.workspace_id, form.form_id) == selectors.Ways([], None)


def test_a_clerk_names_no_site(shop):
    form = selectors.form(shop.workspace_id, "join")
    said = {"sites": SHOP_SITE}
    assert at_desk(shop, Role.CLERK).post(url(shop, "form_ways", form.form_id), said).status_code == 403


def test_the_snippet_of_the_frame_allows_what_the_form_needs_and_no_scripts(shop):
    form = selectors.form(shop.workspace_id, "join")
    page = text_of(at_desk(shop).get(url(shop, "form", form.form_id)))
    allowed = re.search(r"sandbox=&quot;([a-z -]+)&quot;", page)[1].split()
    assert {"allow-forms", "allow-same-origin"} <= set(allowed)
    assert "allow-scripts" not in allowed
