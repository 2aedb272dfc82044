"""F41: a server says 250 and drops the mail. What we say is "accepted", and nowhere that it arrived."""

from __future__ import annotations

import re
from dataclasses import fields
from importlib.resources import files

import pytest
from babel.messages.pofile import read_po
from tests.delivery.mailings import launched, outcomes, send_now
from tests.delivery.sink import RunningSink
from tests.people import a_reader, a_shop

from shodaku.delivery import selectors
from shodaku.delivery.domain import Result
from shodaku.delivery.selectors import Progress

PACKAGE = files("shodaku")
CLAIMS = re.compile(
    r"\bdelivered\b|(?<!may )(?<!may not )\b(has|have|was|were) arrived\b"
    r"|配信完了|配信済|配達済|配達されま|配達しま|送達|届きました"
)
# what came to us: that it arrived we know
OF_MAILS_TO_US = {
    "What you wrote before has arrived. Please write to the desk below if there is more.",
    "Your complaint has arrived.",
    "%(day)s %(time)sに送信者の窓口に届きました。担当者が読むのを待っています。",
}


def every_word():
    """All that a screen, a mail or the command line says in either language, from the one catalogue."""
    with (PACKAGE / "locale/ja/LC_MESSAGES/django.po").open("rb") as file:
        for message in read_po(file):
            for form in (message.id, message.string):
                yield from form if isinstance(form, tuple) else (form,)


def test_f41_no_sentence_in_either_language_says_that_a_mail_of_ours_arrived():
    words = set(every_word())
    assert words >= OF_MAILS_TO_US, "what is excepted here is still said"
    assert [each for each in words if CLAIMS.search(each) and each not in OF_MAILS_TO_US] == []


@pytest.mark.parametrize(
    "said", ["Delivered to 5 people: delivered", "5 mails have arrived", "5通届きました", "配信完了"]
)
def test_f41_a_sentence_that_says_so_would_be_found(said):
    assert CLAIMS.search(said)


def test_f41_what_programs_read_knows_no_such_outcome(database, tmp_path):
    shop = a_shop()
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader])
    with RunningSink() as sink:  # which says 250, and keeps nothing
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    assert outcomes(database, shop, mailing_id)[reader][0] == "accepted"
    assert selectors.progress(shop.workspace_id, mailing_id).accepted == 1
    assert {each.value for each in Result} == {"accepted", "refused", "failed", "uncertain"}
    assert not {each.name for each in fields(Progress)} & {"delivered", "arrived"}
