"""Who said no stands in a list: masked, narrowed by way and scope, and a file without addresses."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.consent.domain import Method
from shodaku.ledger import selectors as ledger
from shodaku.optout import reasons
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.optout.services import OptOutReason
from shodaku.suppression import selectors as suppression

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def says_no(shop, contact_id, via=Method.PAGE, scope=OptOutScope.ALL, **more):
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    order = OptOut(workspace_id=shop.workspace_id, contact_id=contact_id, scope=scope, via=via, **more)
    return optout.opt_out(order, now)


def lines_of(page):
    return page.count('<th scope="row">')


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_no_stands_there_with_its_way_scope_words_and_proof_and_the_address_is_masked(shop):
    reader = a_reader(shop, "hanako.long@example.jp")
    receipt = says_no(shop, reader, Method.REPLY, said="もう送らないでください")
    page = text_of(at_desk(shop).get(url(shop, "refusals")))
    assert "もう送らないでください" in page
    assert "reply by mail" in page
    assert "h****@example.jp" in page
    assert "hanako.long" not in page
    assert f'href="{url(shop, "contact", reader)}#entry-{receipt.entry_id}"' in page


def test_the_words_of_a_person_are_opened_for_who_answers_people_and_for_nobody_else(shop):
    says_no(shop, a_reader(shop), Method.REPLY, said="もう送らないでください")
    for role, shown in ((Role.CLERK, True), (Role.COMPLIANCE, True), (Role.DEVELOPER, False)):
        page = text_of(at_desk(shop, role).get(url(shop, "refusals")))
        assert ("もう送らないでください" in page) is shown, role


def test_the_list_is_narrowed_by_way_and_by_scope(shop):
    until = datetime.now(UTC) + timedelta(days=30)  # noqa: TID251 - a test is an edge
    says_no(shop, a_reader(shop), Method.PAGE)
    says_no(shop, a_reader(shop), Method.TELEPHONE)
    says_no(shop, a_reader(shop), Method.PAGE, OptOutScope.TOPIC, topic_id=shop.topic_id)
    says_no(shop, a_reader(shop), Method.PAGE, OptOutScope.UNTIL, until=until)
    desk, place = at_desk(shop), url(shop, "refusals")
    counted = {
        query: lines_of(text_of(desk.get(place + query)))
        for query in ("", "?way=telephone", "?way=page", "?scope=until", "?way=page&scope=topic", "?way=sms")
    }
    assert counted == {
        "": 4, "?way=telephone": 1, "?way=page": 3, "?scope=until": 1,
        "?way=page&scope=topic": 1, "?way=sms": 0,
    }  # fmt: skip
    assert "Nobody matches." in text_of(desk.get(place + "?way=sms"))
    assert lines_of(text_of(desk.get(place + "?way=nonsense&scope=%00&before=x"))) == 4


def test_nobody_has_said_no_yet(shop):
    page = text_of(at_desk(shop, language="ja").get(url(shop, "refusals")))
    assert lines_of(page) == 0
    assert "data-download" not in page


def test_pages_follow_each_other_without_a_gap(shop, monkeypatch):
    monkeypatch.setattr(suppression, "PAGE_ROWS", 2)
    readers = [a_reader(shop) for _ in range(5)]
    for reader in readers:
        says_no(shop, reader)
    desk, place, seen = at_desk(shop), url(shop, "refusals"), []
    while place:
        page = text_of(desk.get(place))
        seen += [reader for reader in readers if f"{url(shop, 'contact', reader)}#" in page]
        place = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert sorted(seen) == readers


def test_a_file_has_no_addresses_unless_somebody_who_may_reveal_asks_for_them(shop):
    says_no(shop, a_reader(shop, "taro@example.jp"))
    file = url(shop, "refusals_file")
    plain = rows_of(at_desk(shop, Role.COMPLIANCE).post(file))
    assert len(plain) == 2
    assert "taro@example.jp" not in str(plain)
    addressed = rows_of(at_desk(shop, Role.COMPLIANCE).post(file, {"addresses": "1"}))
    assert addressed[1][-1] == "taro@example.jp"
    clerk = at_desk(shop, Role.CLERK)
    assert clerk.post(file, {"addresses": "1"}).status_code == 403
    assert "addresses" not in text_of(clerk.get(url(shop, "refusals"))).partition("refusals.csv")[2][:600]
    assert clerk.get(file).status_code == 405


def test_taking_a_file_along_is_in_the_ledger_without_any_address(shop):
    says_no(shop, a_reader(shop, "taro@example.jp"))
    at_desk(shop).post(url(shop, "refusals_file"), {"addresses": "1", "way": "page"})
    (act,) = [each.fields for each in ledger.history(shop.workspace_id, 0) if each.kind == "admin.exported"]
    assert (act["what"], act["rows"], act["addresses"], act["way"]) == ("refusals", 1, True, "page")
    assert "taro" not in str(act)


def test_a_file_is_narrowed_as_the_page_is(shop):
    says_no(shop, a_reader(shop), Method.PAGE)
    says_no(shop, a_reader(shop), Method.TELEPHONE)
    file = at_desk(shop).post(url(shop, "refusals_file"), {"way": "telephone"})
    assert [row[2] for row in rows_of(file)[1:]] == ["telephone"]


def test_a_list_of_another_shop_is_another_list(shop):
    says_no(shop, a_reader(shop))
    assert lines_of(text_of(at_desk(a_shop()).get(url(shop, "refusals")))) == 0


def test_why_people_left_is_counted_without_them(shop):
    desk = at_desk(shop)
    assert "Why they left" not in text_of(desk.get(url(shop, "refusals")))
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    for reason in (OptOutReason.TOO_OFTEN, OptOutReason.TOO_OFTEN, OptOutReason.OTHER):
        asked = reasons.question(shop.workspace_id, shop.topic_id, now)
        reasons.answer(asked, reason, now, UTC)
    page = text_of(desk.get(url(shop, "refusals")))
    assert '<dt>It came too often</dt><dd class="num">2</dd>' in page
    assert page.index("It came too often") < page.index("Another reason")
