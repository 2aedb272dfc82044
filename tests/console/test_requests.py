"""Requests about one's own data: by when, who asks, the answer with its letter and its file."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.complaints import selectors
from shodaku.complaints import services as complaints
from shodaku.complaints.domain import Identified, RequestKind, RequestState, RequestVia
from shodaku.contacts import selectors as contacts
from shodaku.erasure import selectors as erasure
from shodaku.suppression import selectors as suppression

pytestmark = pytest.mark.usefixtures("database")
ADDRESS = "hanako.long@example.jp"


@pytest.fixture
def shop():
    return a_shop()


def now():
    return datetime.now(UTC)  # noqa: TID251 - a test is an edge


def today():
    return now().astimezone().date().isoformat()


def asks(shop, kind=RequestKind.ACCESS, address=ADDRESS, *, identity=None, days_ago=0):
    """Of somebody who was written down by a service; its number."""
    asked = complaints.NewRequest(
        kind=kind,
        via=RequestVia.MAIL,
        received_at=now() - timedelta(days=days_ago, minutes=1),
        address=address,
        identity=identity,
    )
    return complaints.open_request(shop.workspace_id, asked, now(), by="staff:1")


def said(**more):
    return {
        "kind": "access", "address": ADDRESS, "via": "telephone", "received_on": today(), "words": "", **more,
    }  # fmt: skip


def the(shop):
    (found,) = selectors.data_requests(shop.workspace_id)
    return found


def state(shop, request_id):
    return selectors.data_request(shop.workspace_id, request_id).state


def letter_in(page):
    return re.search(r'<textarea[^>]*id="letter"[^>]*>(.*?)</textarea>', page, re.DOTALL)[1]


def test_nobody_has_asked_yet(shop):
    page = text_of(at_desk(shop).get(url(shop, "requests")))
    assert "Nobody has asked yet" in page
    assert url(shop, "request_new") in page
    assert url(shop, "request_new") not in text_of(at_desk(shop, Role.DEVELOPER).get(url(shop, "requests")))


def test_a_clerk_writes_a_request_down_and_gets_the_first_letter(shop):
    reader = a_reader(shop, ADDRESS)
    answer = at_desk(shop, Role.CLERK).post(url(shop, "request_new"), said(), follow=True)
    page = text_of(answer)
    request = the(shop)
    assert (request.contact_id, request.state) == (reader, RequestState.WAITING_IDENTITY)
    assert (request.kind, request.via) == (RequestKind.ACCESS, RequestVia.TELEPHONE)
    assert f"受付番号 {request.request_id}" in letter_in(page)
    assert "h****@example.jp" in page
    assert "hanako.long" not in page
    assert "An owner or somebody of compliance does this." in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": ""},
        {"kind": "nonsense"},
        {"address": "hanako"},
        {"via": "pigeon"},
        {"received_on": "2999-01-01"},
        {"received_on": "2001-01-01"},
        {"received_on": "yesterday"},
        {"words": "あ" * 1_001},
    ],
)
def test_what_cannot_be_taken_is_said_and_what_was_typed_stays(shop, wrong):
    answer = at_desk(shop).post(url(shop, "request_new"), said(words="全部見せてください") | wrong)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Please correct 1 item" in page
    assert "全部見せてください" in page or "words" in wrong
    assert selectors.data_requests(shop.workspace_id) == []
    assert "no-store" in answer["Cache-Control"]


def test_who_wants_no_advertising_gets_none_from_then_on(shop):
    reader = a_reader(shop, ADDRESS)
    at_desk(shop).post(url(shop, "request_new"), said(kind="objection"))
    assert len(suppression.refusals(shop.workspace_id, reader)) == 1
    assert the(shop).state is RequestState.OPEN


def test_what_is_late_stands_first_and_every_page_counts_what_is_open(shop):
    for address in ("a@example.jp", "b@example.jp"):
        a_reader(shop, address)
    in_time = asks(shop, RequestKind.OBJECTION, "a@example.jp")
    late = asks(shop, RequestKind.OBJECTION, "b@example.jp", days_ago=200)
    page = text_of(at_desk(shop).get(url(shop, "requests")))
    assert page.index(url(shop, "request", late)) < page.index(url(shop, "request", in_time))
    assert "1 request is late." in page
    assert re.search(r"\d+ days late", page)
    assert re.search(r"\d+ days left", page)
    beside = page.partition(f'href="{url(shop, "requests")}"')[2].partition("</a>")[0]
    assert '<span class="badge num" data-tone="wait">2<' in beside


def test_nothing_is_answered_before_it_is_known_who_asks(shop):
    a_reader(shop, ADDRESS)
    number = asks(shop)
    desk = at_desk(shop)
    assert url(shop, "request_answer", number) not in text_of(desk.get(url(shop, "request", number)))
    answer = desk.post(url(shop, "request_answer", number))
    assert answer.status_code == 422
    assert "Record first how you know who asks" in text_of(answer)
    assert desk.post(url(shop, "request_identify", number), {"how": ""}).status_code == 422
    assert desk.post(url(shop, "request_identify", number), {"how": "document"}).status_code == 302
    assert state(shop, number) is RequestState.OPEN
    assert url(shop, "request_answer", number) in text_of(desk.get(url(shop, "request", number)))


def test_the_answer_is_a_letter_and_a_file_and_both_are_shown_once(shop):
    a_reader(shop, ADDRESS)
    number = asks(shop, identity=Identified.DOCUMENT)
    desk = at_desk(shop, Role.COMPLIANCE)
    answer = desk.post(url(shop, "request_answer", number))
    page = text_of(answer)
    assert "開示いたします" in letter_in(page)
    file = json.loads(base64.b64decode(re.search(r'href="data:application/json;base64,([^"]+)"', page)[1]))
    assert ADDRESS in json.dumps(file)
    assert "no-store" in answer["Cache-Control"]
    assert state(shop, number) is RequestState.ANSWERED
    again = desk.post(url(shop, "request_answer", number))
    assert again.status_code == 422
    assert "data:application" not in text_of(again)
    assert "data:application" not in text_of(desk.get(url(shop, "request", number)))


def test_a_correction_says_what_is_put_right(shop):
    reader = a_reader(shop, ADDRESS)
    number = asks(shop, RequestKind.CORRECTION, identity=Identified.DOCUMENT)
    desk = at_desk(shop)
    assert desk.post(url(shop, "request_answer", number)).status_code == 422
    assert "訂正いたしました" in text_of(
        desk.post(url(shop, "request_answer", number), {"name": "田中 花子"})
    )
    assert contacts.contact(shop.workspace_id, reader).name == "田中 花子"


def test_an_erasure_takes_the_word(shop):
    a_reader(shop, ADDRESS)
    number = asks(shop, RequestKind.ERASURE, identity=Identified.DOCUMENT)
    desk = at_desk(shop)
    assert desk.post(url(shop, "request_answer", number), {"typed": "yes"}).status_code == 422
    assert erasure.erasures(shop.workspace_id) == []
    page = text_of(desk.post(url(shop, "request_answer", number), {"typed": "消去"}))
    (begun,) = erasure.erasures(shop.workspace_id)
    assert begun.receipt in page
    assert "消去" in letter_in(page)


def test_a_refusal_has_a_reason_that_the_law_knows_and_a_letter(shop):
    a_reader(shop, ADDRESS)
    number = asks(shop, identity=Identified.DOCUMENT)
    desk = at_desk(shop)
    refused = desk.post(url(shop, "request_refuse", number), {"ground": "", "words": "くり返し"})
    assert refused.status_code == 422
    assert "くり返し" in text_of(refused)
    page = text_of(desk.post(url(shop, "request_refuse", number), {"ground": "excessive"}))
    assert "応じられません" in letter_in(page)
    assert state(shop, number) is RequestState.REFUSED
    ended = text_of(desk.get(url(shop, "request", number)))
    assert "asked again and again" in ended
    assert url(shop, "request_refuse", number) not in ended


def test_an_objection_to_advertising_is_never_refused(shop):
    a_reader(shop, ADDRESS)
    number = asks(shop, RequestKind.OBJECTION)
    desk = at_desk(shop)
    assert url(shop, "request_refuse", number) not in text_of(desk.get(url(shop, "request", number)))
    answer = desk.post(url(shop, "request_refuse", number), {"ground": "excessive"})
    assert answer.status_code == 422
    assert state(shop, number) is RequestState.OPEN


def test_more_time_is_offered_only_where_the_law_knows_it(shop):
    a_reader(shop, ADDRESS)
    number = asks(shop, identity=Identified.DOCUMENT)  # Japan: without delay, and no longer time
    desk = at_desk(shop)
    assert url(shop, "request_lengthen", number) not in text_of(desk.get(url(shop, "request", number)))
    answer = desk.post(url(shop, "request_lengthen", number), {"why": "多くの記録"})
    assert answer.status_code == 422
    assert "no longer time" in text_of(answer)


def test_who_asked_may_want_it_no_more(shop):
    a_reader(shop, ADDRESS)
    number = asks(shop)
    desk = at_desk(shop, Role.CLERK)
    assert desk.post(url(shop, "request_withdraw", number)).status_code == 302
    assert state(shop, number) is RequestState.WITHDRAWN
    assert "This request has ended." in text_of(desk.post(url(shop, "request_withdraw", number), follow=True))


@pytest.mark.parametrize("role", [Role.MARKETER, Role.CLERK, Role.DEVELOPER])
def test_only_who_may_reveal_makes_sure_answers_and_refuses(shop, role):
    a_reader(shop, ADDRESS)
    number = asks(shop, identity=Identified.DOCUMENT)
    desk = at_desk(shop, role)
    for page in ("request_identify", "request_answer", "request_refuse", "request_lengthen"):
        assert desk.post(url(shop, page, number), {}).status_code == 403, page
        assert url(shop, page, number) not in text_of(desk.get(url(shop, "request", number)))
    assert state(shop, number) is RequestState.OPEN


def test_a_request_of_another_shop_is_none(shop):
    a_reader(shop, ADDRESS)
    number = asks(shop)
    other = a_shop()
    desk = at_desk(other)
    assert desk.get(url(other, "request", number)).status_code == 404
    for page in ("request_identify", "request_answer", "request_withdraw"):
        assert desk.post(url(other, page, number), {"how": "document"}).status_code == 404, page


def test_of_somebody_unknown_nothing_is_told_but_that(shop):
    number = asks(shop, address="nobody@example.jp", identity=Identified.DOCUMENT)
    page = text_of(at_desk(shop).get(url(shop, "request", number)))
    assert "Nobody known here" in page
    answer = at_desk(shop).post(url(shop, "request_answer", number), {"address": "nobody@example.jp"})
    assert "個人データはありません" in letter_in(text_of(answer))


def test_in_japanese_too(shop):
    a_reader(shop, ADDRESS)
    number = asks(shop)
    desk = at_desk(shop, language="ja")
    for page in (url(shop, "requests"), url(shop, "request_new"), url(shop, "request", number)):
        assert desk.get(page).status_code == 200


def test_pages_of_requests_follow_each_other(shop, monkeypatch):
    monkeypatch.setattr("shodaku.console.views.requests.PAGE_ROWS", 2)
    for number in range(3):
        a_reader(shop, f"reader{number}@example.jp")
        asks(shop, address=f"reader{number}@example.jp")
    desk = at_desk(shop)
    first = text_of(desk.get(url(shop, "requests")))
    second = text_of(desk.get(first.partition('rel="next" href="')[2].partition('"')[0]))
    assert [page.count('<th scope="row">') for page in (first, second)] == [2, 1]
    assert desk.get(url(shop, "requests") + "?skip=x").status_code == 200
