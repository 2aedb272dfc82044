"""Whoever agreed, by whichever way: it stands whole on the timeline, and in the proof for a stranger.

特定電子メール法施行規則4条; each of the eight ways in from the first page to the file for a stranger.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client, override_settings
from tests.api.test_api import a_key
from tests.console.desk import at_desk, text_of, url
from tests.console.test_asking_for_permission import cards, launch, mailing_of, written
from tests.delivery.mailings import send_now
from tests.delivery.sink import RunningSink
from tests.optout.ways import an_address
from tests.people import a_shop
from tests.signup.forms import HERE, a_form, confirm_token, contact_of, posted
from tests.signup.papers import a_batch, keyed, read_off
from tests.signup.test_desks import opened, press
from tests.signup.test_empty_mail import SERVER, pressed, writes
from tests.signup.test_proofs_of_paper_and_mail import proof
from tests.signup.test_services import a_single_topic

from shodaku.accounts.domain import Role
from shodaku.api.domain import Scope
from shodaku.consent import selectors as consents
from shodaku.consent.domain import REQUIRED, Method
from shodaku.ledger import selectors as ledger
from shodaku.signup import services

NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - a test is an edge
SCREEN = {"app": "Aoi", "app_version": "3.2.1", "screen": "設定 > お知らせ"}
# parts that stand in an entry under another name, or in its parts
NAMES = {"purposes": "purpose"}


@dataclass
class Place:
    shop: object
    form: object
    single: int  # a topic that asks nobody by mail
    database: object
    home: object  # of a worker


@pytest.fixture
def here(database, tmp_path):
    shop = a_shop(now=NOW - timedelta(days=90))
    single = a_single_topic(shop)
    form = a_form(shop, topic_ids=(shop.topic_id, shop.other_topic_id, single), now=NOW - timedelta(days=60))
    with override_settings(SIGNUP_FORM_SECONDS_MIN=0):
        yield Place(shop, form, single, database, tmp_path)


def confirmed(here, address):
    token = confirm_token(here.shop, contact_of(here.shop, address))
    assert Client().post(f"/confirm/{token}", {"answer": "confirm"}, headers=HERE).status_code == 200
    return address


def by_web_single(here):
    address = an_address()
    posted(here.shop, Client(), topics=[str(here.single)], email=address)
    return address


def by_web_double(here):
    address = an_address()
    posted(here.shop, Client(), email=address)
    return confirmed(here, address)


def by_empty_mail(here):
    join = services.open_form_mail(here.shop.workspace_id, here.form.form_id, SERVER, staff_id=None, now=NOW)
    address = an_address()
    writes(here.shop, join, address, now=NOW)
    pressed(here.shop, contact_of(here.shop, address), topics=[here.shop.topic_id])
    return address


def by_paper(here):
    _, (sheet_id,) = a_batch(here.shop, here.form, now=NOW)
    address = an_address()
    reading = read_off(here.shop, here.form, address, signed_on=(NOW - timedelta(days=3)).date())
    keyed(here.shop, sheet_id, reading, now=NOW)
    keyed(here.shop, sheet_id, reading, by=1, now=NOW)
    return address


def by_desk(here):
    _, path = opened(here.shop)
    address = an_address()
    assert press(path, address, here.single).status_code == 303
    return address


def by_desk_and_mail(here):
    _, path = opened(here.shop)
    address = an_address()
    assert press(path, address, here.shop.topic_id).status_code == 303
    return confirmed(here, address)


def by_card_and_request(here):
    """The card allows one mail, and this mail leads to the form on which the person agrees."""
    address = an_address()
    batch_id = cards(here.shop, f"メール,氏名\n{address},山田 一\n")
    campaign_id = written(here.shop, batch_id, here.form)
    launch(here.shop, campaign_id)
    with RunningSink() as sink:
        send_now(here.database, here.shop, mailing_of(here.shop, campaign_id), sink.port, home=here.home)
    (mail,) = sink.arrived
    assert mail.recipient == address
    posted(here.shop, Client(), email=address)
    return confirmed(here, address)


def by_app(here):
    key, address = a_key(here.shop, Scope.CONSENTS_WRITE, Scope.CONSENTS_READ), an_address()

    def call(path, body):
        headers = {"authorization": f"Bearer {key}", "idempotency-key": uuid.uuid4().hex}
        return Client().post(f"/api/v1/{path}", body, "application/json", headers=headers)

    wording = call(
        "app-wordings", {"text": "あおい雑貨から、選んだ案内をメールで受け取ります。目的：商品の案内。"}
    )
    body = {"address": address, "topics": ["single"], "wording": wording.json()["version"], **SCREEN}
    assert call("consents/on", body).status_code < 300
    return address


# the way in, the method of the consent, and what the timeline says of it
WAYS = {
    "web": (by_web_single, Method.WEB_SINGLE, "sign-up form"),
    "web, confirmed by mail": (by_web_double, Method.WEB_DOUBLE, "sign-up form, confirmed by mail"),
    "empty mail": (by_empty_mail, Method.WEB_DOUBLE, "empty mail to the address of a form"),
    "paper": (by_paper, Method.PAPER, "letter or paper"),
    "desk": (by_desk, Method.EVENT_DESK, "form on a tablet at a desk – 東京見本市2026, A-2"),
    "desk, confirmed by mail": (by_desk_and_mail, Method.EVENT_DESK, "form on a tablet at a desk"),
    "card and request": (by_card_and_request, Method.WEB_DOUBLE, "sign-up form, confirmed by mail"),
    "app": (by_app, Method.APP, "settings of the app"),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_consent_of_each_way_is_whole_on_the_timeline_and_in_the_proof(here, way):
    come_in, method, words = WAYS[way]
    contact_id = contact_of(here.shop, come_in(here))
    (held,) = consents.held(here.shop.workspace_id, contact_id)
    assert held.state == "active"

    entry = _entry(here, contact_id, held.entry_id)
    assert entry.fields["method"] == method
    assert _missing(entry.fields, method) == []

    page = text_of(at_desk(here.shop, Role.OWNER).get(url(here.shop, "contact", contact_id)))
    assert words in page
    assert str(held.entry_id) in page

    report, files = proof(here.shop, contact_id)
    assert report.gapless
    (shown,) = [each for each in report.entries if each.values["n"] == entry.fields["n"]]
    assert _missing(shown.values, method) == []
    assert shown.values.items() <= entry.fields.items()
    assert entry.fields.keys() - shown.values.keys() <= {"ip", "browser"}  # nobody's business but theirs
    assert _unattached(entry.fields, files) == []


def test_the_card_itself_stands_beside_the_consent_that_came_of_it(here):
    contact_id = contact_of(here.shop, by_card_and_request(here))
    page = text_of(at_desk(here.shop, Role.OWNER).get(url(here.shop, "contact", contact_id)))
    assert page.index("展示会の受付") < page.index("sign-up form, confirmed by mail")
    (basis,) = consents.bases(here.shop.workspace_id, contact_id)
    assert basis.kind == "business_card"


def _entry(here, contact_id, entry_id):
    history = ledger.history(here.shop.workspace_id, contact_id)
    return next(each for each in history if each.entry_id == entry_id)


def _missing(fields, method):
    """Parts of its set that the entry does not hold (LAW.md section 7), address and time among them."""
    wanted = [NAMES.get(name, name) for name in REQUIRED[method]]
    return [name for name in ("at", "address", "channel", *wanted) if not fields.get(name)]


def _unattached(fields, files):
    """Words, policy and page that the file for a stranger does not hold, or not as they were."""
    hashes = {name: fields[name] for name in fields if name.endswith("_sha256")}
    assert {"wording_sha256", "policy_sha256"} <= hashes.keys()
    return [
        name
        for name, digest in hashes.items()
        if digest not in files or hashlib.sha256(files[digest]).hexdigest() != digest
    ]
