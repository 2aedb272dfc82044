"""Behind the link of the question: a page to read, and one button that acts."""

from __future__ import annotations

import dataclasses

import pytest
from django.test import Client
from tests.journeys.clocks import A_DAY, LONG_AGO, NOW, a_silent_reader, ask_token, asked, newest
from tests.people import a_shop
from tests.signup.forms import link

from shodaku.journeys import services
from shodaku.journeys.domain import State
from shodaku.kit import runtime
from shodaku.kit.links import Purpose, Token

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop(LONG_AGO)


@pytest.fixture
def question(shop):
    return asked(shop, a_silent_reader(shop))


def text_of(answer):
    return answer.content.decode()


def test_the_page_says_what_goes_on_and_by_when_to_answer(shop, question):
    answer = Client().get(f"/ask/{ask_token(shop, question)}")
    page = text_of(answer)
    assert answer.status_code == 200
    assert "月刊ショップだより" in page
    assert "週4回まで" in page
    assert "株式会社あおい雑貨" in page
    assert page.count("<form") == 1
    assert "続ける</button>" in page
    assert answer.cookies == {}
    assert "no-store" in answer["Cache-Control"]
    assert newest(shop, question.contact_id).state == State.ASKED


def test_the_button_renews_and_gives_a_receipt(shop, question):
    page = text_of(Client().post(f"/ask/{ask_token(shop, question)}?lang=en"))
    assert "Thank you. It goes on." in page
    assert "Monthly shop news" in page or "月刊ショップだより" in page
    assert newest(shop, question.contact_id).state == State.ANSWERED
    again = text_of(Client().post(f"/ask/{ask_token(shop, question)}?lang=en"))
    assert "You answered before." in again
    opened = text_of(Client().get(f"/ask/{ask_token(shop, question)}?lang=en"))
    assert "You answered before." in opened


def test_after_the_term_the_page_says_that_it_is_over(shop, question):
    services.end_unanswered(shop.workspace_id, now=NOW + 31 * A_DAY)
    for method in ("get", "post"):
        page = text_of(getattr(Client(), method)(f"/ask/{ask_token(shop, question)}?lang=en"))
        assert "There is nothing to continue" in page


@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.ASK])
def test_a_link_of_another_purpose_opens_nothing(shop, question, purpose):
    other = link(Token(shop.workspace_id, question.reconfirmation_id, question.contact_id, purpose))
    for method in ("get", "post"):
        assert "This link cannot be used" in text_of(getattr(Client(), method)(f"/ask/{other}?lang=en"))
    assert newest(shop, question.contact_id).state == State.ASKED


def test_a_link_about_nobody_opens_nothing(shop, question):
    other = link(Token(shop.workspace_id, question.reconfirmation_id + 999, question.contact_id, Purpose.ASK))
    assert "This link cannot be used" in text_of(Client().post(f"/ask/{other}?lang=en"))


def test_while_the_vault_is_away_the_page_says_so_and_nothing_changes(shop, question):
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        answer = Client().post(f"/ask/{ask_token(shop, question)}?lang=en")
    assert answer.status_code == 503
    assert "This cannot be recorded at the moment." in text_of(answer)
    assert newest(shop, question.contact_id).state == State.ASKED
