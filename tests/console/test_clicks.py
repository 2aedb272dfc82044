"""Which links were followed, as the campaign's page, its file and the command tell."""

from __future__ import annotations

import argparse
import contextlib
import json
import time

import pytest
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.console.test_campaigns import counted, draft, launch, mailing_of
from tests.delivery.measured import a_measured_reader, wait_for_hits
from tests.people import a_shop
from tests.signup.forms import link

from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors
from shodaku.config.commands import campaign_command
from shodaku.delivery.hit_book import HitBook
from shodaku.delivery.visits import PIXEL_LINK, Actor, Hit
from shodaku.kit.links import Purpose, Token
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
LINKS = ("https://shop.example/spring", "https://shop.example/summer?a=1&b=2")
TEXT = f"春 {LINKS[0]}\n夏 {LINKS[1]}\n"
HTML = f'<p><a href="{LINKS[0]}">春</a></p>'


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


def a_campaign(shop, **others):
    """Launched; to whoever is there and allows measuring."""
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, text=TEXT, html=HTML, **others)
    _page, preflight = counted(desk, shop, campaign_id)
    launch(desk, shop, campaign_id, preflight)
    return campaign_id


def followed(database, shop, mailing_id, *hits):
    """(contact, link, actor) each, written down as the web server does."""
    book = HitBook(contextlib.nullcontext)
    for contact_id, number, actor in hits:
        book.note(Hit(shop.workspace_id, mailing_id, contact_id, number, actor, time.time() - 60))
    wait_for_hits(database, shop, mailing_id, len(hits))
    book.close()


@pytest.fixture(scope="module")
def measured(database, shop):
    """One campaign whose links two people and a scanner followed, and one that nobody did."""
    people = [a_measured_reader(shop) for _ in range(3)]
    campaign_id = a_campaign(shop, click_links="on", open_pixel="on")
    one, other, third = people
    followed(
        database,
        shop,
        mailing_of(shop, campaign_id),
        (one, 1, Actor.HUMAN),
        (other, 1, Actor.HUMAN),
        (other, 0, Actor.HUMAN),
        (third, 0, Actor.BOT),
        (third, PIXEL_LINK, Actor.PREFETCH),
        (one, PIXEL_LINK, Actor.HUMAN),
    )
    return campaign_id, a_campaign(shop, click_links="on")


def test_the_page_says_how_many_followed_which_link_and_leaves_programs_out(shop, measured):
    page = text_of(at_desk(shop).get(url(shop, "campaign", measured[0])))
    assert "2 people followed at least one link." in page
    assert "1 person opened it, as far as mail programs tell." in page
    assert page.index("summer?a=1&amp;b=2") < page.index("shop.example/spring")  # the most followed first


def test_a_campaign_that_nobody_followed_says_what_will_show(shop, measured):
    page = text_of(at_desk(shop).get(url(shop, "campaign", measured[1])))
    assert "Nobody has followed a link yet." in page
    assert "opened it, as far as" not in page
    japanese = text_of(at_desk(shop, language="ja").get(url(shop, "campaign", measured[1])))
    assert "まだだれもリンクを開いていません" in japanese.replace("<wbr>", "")


def test_a_campaign_that_measures_nothing_shows_no_figures(shop):
    a_measured_reader(shop)
    campaign_id = a_campaign(shop)
    desk = at_desk(shop)
    assert "h-clicks" not in text_of(desk.get(url(shop, "campaign", campaign_id)))
    assert desk.post(url(shop, "clicks_file", campaign_id)).status_code == 404


def test_the_figures_are_taken_along_as_a_file_and_the_ledger_knows(shop, measured):
    desk = at_desk(shop, Role.DEVELOPER)
    answer = desk.post(url(shop, "clicks_file", measured[0]))
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines == [
        'Number,Link,People,Clicks,"By programs, not counted"',
        f"1,{LINKS[0]},1,1,1",
        f"2,{LINKS[1]},2,2,0",
        ",Opened (a hint),1,1,1",
    ]  # fmt: skip
    entry = ledger.history(shop.workspace_id, 0)[-1]
    assert (entry.kind, entry.fields["what"]) == ("admin.exported", "clicks")
    assert desk.get(url(shop, "clicks_file", measured[0])).status_code == 405


def test_a_draft_keeps_what_it_measures_and_a_copy_does_too(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, click_links="on", open_pixel="on")
    page = text_of(desk.get(url(shop, "campaign", campaign_id)))
    assert page.count("checked") >= 2
    desk.post(url(shop, "campaign_copy", campaign_id))
    copied = selectors.campaigns(shop.workspace_id)[0]
    assert (copied.click_links, copied.open_pixel) == (True, True)
    plain = selectors.campaign(shop.workspace_id, draft(desk, shop))
    assert (plain.click_links, plain.open_pixel) == (False, False)


def test_what_is_switched_on_after_the_count_is_counted_again(shop):
    a_measured_reader(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, text=TEXT)
    _page, preflight = counted(desk, shop, campaign_id)
    said = {"topic": shop.topic_id, "subject": "秋の新商品", "text": TEXT, "click_links": "on"}
    desk.post(url(shop, "campaign", campaign_id), said)
    assert launch(desk, shop, campaign_id, preflight).status_code == 409
    assert mailing_of(shop, campaign_id) is None


def told(capsys, *words):
    parser = argparse.ArgumentParser()
    campaign_command.define(parser)
    status = campaign_command.run(parser.parse_args(words))
    return status, capsys.readouterr().out


def test_the_command_tells_the_same(shop, measured, capsys):
    status, text = told(capsys, "clicks", str(measured[0]), "--json", "--workspace", shop.slug)
    found = json.loads(text)
    assert (status, found["people"]) == (0, 2)
    assert [(each["target"], each["people"], each["programs"]) for each in found["links"]] == [
        (LINKS[0], 1, 1),
        (LINKS[1], 2, 0),
    ]
    assert found["opens"] == {"people": 1, "clicks": 1, "programs": 1}
    status, text = told(capsys, "clicks", str(measured[0]), "--workspace", shop.slug)
    assert (status, "2 people followed a link" in text) == (0, True)


def test_the_command_says_when_nothing_is_measured(shop, capsys):
    campaign_id = draft(at_desk(shop), shop)
    assert told(capsys, "clicks", str(campaign_id), "--workspace", shop.slug)[0] == 1


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_the_pages_are_sound(shop, measured, browser, base, language, width, scheme):
    reader = a_measured_reader(shop)
    choices = f"/p/{link(Token(shop.workspace_id, 0, reader, Purpose.PREFERENCE))}"
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    places = {
        "followed": url(shop, "campaign", measured[0]),
        "nobody": url(shop, "campaign", measured[1]),
        "new": url(shop, "campaign_new"),
        "choices": choices,
        "foreign": "/c/nothing",
    }
    wrong = {}
    for name, place in places.items():
        page.goto(base + place + f"?lang={language}")
        found = looked_at(page, f"clicks_{name}_{language}_{width}_{scheme}", troubles)
        if name == "foreign":  # its status is what the browser complains about
            found = [each for each in found if "404" not in each]
        wrong |= {name: found} if found else {}
    page.context.close()
    assert wrong == {}
