"""Who has a consent by paper or by an empty mail can show all of it: at the desk, and to a stranger."""

from __future__ import annotations

import hashlib
import json
import time
from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.optout.ways import an_address
from tests.people import a_shop
from tests.signup.forms import a_form, contact_of
from tests.signup.papers import a_batch, keyed, read_off, staff
from tests.signup.test_empty_mail import SERVER, pressed, writes

from shodaku.accounts.domain import Role
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.ledger import verify
from shodaku.signup import services

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - a test is an edge


@pytest.fixture
def shop():
    return a_shop(now=NOW - timedelta(days=90))


@pytest.fixture
def form(shop):
    return a_form(shop, now=NOW - timedelta(days=60))


@pytest.fixture
def on_paper(shop, form):
    _, (sheet_id,) = a_batch(shop, form, now=NOW)
    address = an_address()
    reading = read_off(shop, form, address, signed_on=(NOW - timedelta(days=3)).date())
    keyed(shop, sheet_id, reading, now=NOW)
    keyed(shop, sheet_id, reading, by=1, now=NOW)
    return contact_of(shop, address)


@pytest.fixture
def by_mail(shop, form):
    join = services.open_form_mail(shop.workspace_id, form.form_id, SERVER, staff_id=None, now=NOW)
    address = an_address()
    writes(shop, join, address, now=NOW)
    contact_id = contact_of(shop, address)
    pressed(shop, contact_id, topics=[shop.topic_id])
    return contact_id


def proof(shop, contact_id):
    """What a stranger gets, checked by the program that strangers have; and its files by hash."""
    ledger_services.sequence(shop.workspace_id, now=NOW)
    answer = at_desk(shop, Role.OWNER).post(url(shop, "prove", contact_id), {"file": "json", "attach": "on"})
    keys = ledger.verifier_keys(shop.workspace_id)
    report = verify.check(verify.read_bundle(answer.content), keys, now=int(time.time()))
    files = {digest: b64decode(data) for digest, data in json.loads(answer.content)["attachments"].items()}
    return report, files


def fields_of(shop, contact_id, kind):
    history = ledger.history(shop.workspace_id, contact_id)
    return next(each.fields for each in history if each.kind == kind)


def test_the_proof_of_a_paper_holds_its_scan_its_words_and_the_policy(shop, on_paper):
    report, files = proof(shop, on_paper)
    assert "consent.given" in [each.kind for each in report.entries]
    fields = fields_of(shop, on_paper, "consent.given")
    for name in ("form_sha256", "wording_sha256", "policy_sha256"):
        assert hashlib.sha256(files[fields[name]]).hexdigest() == fields[name]
    assert files[fields["form_sha256"]].startswith((b"\x89PNG", b"\xff\xd8\xff"))
    words = files[fields["wording_sha256"]].decode()
    assert "□ 月刊ショップだより" in words
    assert "この用紙の画像" in words


def test_the_timeline_of_a_paper_leads_to_the_sheet_its_shelf_and_its_scan(shop, form, on_paper):
    page = text_of(at_desk(shop, Role.OWNER).get(url(shop, "contact", on_paper)))
    fields = fields_of(shop, on_paper, "consent.given")
    assert f"letter or paper – {fields['paper']}, 銀座店, {fields['original']}" in page
    (file,) = ledger.files_of(shop.workspace_id, on_paper)
    place = url(shop, "open_file", on_paper, file.evidence_id)
    assert place in page
    opened = at_desk(shop, Role.OWNER).post(place)
    assert hashlib.sha256(opened.content).hexdigest() == fields["form_sha256"]


def test_every_pair_of_eyes_stands_in_the_evidence(shop, on_paper):
    fields = fields_of(shop, on_paper, "consent.given")
    assert [fields["by"], *fields["checked_by"]] == [f"staff:{each}" for each in staff()]


def test_the_proof_of_an_empty_mail_holds_the_mail_the_press_and_the_page(shop, by_mail):
    report, files = proof(shop, by_mail)
    kinds = [each.kind for each in report.entries]
    assert kinds.index("consent.requested") < kinds.index("consent.confirmed")
    asked, agreed = (fields_of(shop, by_mail, f"consent.{kind}") for kind in ("requested", "confirmed"))
    for name in ("form_sha256", "wording_sha256", "policy_sha256", "page_sha256"):
        assert asked[name] == agreed[name]
        assert hashlib.sha256(files[agreed[name]]).hexdigest() == agreed[name]


def test_the_timeline_of_an_empty_mail_says_who_vouched_and_then_the_press(shop, by_mail):
    page = text_of(at_desk(shop, Role.OWNER).get(url(shop, "contact", by_mail)))
    sent_to = fields_of(shop, by_mail, "consent.requested")["sent_to"]
    mail = page.index(f"empty mail to the address of a form – {sent_to}, {SERVER}; dmarc=pass")
    assert mail < page.index("sign-up form, confirmed by mail")
