"""The desk decides about people of whom nobody knows whether a campaign reached them."""

from __future__ import annotations

import csv
import io
import re

import pytest
from tests.campaigns.test_uncertain import kept, repeats, sent_into_silence
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.delivery.mailings import now
from tests.people import a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import services
from shodaku.delivery import services as delivery
from shodaku.ledger import selectors as ledger


@pytest.fixture
def shop(database):
    return a_shop()


def decide(desk, shop, campaign_id, **said):
    return desk.post(url(shop, "uncertain_decide", campaign_id), said, follow=True)


def test_a_page_lists_them_with_what_came_since(database, shop):
    campaign_id, mailing_id, (bounced, _) = sent_into_silence(database, shop, people=2)
    delivery.record_bounce(shop.workspace_id, bounced, mailing_id, "5.1.1", at_data_end=False, now=now())
    desk = at_desk(shop)
    assert url(shop, "uncertain", campaign_id) in text_of(
        desk.get(url(shop, "deliveries", campaign_id) + "?outcome=uncertain")
    )
    page = text_of(desk.get(url(shop, "uncertain", campaign_id)))
    assert "Of 2 mails nobody knows whether they arrived" in page
    assert page.count("Came back, or was reported as late") == 1
    assert page.count('type="checkbox" name="person"') == 2


def test_the_first_press_asks_and_the_second_sends_once_more(database, shop):
    campaign_id, mailing_id, people = sent_into_silence(database, shop)
    desk = at_desk(shop, Role.MARKETER)
    said = {"choice": "again", "whom": "ticked", "person": people[:2], "reason": "回線の故障"}
    page = text_of(decide(desk, shop, campaign_id, **said))
    assert "Send once more to 2 people" in page
    assert repeats(database, shop, mailing_id) == []
    numbers = re.search(r'name="people" value="([\d,]+)"', page)[1]
    again = {"choice": "again", "whom": "ticked", "people": numbers, "reason": "回線の故障", "confirmed": "1"}
    page = text_of(decide(desk, shop, campaign_id, **again))
    assert "2 mails go once more. Each person is checked again." in page
    assert len(repeats(database, shop, mailing_id)) == 1
    page = text_of(decide(desk, shop, campaign_id, **again))
    assert "Nothing was changed" in page
    assert len(repeats(database, shop, mailing_id)) == 1
    (entry,) = [
        each for each in ledger.history(shop.workspace_id, people[0]) if each.kind == "admin.uncertain.again"
    ]
    assert entry.fields["by"].startswith("staff:")


def test_everybody_is_counted_as_arrived_by_one_decision(database, shop):
    campaign_id, mailing_id, people = sent_into_silence(database, shop)
    desk = at_desk(shop)
    said = {"choice": "arrived", "whom": "all", "reason": "電話で確かめた"}
    page = text_of(decide(desk, shop, campaign_id, **said))
    assert "Count 3 people as reached" in page
    numbers = ",".join(map(str, people))
    said = {**said, "whom": "ticked", "people": numbers, "confirmed": "1"}
    assert "3 people count as reached." in text_of(decide(desk, shop, campaign_id, **said))
    assert {each.choice for each in kept(shop, mailing_id).values()} == {"arrived"}
    assert "Undecided" not in text_of(desk.get(url(shop, "uncertain", campaign_id)))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"choice": "again", "whom": "ticked", "reason": "回線"}, "Tick at least one person"),
        ({"choice": "again", "whom": "all", "reason": ""}, "This field is required"),
        ({"whom": "all", "reason": "回線"}, "This field is required"),
        ({"choice": "all", "whom": "all", "reason": "回線"}, "all is not one of"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(database, shop, said, told):
    campaign_id, _, _ = sent_into_silence(database, shop)
    answer = decide(at_desk(shop), shop, campaign_id, **said)
    assert answer.status_code == 422
    page = text_of(answer)
    assert told in page
    assert not said["reason"] or said["reason"] in page


def test_nothing_is_sent_once_more_of_a_campaign_that_was_stopped(database, shop):
    campaign_id, mailing_id, _ = sent_into_silence(database, shop)
    from tests.delivery.mailings import rows

    stopped = "update mailing set state = 'cancelled' where mailing_id = %(m)s returning 1"
    rows(database, shop, stopped, m=mailing_id)
    desk = at_desk(shop)
    said = {"choice": "again", "whom": "all", "reason": "回線", "confirmed": "1"}
    assert "nor after it was stopped for good" in text_of(decide(desk, shop, campaign_id, **said))
    assert repeats(database, shop, mailing_id) == []


def test_who_may_not_launch_sees_them_and_decides_nothing(database, shop):
    campaign_id, _, _ = sent_into_silence(database, shop)
    desk = at_desk(shop, Role.CLERK)
    page = text_of(desk.get(url(shop, "uncertain", campaign_id)))
    assert "Of 3 mails" in page
    assert 'name="person"' not in page
    assert decide(desk, shop, campaign_id, choice="arrived", whom="all", reason="x").status_code == 403


def test_the_file_holds_numbers_and_no_address(database, shop):
    campaign_id, _, people = sent_into_silence(database, shop)
    services.decide_uncertain(
        shop.workspace_id, campaign_id, delivery.Choice.ARRIVED, people[:1], "電話", staff_id=None, now=now()
    )
    answer = at_desk(shop).post(url(shop, "uncertain_file", campaign_id))
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [line[0] for line in lines[1:]] == [str(each) for each in people]
    assert [line[4] for line in lines[1:]] == ["Counted as arrived", "", ""]
    assert "@" not in answer.content.decode()


@pytest.fixture(scope="module")
def seen(database):
    shop = a_shop()
    campaign_id, mailing_id, people = sent_into_silence(database, shop, people=4)
    delivery.record_bounce(shop.workspace_id, people[0], mailing_id, "5.1.1", at_data_end=False, now=now())
    for choice, person in ((delivery.Choice.AGAIN, people[1]), (delivery.Choice.ARRIVED, people[2])):
        services.decide_uncertain(
            shop.workspace_id, campaign_id, choice, [person], "電話", staff_id=None, now=now()
        )
    return shop, campaign_id, people[3]


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_the_pages_are_sound(seen, browser, base, language, width, scheme):
    shop, campaign_id, person = seen
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    page.goto(base + url(shop, "uncertain", campaign_id) + f"?lang={language}")
    assert looked_at(page, f"uncertain_{language}_{width}_{scheme}", troubles) == []
    page.check(f'input[value="{person}"]')
    page.check('input[value="again"]')
    page.fill("#id_reason", "回線の故障")
    page.click("#decide .btn-primary")
    assert looked_at(page, f"uncertain_confirm_{language}_{width}_{scheme}", troubles) == []
