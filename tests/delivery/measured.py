"""People who allow measuring, mailings whose links are counted, and the rows that come of it."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.delivery.mailings import launched, rows, wait_until
from tests.people import a_reader
from tests.signup.forms import link

from shodaku.contacts import services as contacts
from shodaku.kit import db
from shodaku.kit.links import Purpose, Token

TARGETS = (
    "https://shop.example/spring",
    "https://shop.example/商品?q=1&r=2",
    "http://other.example:8080/#top",
)
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


def a_measured_reader(shop, **person):
    contact_id = a_reader(shop, **person)
    with db.transaction(shop.workspace_id):
        contacts.allow_measuring(contact_id, datetime.now(UTC))  # noqa: TID251 - a test is an edge
    return contact_id


def a_mailing(shop, people, *, links=TARGETS, **changes):
    return launched(shop, people, links=links, **changes)


def a_token(shop, mailing_id, contact_id, purpose=Purpose.DELIVERY):
    return link(Token(shop.workspace_id, mailing_id, contact_id, purpose))


def click_path(shop, mailing_id, contact_id, number=0):
    return f"/c/{a_token(shop, mailing_id, contact_id)}/{number}"


def pixel_path(shop, mailing_id, contact_id):
    return f"/p/{a_token(shop, mailing_id, contact_id)}.gif"


def hits(databases, shop, mailing_id):
    """(contact, link, actor), in the order in which they were written."""
    return rows(
        databases,
        shop,
        "select contact_id, link, actor from hit where mailing_id = %(mailing)s order by hit_no",
        mailing=mailing_id,
    )


def wait_for_hits(databases, shop, mailing_id, count):
    return wait_until(
        lambda: found if len(found := hits(databases, shop, mailing_id)) >= count else None, seconds=30
    )
