"""Back numbers: off until an author says so, seen by everybody, and never with anything of a recipient."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.console.test_campaigns import counted, draft, launch
from tests.console.test_pictures import in_library, kinds
from tests.optout.test_pages import choices_page
from tests.people import a_reader, a_shop
from tests.signup.forms import a_form

from shodaku.accounts.domain import Role
from shodaku.content import selectors, services
from shodaku.content.domain import Draft, TemplateFault
from shodaku.content.selectors import PAGE_NUMBERS
from shodaku.kit import clock, db

pytestmark = pytest.mark.usefixtures("database")
READER = "hanako.reader@example.jp"
HTML = (
    '<h2>{{ name }}</h2><p>冬の器です。<a href="https://aoi.example/winter">見る</a> '
    '<a href="{{ opt_out }}">停止</a></p>'
)
TEXT = "{{ name }}\n{{ family_name }}様、{{ address }} にお送りしています。停止: {{ opt_out }}\n冬の器です。"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def shop(database):
    shop = a_shop()
    a_reader(shop, READER, name="読者 花子")
    return shop


def sent(shop, desk, **changes):
    facts = {"subject": "{{ name }}、冬のお便り", "text": TEXT, "html": HTML} | changes
    campaign_id = draft(desk, shop, **facts)
    _page, preflight = counted(desk, shop, campaign_id)
    launch(desk, shop, campaign_id, preflight)
    return campaign_id


def shelf(shop, *rest):
    return "/".join(["/archive", shop.slug, "news", *map(str, rest)]) + (
        "" if rest and "." in str(rest[-1]) else "/"
    )


def number_of(shop, campaign_id):
    return selectors.back_number_of(shop.workspace_id, campaign_id).back_number_id


def kept(shop, subject, days):
    """A back number without a mailing behind it, sent so many days ago."""
    shown = services.public_copy(Draft(subject, "器です。"), "ja")
    number = services.NewBackNumber(
        campaign_id=10_000 + days, topic_id=shop.topic_id, shown=shown, sent_at=clock.now() - timedelta(days)
    )
    services.publish_back_number(shop.workspace_id, number, by="staff:1", now=clock.now())


def test_what_was_sent_is_seen_by_nobody_else_until_its_author_says_so(shop):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = sent(shop, desk)
    assert "Show it to everybody" in text_of(desk.get(url(shop, "campaign", campaign_id)))
    assert Client().get(shelf(shop)).status_code == 404
    assert desk.post(url(shop, "back_number_publish", campaign_id)).status_code == 302
    number = number_of(shop, campaign_id)
    assert "お客様、冬のお便り" in text_of(Client().get(shelf(shop)))
    assert Client().get(shelf(shop, number)).status_code == 200
    assert "admin.back_number.published" in kinds(shop)
    assert desk.post(url(shop, "back_number_withdraw", campaign_id)).status_code == 302
    for gone in (shelf(shop), shelf(shop, number), shelf(shop, number, "mail.html"), shelf(shop, "feed.xml")):
        assert Client().get(gone).status_code == 404
    assert "admin.back_number.withdrawn" in kinds(shop)


def test_nothing_of_a_recipient_stands_on_any_of_the_pages(shop):
    desk = at_desk(shop)
    campaign_id = sent(shop, desk)
    desk.post(url(shop, "back_number_publish", campaign_id))
    number = number_of(shop, campaign_id)
    pages = [shelf(shop), shelf(shop, number), shelf(shop, number, "mail.html"), shelf(shop, "feed.xml")]
    for page in pages:
        answer = Client().get(page)
        told = text_of(answer)
        assert answer.status_code == 200
        assert not answer.cookies
        for personal in (READER, "hanako", "読者", "花子", "{{", "/o/", "/w/", "/p/", "/c/"):
            assert personal not in told, (page, personal)
    mail = text_of(Client().get(pages[2]))
    assert "<h2>お客様</h2>" in mail
    assert 'href="https://aoi.example/winter"' in mail
    assert "○○様、○○ にお送りしています。停止: " in text_of(Client().get(pages[1]))


def test_the_mail_stands_alone_in_a_sandbox_and_its_pictures_are_ours(shop):
    picture = in_library(shop)
    desk = at_desk(shop)
    html = f'<p>器</p><img src="http://testserver{picture.path}" alt="湯のみ"><script>alert(1)</script>'
    campaign_id = sent(shop, desk, html=html)
    desk.post(url(shop, "back_number_publish", campaign_id))
    number = number_of(shop, campaign_id)
    page = Client().get(shelf(shop, number))
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in text_of(page)
    mail = Client().get(shelf(shop, number, "mail.html"))
    policy = mail["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox allow-popups allow-popups-to-escape-sandbox")
    assert "allow-scripts" not in policy
    assert picture.path in text_of(mail)
    assert "alert(1)" not in text_of(mail)


def test_search_engines_stay_away_until_somebody_lets_them(shop):
    kept(shop, "冬", 1)
    (number,) = selectors.back_numbers(shop.workspace_id, shop.topic_id)
    desk = at_desk(shop)
    assert "Asked to stay away" in text_of(desk.get(url(shop, "archives")))
    for page in (shelf(shop), shelf(shop, number.back_number_id)):
        answer = Client().get(page)
        assert answer["X-Robots-Tag"] == "noindex"
        assert '<meta name="robots" content="noindex">' in text_of(answer)
    desk.post(url(shop, "archive_search", shop.topic_id), {"found": "1"})
    assert "May list them" in text_of(desk.get(url(shop, "archives")))
    for page in (shelf(shop), shelf(shop, number.back_number_id)):
        answer = Client().get(page)
        assert "X-Robots-Tag" not in answer.headers
        assert "noindex" not in text_of(answer)
    desk.post(url(shop, "archive_search", shop.topic_id), {"found": "0"})
    assert Client().get(shelf(shop))["X-Robots-Tag"] == "noindex"
    assert kinds(shop).count("admin.archive.changed") == 2


def test_the_newest_comes_first_and_pages_begin_behind_the_last_one(shop):
    for days in range(PAGE_NUMBERS + 3, 0, -1):
        kept(shop, f"号{days:02}", days)
    kept(shop, "遅れて公開", 10_000)  # published last, sent first
    page = text_of(Client().get(shelf(shop)))
    first = re.findall(r">(号\d+|遅れて公開)</a>", page)
    assert first == [f"号{days:02}" for days in range(1, PAGE_NUMBERS + 1)]
    (more,) = re.findall(r'rel="next" href="([^"]+)"', page)
    rest = re.findall(r">(号\d+|遅れて公開)</a>", text_of(Client().get(more)))
    assert rest == ["号21", "号22", "号23", "遅れて公開"]
    assert Client().get(shelf(shop) + "?before=x").status_code == 200
    assert "There are no older ones." in text_of(
        Client(headers={"accept-language": "en"}).get(shelf(shop) + "?before=999999999")
    )


def test_the_feed_is_atom_and_leads_to_the_pages(shop):
    kept(shop, "<b>冬</b> & 春", 1)
    answer = Client().get(shelf(shop, "feed.xml"))
    assert answer["Content-Type"].startswith("application/atom+xml")
    root = ET.fromstring(answer.content)  # noqa: S314 - our own answer
    assert root.find(f"{ATOM}title").text == "月刊ショップだより"
    (entry,) = root.findall(f"{ATOM}entry")
    assert entry.find(f"{ATOM}title").text == "<b>冬</b> & 春"
    (number,) = selectors.back_numbers(shop.workspace_id, shop.topic_id)
    assert entry.find(f"{ATOM}id").text == f"http://testserver{shelf(shop, number.back_number_id)}"


def test_a_topic_without_back_numbers_and_one_of_another_shop_have_no_page(shop):
    kept(shop, "冬", 1)
    (number,) = selectors.back_numbers(shop.workspace_id, shop.topic_id)
    other = a_shop()
    kept(other, "春", 1)
    for path in (
        f"/archive/{shop.slug}/sale/",
        f"/archive/{shop.slug}/sale/feed.xml",
        f"/archive/{shop.slug}/sale/{number.back_number_id}/",
        f"/archive/{shop.slug}/none/",
        f"/archive/none/news/{number.back_number_id}/",
        shelf(shop, selectors.back_numbers(other.workspace_id, other.topic_id)[0].back_number_id + 1_000),
    ):
        assert Client().get(path).status_code == 404, path
    assert "春" not in text_of(Client().get(shelf(shop)))


def test_form_and_preferences_lead_there_once_there_is_something(shop):
    a_form(shop)
    contact_id = a_reader(shop)
    form = f"/f/{shop.slug}/join"
    for page in (form, choices_page(shop, contact_id)):
        assert "/archive/" not in text_of(Client().get(page))
    kept(shop, "冬", 1)
    for page in (form, choices_page(shop, contact_id)):
        assert f'href="{shelf(shop)}"' in text_of(Client().get(page))
    assert f'href="{form}"' in text_of(Client().get(shelf(shop)))
    assert "/archive/" not in text_of(Client().get(f"{form}/frame"))  # no page of ours opens inside a frame


def test_what_only_the_mail_carries_cannot_be_shown():
    carried = Draft("冬", "器", '<p>器</p><img src="cid:logo.png" alt="器">')
    with pytest.raises(TemplateFault, match="Use pictures of the library"):
        services.public_copy(carried, "ja")
    english = services.public_copy(Draft("{{ name }}", "{{ company }}"), "en")
    assert (english.subject, english.text) == ("reader", "…")


def test_drafts_and_requests_for_permission_are_not_offered(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    assert desk.post(url(shop, "back_number_publish", campaign_id)).status_code == 404
    campaign_id = sent(shop, desk)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update campaign set message_class = 'consent_request' where campaign_id = %s", [campaign_id]
        )
    assert "Show it to everybody" not in text_of(desk.get(url(shop, "campaign", campaign_id)))
    page = text_of(desk.post(url(shop, "back_number_publish", campaign_id), follow=True))
    assert "Only a newsletter that was sent" in page
    assert selectors.back_number_of(shop.workspace_id, campaign_id) is None


def test_who_may_not_write_changes_nothing(shop):
    campaign_id = sent(shop, at_desk(shop))
    clerk = at_desk(shop, Role.CLERK)
    assert "Show it to everybody" not in text_of(clerk.get(url(shop, "campaign", campaign_id)))
    assert clerk.post(url(shop, "back_number_publish", campaign_id)).status_code == 403
    assert clerk.post(url(shop, "archive_search", shop.topic_id), {"found": "1"}).status_code == 403


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_each_page_is_sound(shop, browser, base, language, width, scheme):
    a_form(shop)
    picture = in_library(shop, colour="teal", size=(400, 200))
    client = at_desk(shop, language=language)
    html = f'{HTML}<img src="{base}{picture.path}" alt="湯のみ" width="400">'
    campaign_id = sent(shop, client, html=html)
    client.post(url(shop, "back_number_publish", campaign_id))
    number = number_of(shop, campaign_id)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    for name, address in (
        ("back_numbers", shelf(shop)),
        ("back_number", shelf(shop, number)),
        ("archives", url(shop, "archives")),
        ("campaign_public", url(shop, "campaign", campaign_id)),
    ):
        page.goto(base + address + f"?lang={language}")
        assert looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles) == [], name
    page.goto(base + shelf(shop, number))
    mail = page.frame_locator("iframe")
    mail.get_by_role("heading", name="お客様").wait_for()
    assert mail.locator("img").evaluate("each => each.complete && each.naturalWidth") == 400
    page.context.close()
