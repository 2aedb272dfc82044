"""A published form of a shop, and somebody who fills it in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from shodaku.kit import db, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.signup import selectors, services
from shodaku.signup.domain import FormDefinition, SignupRequest, Typed, WebEvidence, parse_signup

EVIDENCE = WebEvidence(url="http://testserver/f/shop/join", ip="192.0.2.7", browser="Lynx")
HERE = {"sec-fetch-site": "same-origin"}


def a_form(shop, *, topic_ids=None, now=None, **definition):
    """The form `join`; its version."""
    now = now or datetime.now(UTC) - timedelta(days=1)  # noqa: TID251 - a test is an edge
    form = services.NewForm(slug="join", name="ホームページ", sender_id=shop.sender_id)
    form_id = services.create_form(shop.workspace_id, form, now)
    wanted = {
        "title": "あおい雑貨からのお便り",
        "title_en": "Mail from Aoi Zakka",
        "topic_ids": tuple(topic_ids or (shop.topic_id, shop.other_topic_id)),
        **definition,
    }
    services.publish(shop.workspace_id, form_id, FormDefinition(**wanted), None, now)
    return selectors.form(shop.workspace_id, "join")


def ask(shop, email, *, topic_ids=None, name="", language="ja", now=None):
    """The form is sent; the person's id, or None if nobody was remembered."""
    form = selectors.form(shop.workspace_id, "join")
    shown = selectors.shown(shop.workspace_id, form.form_id, form.version, language)
    typed = Typed(email=email, name=name, topics=tuple(map(str, topic_ids or (shop.topic_id,))))
    request = parse_signup(typed, shown)
    assert isinstance(request, SignupRequest)
    services.request_signup(request, EVIDENCE, now or datetime.now(UTC))  # noqa: TID251 - a test is an edge
    return contact_of(shop, email)


def contact_of(shop, email):
    from shodaku.contacts import selectors as contacts
    from shodaku.contacts.domain import Channel
    from shodaku.suppression import services as suppression

    token = suppression.tokens(shop.workspace_id, Channel.EMAIL, email).strict
    return contacts.claimed(shop.workspace_id, Channel.EMAIL, [token]).get(token)


def newest_request(shop, contact_id):
    return selectors.requests_of(shop.workspace_id, contact_id)[0]


def confirm_token(shop, contact_id, request_id=None):
    request_id = request_id or newest_request(shop, contact_id).request_id
    return link(Token(shop.workspace_id, request_id, contact_id, Purpose.CONFIRMATION))


def link(token):
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    return url_form(keys.make(token))


def mailings(shop, kind=None):
    """The mails that were planned in this shop."""
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute(
            "select mailing_id, kind, subject, text, html, message_class from mailing"
            " where workspace_id = %s order by mailing_id",
            [shop.workspace_id],
        ).fetchall()
    return [row for row in rows if kind in (None, row[1])]


def page_of(shop):
    return f"/f/{shop.slug}/join"


def stamp_in(page):
    return re.search(r'name="stamp" value="([^"]+)"', page)[1]


def posted(shop, client, *, headers=None, stamp=None, **fields):
    """The form is fetched and sent by a browser."""
    stamp = stamp or stamp_in(client.get(page_of(shop)).content.decode())
    body = {"stamp": stamp, "topics": [str(shop.topic_id)], "email": "", "name": "", **fields}
    return client.post(page_of(shop), body, headers=HERE if headers is None else headers)


__all__ = [
    "EVIDENCE",
    "HERE",
    "a_form",
    "ask",
    "confirm_token",
    "contact_of",
    "link",
    "mailings",
    "newest_request",
    "page_of",
    "posted",
    "stamp_in",
]
