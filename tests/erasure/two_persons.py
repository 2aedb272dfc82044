"""Those who open something sealed, and somebody erased of whom something is kept."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

from tests.erasure.test_sealing import NOW, a_reader_of_mails, an_address, erase
from tests.people import a_shop

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.contacts.domain import Channel
from shodaku.erasure import services
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.ledger import verify

REASON = "所轄庁からの照会 第12号への回答"


@dataclass(frozen=True, slots=True)
class Desk:
    """A shop, an address of somebody it erased, and three who may open what is sealed of them."""

    shop: object
    address: str
    asker: int
    second: int
    third: int

    @property
    def workspace_id(self):
        return self.shop.workspace_id

    def ask(self, *, address=None, by=None, reason=REASON, at=NOW):
        return services.ask_unsealing(
            self.workspace_id, Channel.EMAIL, address or self.address, reason, by=by or self.asker, now=at
        )

    def approve(self, number, *, by=None, at=NOW):
        services.approve_unsealing(self.workspace_id, number, by=by or self.second, now=at)

    def decline(self, number, *, by=None, at=NOW):
        services.decline_unsealing(self.workspace_id, number, by=by or self.second, now=at)

    def open(self, number, *, by=None, at=NOW):
        return services.open_sealed(self.workspace_id, number, by=by or self.asker, now=at)

    def approved(self, *, at=NOW):
        (number,) = self.ask(at=at)
        self.approve(number, at=at)
        return number


def somebody(shop, role=Role.COMPLIANCE):
    """Who works here and never signs in: a password takes its time to be hashed."""
    from shodaku.accounts.models import Staff

    email = f"{role}-{uuid.uuid4().hex[:8]}@aoi.example"
    staff = Staff.objects.create(email=email, name="森 美咲", created_at=NOW)
    accounts.join(shop.workspace_id, staff.id, role, now=NOW)
    return staff.id


def a_desk():
    shop, address = a_shop(), an_address()
    erase(shop, a_reader_of_mails(shop, address))
    ledger_services.sequence_all(shop.workspace_id, now=NOW)
    return Desk(shop, address, somebody(shop), somebody(shop, Role.OWNER), somebody(shop))


def checked(shop, bundle):
    """What the program that knows nothing of us says about the proof."""
    keys = ledger.verifier_keys(shop.workspace_id)
    return verify.check(verify.read_bundle(bundle.as_json().encode()), keys, now=int(time.time()))
