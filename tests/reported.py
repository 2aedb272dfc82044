"""A campaign as it went: handed over, refused at once, come back later, opted out, complained of, clicked."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from datetime import timedelta

from django.test import Client
from tests.campaigns.test_services import a_draft
from tests.delivery.mailings import send_now
from tests.delivery.measured import a_measured_reader, a_token, wait_for_hits
from tests.delivery.sink import RunningSink
from tests.people import a_reader

from shodaku.campaigns import selectors, services
from shodaku.consent.domain import Method
from shodaku.delivery import services as delivery
from shodaku.delivery.hit_book import HitBook
from shodaku.delivery.visits import PIXEL_LINK, Actor, Hit
from shodaku.kit import clock
from shodaku.kit.links import Purpose, Token
from shodaku.optout import receiving
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope

TEXT = "春 https://shop.example/spring\n夏 https://shop.example/summer\n"
HTML = '<p><a href="https://shop.example/spring">春</a> <a href="https://shop.example/summer">夏</a></p>'


@dataclass(frozen=True, slots=True)
class Went:
    """Contacts by what became of them."""

    campaign_id: int
    mailing_id: int
    unknown: int  # its server knows no such mailbox
    bounced: int
    left: int  # by the link of this mail
    complained: int
    late: int  # said no while it was sent
    lapsed: int  # the consent ended before the launch


def a_campaign_that_went(databases, shop, home, **changes):
    now = clock.now()
    before = now - timedelta(days=1)
    readers = [a_measured_reader(shop, at=before) for _ in range(4)]
    unknown = a_reader(shop, "nobody.here@gmail.com", at=before)
    lapsed = a_reader(shop, at=now - timedelta(days=90), expires_at=now - timedelta(days=1))
    late = a_reader(shop, at=before)
    draft = {"text": TEXT, "html": HTML, "click_links": True, "open_pixel": True, **changes}
    campaign_id = a_draft(shop, **draft)
    counted = services.count(shop.workspace_id, campaign_id, now=now)
    services.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=now)
    mailing_id = selectors.campaign(shop.workspace_id, campaign_id).mailing_id
    optout.opt_out(
        OptOut(workspace_id=shop.workspace_id, contact_id=late, scope=OptOutScope.ALL, via=Method.PAGE),
        clock.now(),
    )
    with RunningSink(on_rcpt=refuses_nobody) as sink:
        send_now(databases, shop, mailing_id, sink.port, home=home)
    follow(databases, shop, mailing_id, readers[:2])
    gone, bounced, complained = readers[1:]
    press(shop, mailing_id, gone)
    delivery.record_bounce(
        shop.workspace_id, bounced, mailing_id, "5.2.2", at_data_end=False, now=clock.now()
    )
    token = Token(shop.workspace_id, mailing_id, complained, Purpose.DELIVERY)
    receiving.complained(shop.workspace_id, token, "abuse", clock.now())
    return Went(campaign_id, mailing_id, unknown, bounced, gone, complained, late, lapsed)


def refuses_nobody(recipient):
    return b"550 5.1.1 User unknown\r\n" if recipient.startswith("nobody.here") else b"250 ok\r\n"


def press(shop, mailing_id, contact_id):
    """The one click of a mail program (RFC 8058)."""
    body = {"List-Unsubscribe": "One-Click"}
    assert Client().post(f"/o/{a_token(shop, mailing_id, contact_id)}", body).status_code == 200


def follow(databases, shop, mailing_id, people):
    """Each the second link and the first of them the pixel, a scanner the first link."""
    book = HitBook(contextlib.nullcontext)
    hits = [(each, 1, Actor.HUMAN) for each in people]
    hits += [(people[0], PIXEL_LINK, Actor.HUMAN), (people[0], 0, Actor.BOT)]
    for contact_id, number, actor in hits:
        book.note(Hit(shop.workspace_id, mailing_id, contact_id, number, actor, time.time() - 60))
    wait_for_hits(databases, shop, mailing_id, len(hits))
    book.close()
