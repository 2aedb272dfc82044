"""Threat 5: who types addresses into pages learns of none whether it is known, by words or by time."""

from __future__ import annotations

import asyncio
import re
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.test import Client, override_settings
from django.urls import resolve
from tests.console.desk import at_desk
from tests.optout.ways import an_address
from tests.people import a_reader, a_shop
from tests.signup.forms import (
    EVIDENCE,
    HERE,
    a_form,
    ask,
    confirm_token,
    contact_of,
    link,
    page_of,
    stamp_in,
)
from tests.signup.test_desks import opened

from shodaku.accounts import selectors as accounts
from shodaku.config import even_answers
from shodaku.config.asgi import application
from shodaku.config.even_answers import NAMES, STEP_SECONDS, EvenAnswers, until_next_step
from shodaku.consent.domain import Method
from shodaku.contacts.domain import Channel
from shodaku.kit import db
from shodaku.kit.links import Purpose, Token
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.optout.services import opt_out
from shodaku.signup import services
from shodaku.suppression import services as suppression

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
SAMPLES = 10_000


@pytest.fixture
def shop(database):
    shop = a_shop()
    a_form(shop)
    with override_settings(SIGNUP_FORM_SECONDS_MIN=0):
        yield shop


def a_stranger(_shop):
    return an_address()


def a_known_reader(shop):
    address = an_address()
    a_reader(shop, address)
    return address


def who_was_asked_today(shop):
    address = an_address()
    ask(shop, address)
    return address


def who_pressed_that_was_not_me(shop):
    address = an_address()
    contact_id = ask(shop, address, now=NOW - timedelta(days=2))
    services.decline_signup(confirm_token(shop, contact_id), EVIDENCE, NOW - timedelta(days=2))
    return address


def who_refused_everything(shop):
    address = an_address()
    no = OptOut(
        workspace_id=shop.workspace_id, contact_id=a_reader(shop, address), scope=OptOutScope.ALL,
        via=Method.ONE_CLICK,
    )  # fmt: skip
    opt_out(no, NOW)
    return address


def who_was_erased(shop):
    address = an_address()
    with db.transaction(shop.workspace_id):
        pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
        suppression.suppress([pair], "erased", now=NOW)
    return address


def of_a_blocked_domain(shop):
    domain = f"{an_address().partition('@')[0]}.example"
    suppression.block(shop.workspace_id, f"*@{domain}", by="staff:1", now=NOW)
    return f"somebody@{domain}"


PEOPLE = (
    a_stranger, a_known_reader, who_was_asked_today, who_pressed_that_was_not_me, who_refused_everything,
    who_was_erased, of_a_blocked_domain,
)  # fmt: skip


def by_form(shop):
    return page_of(shop)


def by_frame(shop):
    return f"{page_of(shop)}/frame"


def by_asking_again(shop):
    return f"{page_of(shop)}/again"


def by_desk(shop):
    return opened(shop)[1]


WAYS = (by_form, by_frame, by_asking_again, by_desk)


@pytest.mark.parametrize("way", WAYS)
def test_every_page_that_takes_an_address_answers_alike_for_everybody(shop, way):
    page = way(shop)
    answers = {}
    for person in PEOPLE:
        client = Client()
        stamp = stamp_in(client.get(page).content.decode())
        body = {"stamp": stamp, "email": person(shop), "topics": [str(shop.topic_id)], "name": ""}
        answers[person.__name__] = _seen(client.post(page, body, headers=HERE))
    assert len(set(answers.values())) == 1, answers
    assert answers["a_stranger"][0] in {200, 303}


def test_who_wants_their_mail_elsewhere_does_not_learn_who_receives_something_there(shop):
    answers = set()
    for person in PEOPLE:
        contact_id = contact_of(shop, a_known_reader(shop))
        page = f"/p/{link(Token(shop.workspace_id, 0, contact_id, Purpose.PREFERENCE))}/address"
        status, headers, content = _seen(Client().post(page, {"address": person(shop)}))
        answers.add((status, headers, content.replace(page.split("/")[2].encode(), b"")))
    assert len(answers) == 1


def test_a_sign_in_says_the_same_of_an_account_that_is_not_there(shop):
    at_desk(shop)
    answers = set()
    for login in (_account_of(shop), an_address()):
        client = Client()
        answer = client.post("/accounts/login/", {"login": login, "password": "Not the right one 1"})
        page = answer.content.decode()
        assert login in page  # what was typed stays
        answers.add((answer.status_code, _without_tokens(page.replace(login, ""))))
    assert len(answers) == 1


def _account_of(shop):
    return accounts.staff(shop.workspace_id)[0].email


def _without_tokens(page):
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]*', r"\1", page)


def _seen(answer):
    """All that whoever asked can see, but the length of a body, which is the body's."""
    headers = tuple(sorted((name, value) for name, value in answer.headers.items()))
    return answer.status_code, headers, answer.content


class Afternoon:
    """A clock that moves only while somebody works or waits."""

    def __init__(self):
        self.at = 0.0

    def now(self):
        return self.at

    async def rest(self, seconds):
        self.at += seconds


PIECES = 3  # of the request


def answered_after(seconds, *, even=True, path="/f/shop/join", method="POST", piece_seconds=0.0):
    """When the answer begins to leave, counted from the last byte of the request; it takes `seconds`."""
    clock, came, left = Afternoon(), [], []

    async def works(_scope, receive, send):
        while (await receive())["more_body"]:
            pass
        clock.at += seconds
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"thanks"})

    async def receive():
        clock.at += piece_seconds
        came.append(clock.at)
        return {"type": "http.request", "body": b"", "more_body": len(came) < PIECES}

    async def send(message):
        left.append((clock.at, message["type"]))

    app = EvenAnswers(works, now=clock.now, rest=clock.rest) if even else works
    asyncio.run(app({"type": "http", "method": method, "path": path}, receive, send))
    assert [kind for _, kind in left] == ["http.response.start", "http.response.body"]
    return round(left[0][0] - came[-1], 6)


def test_10000_answers_to_strangers_and_to_readers_leave_at_the_same_times():
    """A stranger's request takes longer than a reader's; the two samples would tell them apart at once."""
    chance = Random(20261126)
    strangers = [chance.uniform(0.030, 0.200) for _ in range(SAMPLES // 2)]
    readers = [chance.uniform(0.008, 0.060) for _ in range(SAMPLES // 2)]
    assert _apart(*(list(map(until_answered, each)) for each in (strangers, readers))) == 0
    assert _apart(strangers, readers) > 0.8


def until_answered(seconds):
    return round(seconds + until_next_step(seconds), 9)


def _apart(some, others):
    """The statistic of Kolmogorov and Smirnov: the widest gap between two distributions, 0 to 1."""
    at = sorted({*some, *others})
    below = [_shares_below(each, at) for each in (some, others)]
    return max(abs(one - other) for one, other in zip(*below, strict=True))


def _shares_below(sample, at):
    ordered = sorted(sample)
    return [bisect_right(ordered, moment) / len(ordered) for moment in at]


@pytest.mark.parametrize(
    ("works", "steps"), [(0.0, 1), (0.01, 1), (0.999, 1), (1.0, 1), (1.001, 2), (3.6, 4)]
)
def test_an_answer_leaves_at_the_next_step_of_its_clock(works, steps):
    assert answered_after(works * STEP_SECONDS) == steps * STEP_SECONDS


def test_how_slowly_a_request_comes_in_moves_the_clock_along():
    assert answered_after(0.01, piece_seconds=0.1) == STEP_SECONDS


@pytest.mark.parametrize(
    ("path", "method"), [("/f/shop/join", "GET"), ("/o/token", "POST"), ("/nowhere", "POST")]
)
def test_what_names_nobody_is_answered_at_once(path, method):
    assert answered_after(0.01, path=path, method=method) == 0.01
    assert answered_after(0.01, even=False) == 0.01


def test_every_public_page_with_a_field_for_an_address_is_even(shop):
    reader = contact_of(shop, a_known_reader(shop))
    preferences = f"/p/{link(Token(shop.workspace_id, 0, reader, Purpose.PREFERENCE))}"
    pages = [way(shop) for way in WAYS]
    pages += [f"{preferences}/address", "/accounts/login/"]
    for page in pages:
        assert 'type="email"' in Client().get(page).content.decode() or page.endswith("/login/")
        assert even_answers.tells(page)
    named = {resolve(page).url_name for page in pages}
    assert named | {"signup_poster"} == NAMES  # a poster's code leads to the page of its form


def test_the_web_server_has_it_in_front_of_its_doors():
    inside, seen = application, []
    while hasattr(inside, "_application"):
        seen.append(type(inside).__name__)
        inside = inside._application
    assert seen.index("EvenAnswers") < seen.index("Doors")
