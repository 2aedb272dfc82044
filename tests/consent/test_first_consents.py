"""Who became known a moment ago agreed to what his events say, read again or not."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from tests.people import a_contact, a_shop

from shodaku.consent import services
from shodaku.consent.domain import Flaw, Frequency, Method, Period, Terms
from shodaku.consent.services import EventKind, NewEvent
from shodaku.contacts.domain import Channel
from shodaku.kit import db

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")

GIVEN = {"kind": EventKind.GIVEN}
CONFIRMED = {"kind": EventKind.CONFIRMED, "expires_at": NOW + timedelta(days=365)}
NARROW = {"kind": EventKind.GIVEN, "terms": Terms(fewer=Frequency(1, Period.MONTH).limit)}
FLAWED = {"kind": EventKind.CONFIRMED, "flaw": Flaw.TAMPERED}
WITHDRAWN = {"kind": EventKind.WITHDRAWN}


def state_of(workspace_id, contact_id):
    with db.transaction(workspace_id) as connection:
        return connection.execute(
            "select topic_id, channel, state, since, confirmed, expires_at, last_contact_at, entry_id, flaw,"
            " terms, earlier from consent where contact_id = %s order by topic_id, channel",
            [contact_id],
        ).fetchall()


@pytest.mark.parametrize(
    "said", [[GIVEN], [GIVEN, CONFIRMED], [NARROW], [GIVEN, FLAWED], [GIVEN, CONFIRMED, WITHDRAWN, GIVEN]]
)
def test_first_events_lead_to_the_consent_that_the_whole_record_leads_to(said):
    shop = a_shop()
    found = []
    for write in (services.record, services.record_first):
        person = a_contact(shop, f"{uuid.uuid4().hex}@mail.example")
        events = [
            NewEvent(
                contact_id=person,
                topic_id=topic_id,
                channel=Channel.EMAIL,
                method=Method.IMPORT,
                at=NOW + timedelta(hours=place),
                event_id=uuid.UUID(int=place + 1),
                entry_id=17,
                **each,
            )
            for topic_id in (shop.topic_id, shop.other_topic_id)
            for place, each in enumerate(said)
        ]
        with db.transaction(shop.workspace_id):
            write(events)
        found.append(state_of(shop.workspace_id, person))
    assert found[0] == found[1]
    assert len(found[0]) == 2
