"""Somebody of whom nothing was heard for a long time, and the mail that asks whether to go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.people import a_reader
from tests.sendings import leave
from tests.signup.forms import link, mailings

from shodaku.journeys import selectors, services
from shodaku.kit import db
from shodaku.kit.links import Purpose, Token

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
A_DAY = timedelta(days=1)
LONG_AGO = NOW - 400 * A_DAY


def a_silent_reader(shop, **reader):
    return a_reader(shop, **{"at": LONG_AGO, **reader})


def switch_on(shop, *, asks=True, forgets=False):
    return services.choose(shop.workspace_id, asks=asks, forgets=forgets, by="test", now=NOW)


def questions(shop):
    return mailings(shop, "reconfirm")


def asked(shop, contact_id, *, now=NOW, leaves=True):
    """The person is asked, and the mail leaves; the question."""
    switch_on(shop)
    assert services.ask_silent(shop.workspace_id, now=now) == 1
    question = newest(shop, contact_id)
    if leaves:
        leave(shop, contact_id, question.mailing_id, now)
    return question


def newest(shop, contact_id):
    with db.transaction(shop.workspace_id) as connection:
        (reconfirmation_id,) = connection.execute(
            "select max(reconfirmation_id) from reconfirmation where workspace_id = %s and contact_id = %s",
            [shop.workspace_id, contact_id],
        ).fetchone()
    if reconfirmation_id is None:
        return None
    return selectors.reconfirmation(shop.workspace_id, contact_id, reconfirmation_id)


def ask_token(shop, question):
    return link(Token(shop.workspace_id, question.reconfirmation_id, question.contact_id, Purpose.ASK))
