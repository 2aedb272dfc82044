"""Of mails that real servers wrote none is taken for a no, and none ends an address without a token."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.optout.ways import desk
from tests.people import a_reader, a_shop
from tests.sendings import sent

from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import AddressError, parse_email
from shodaku.kit import db
from shodaku.optout import services
from shodaku.optout.domain import Bounce, Complaint, Heard, read_mail

FOLDER = Path(os.environ.get("SHODAKU_CORPORA", Path(__file__).parents[3] / "shared" / "corpora")) / "bounces"
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
ENDS = {"crlf": b"\r\n", "cr": b"\r", "lf": b"\n"}

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the collection of bounces is not here (SHODAKU_CORPORA names its folder)"
)


def mails():
    return {file.name: file.read_bytes() for file in sorted((FOLDER / "mails").glob("*"))}


def labels():
    return json.loads((FOLDER / "labels.json").read_text(encoding="utf-8"))


@pytest.fixture
def shop(database):
    return a_shop()


def bounced_addresses():
    """Whom these mails name, as far as they are addresses."""
    for label in labels().values():
        for recipient in label["recipients"]:
            try:
                yield parse_email(recipient["address"] or "").address
            except AddressError:
                continue


def test_strangers_who_send_bounces_and_reports_reach_nobody(shop):
    known = {}
    for address in sorted(set(bounced_addresses()))[:60]:
        known[address] = a_reader(shop, address)
        sent(shop, known[address], NOW - timedelta(hours=1))
    heard = {name: services.receive_mail(shop.workspace_id, raw, NOW) for name, raw in mails().items()}
    assert not {Heard.DISABLED, Heard.COUNTED, Heard.EARLY} & set(heard.values())
    assert {name for name, each in heard.items() if each is Heard.STOPPED} == set()
    assert len(known) > 20
    for contact_id in known.values():
        (address,) = contacts.addresses(shop.workspace_id, contact_id)
        assert address.invalid_at is None
    with db.transaction(shop.workspace_id) as connection:
        assert connection.execute("select count(*) from refusal").fetchone()[0] == 0
        assert connection.execute("select count(*) from suppression").fetchone()[0] == 0
    assert desk(shop)  # reports that name no message of ours are shown to a human


@pytest.mark.parametrize("end", ENDS)
def test_every_mail_reads_the_same_with_any_line_ends(end):
    for name, raw in mails().items():
        lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        assert read_mail(lines.replace(b"\n", ENDS[end])) == read_mail(lines), name


def test_a_report_of_a_spam_button_is_told_from_a_bounce():
    kinds = {name: label["kind"] for name, label in labels().items()}
    for name, raw in mails().items():
        received = read_mail(raw).received
        if isinstance(received, Complaint):
            assert kinds[name] == "feedback", name
        if isinstance(received, Bounce) and any(not each.delivered for each in received.failures):
            assert kinds[name] in ("bounce", "vacation"), name
