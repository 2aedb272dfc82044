"""From the switch of a campaign to the figure on its page: written, sent, followed, counted, forgotten."""

from __future__ import annotations

import re
from email import message_from_bytes, policy

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.console.test_campaigns import counted, draft, launch, mailing_of
from tests.delivery.mailings import send_now, wait_until
from tests.delivery.measured import BROWSER, wait_for_hits
from tests.delivery.sink import RunningSink
from tests.optout.serving import a_server
from tests.people import a_reader, a_shop
from tests.signup.forms import link

from shodaku.delivery import selectors as delivery
from shodaku.kit.links import Purpose, Token
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
SPRING, TERMS = "https://shop.example/spring?a=1&b=2", "mailto:a@shop.example"
TEXT = f"{{{{ name }}}}\n\n春の品です。\n{SPRING}\n"
WRITTEN = SPRING.replace("&", "&amp;")
HTML = f'<p>{{{{ name }}}}</p><p><a href="{WRITTEN}">見る</a> <a href="{TERMS}">連絡</a></p>'
URLS = re.compile(r"""https?://[^\s"'<>]+""")


@pytest.fixture
def shop():
    return a_shop()


def parts(arrived):
    mail = message_from_bytes(arrived.content, policy=policy.default)
    return {part.get_content_subtype(): part.get_content() for part in mail.walk() if not part.is_multipart()}


def test_a_campaign_is_written_sent_followed_and_counted(database, shop, tmp_path):
    allows, silent = a_reader(shop, "allows@example.jp"), a_reader(shop, "silent@example.jp")
    desk = at_desk(shop)
    with a_server(database, home=tmp_path / "web") as server:
        choices = f"/p/{link(Token(shop.workspace_id, 0, allows, Purpose.PREFERENCE))}"
        form = f"topics={shop.topic_id}&shown={shop.topic_id}&measured=on"
        assert (
            server.ask("POST", choices, form, {"Content-Type": "application/x-www-form-urlencoded"})[0] == 200
        )
        campaign_id = draft(desk, shop, text=TEXT, html=HTML, click_links="on", open_pixel="on")
        page, preflight = counted(desk, shop, campaign_id)
        assert "Send to 2 people" in page
        assert "/held/TRACKING_REMOVED/" in page
        launch(desk, shop, campaign_id, preflight)
        mailing_id = mailing_of(shop, campaign_id)
        with RunningSink() as sink:
            send_now(database, shop, mailing_id, sink.port, home=tmp_path)
        mails = {each.recipient: parts(each) for each in sink.arrived}
        plain = mails["silent@example.jp"]
        assert SPRING in plain["plain"]
        assert "/c/" not in plain["plain"] + plain["html"]
        assert ".gif" not in plain["html"]
        measured = mails["allows@example.jp"]
        assert SPRING not in measured["plain"] + measured["html"]
        assert f'href="{TERMS}"' in measured["html"]
        found = URLS.findall(measured["plain"] + measured["html"])
        follow = {each for each in found if "/c/" in each}
        (picture,) = {each for each in found if each.endswith(".gif")}
        assert len(follow) == 1
        before = text_of(desk.get(url(shop, "campaign", campaign_id)))
        assert "Nobody has followed a link yet." in before
        status, headers, _ = server.ask(
            "GET", follow.pop().removeprefix("http://testserver"), headers=BROWSER
        )
        assert (status, headers["location"]) == (302, SPRING)
        assert server.ask("GET", picture.removeprefix("http://testserver"), headers=BROWSER)[0] == 200
        wait_for_hits(database, shop, mailing_id, 2)
        page = text_of(desk.get(url(shop, "campaign", campaign_id)))
        assert "1 person followed at least one link." in page
        assert "1 person opened it" in page
        assert WRITTEN in page
        file = desk.post(url(shop, "clicks_file", campaign_id)).content.decode("utf-8-sig")
        assert file.splitlines()[1:] == [f"1,{SPRING},1,1,0", ",Opened (a hint),1,1,0"]
        off = f"shown={shop.topic_id}&topics={shop.topic_id}&shown_measured=1"
        server.ask("POST", choices, off, {"Content-Type": "application/x-www-form-urlencoded"})
    wait_until(lambda: delivery.hits_of(shop.workspace_id, allows) == [])
    kinds = [each.kind for each in ledger.history(shop.workspace_id, allows)]
    assert kinds[-2:] == ["measuring.agreed", "measuring.ended"]
    assert [each.kind for each in ledger.history(shop.workspace_id, silent)][-1] == "consent.confirmed"


def test_a_test_to_oneself_has_plain_links(database, shop, tmp_path):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, text=TEXT, html=HTML, click_links="on", open_pixel="on")
    desk.post(url(shop, "campaign_test", campaign_id))
    from tests.delivery.mailings import rows

    (mailing_id,) = rows(database, shop, "select max(mailing_id) from mailing where kind = 'test'")[0]
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    (arrived,) = sink.arrived
    mail = parts(arrived)
    assert SPRING in mail["plain"]
    assert "/c/" not in mail["plain"] + mail["html"]
