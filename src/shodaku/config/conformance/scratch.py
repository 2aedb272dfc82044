"""A workspace for one case: a shop called A, made by the product's own services and gone after the case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Final, NoReturn
from urllib.parse import urlsplit

from django.test import Client

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Sender
from shodaku.consent import services as consent
from shodaku.consent.domain import Frequency, Period
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, parse_email, parse_phone
from shodaku.kit import clock, db, runtime
from shodaku.ledger import services as ledger
from shodaku.suppression import services as suppression

SENDER_A: Final = Sender(
    sender_id=0,
    formal_name="株式会社A",
    display_name="A",
    postal_address="東京都千代田区丸の内1-1-1",
    contact_email="info@a.example",
    contact_phone="03-0000-0000",
    contact_url="https://a.example/contact",
    from_address="news@a.example",
    mail_domain="a.example",
    responsible_person="山田太郎",
    sales_terms_url="https://a.example/terms",
    privacy_policy_version="v1",
    privacy_policy="個人情報は、選ばれた案内を送るためだけに使います。",
)
_sql = db.Statements("shodaku.config.conformance")
_OFTEN: Final = Frequency(100, Period.DAY)  # what no case reaches by itself


class _Over(Exception):
    """Carries the end of a case out of its transaction, so that nothing of it stays."""


@dataclass
class Scratch:
    """What the parts of the runner share. Topics and contacts are made when a case first names them."""

    workspace_id: int
    slug: str
    now: datetime
    sender_id: int
    topics: dict[str, int] = field(default_factory=dict)

    def topic(self, slug: str, *, sender_id: int | None = None, double_opt_in: bool = True) -> int:
        if slug not in self.topics:
            self.topics[slug] = consent.create_topic(
                self.workspace_id,
                consent.NewTopic(
                    slug=f"topic-{len(self.topics)}",
                    name=slug,
                    name_en=slug,
                    content=slug,
                    purpose="marketing",
                    frequency=_OFTEN,
                    sender_id=sender_id or self.sender_id,
                    double_opt_in=double_opt_in,
                ),
                now=self.now,
            )
        return self.topics[slug]

    def contact(self, *, email: str | None = None, phone: str | None = None) -> int:
        """A person with this address, who agreed to nothing."""
        (contact_id,) = contacts.reserve_ids(1)
        ledger.ensure_keys(self.workspace_id, [contact_id])
        address = self._email(email or "a@example.jp") if phone is None else self._number(Channel.SMS, phone)
        with db.transaction(self.workspace_id):
            new = contacts.NewContact(contact_id=contact_id, address=address, source="staff", search_key="")
            return contacts.remember(new, now=self.now)

    def another_sender(self, sender: Sender) -> int:
        return accounts.save_sender(self.workspace_id, replace(sender, sender_id=0), now=self.now)

    def pretend_from(self, sender_id: int, address: str) -> None:
        """A From address that no page of ours would have taken: somebody wrote it past the product."""
        _sql.run("pretend_from", sender_id=sender_id, from_address=address)

    def reachable_by_phone(self, contact_id: int, channel: Channel, number: str) -> None:
        """The same person has a telephone or a fax."""
        with db.transaction(self.workspace_id):
            contacts.add_address(contact_id, self._number(channel, number), now=self.now)

    @cached_property
    def browser(self) -> Client:
        """Requests go through the real views and their middleware, in this process and transaction."""
        return Client(HTTP_HOST=urlsplit(runtime.current().public_url).netloc, raise_request_exception=False)

    def _email(self, text: str) -> contacts.NewAddress:
        email = parse_email(text)
        pair = suppression.tokens(self.workspace_id, Channel.EMAIL, email.address)
        return contacts.NewAddress(
            Channel.EMAIL, email.address, email.key, email.wire, pair.strict, pair.broad, pair.epoch
        )

    def _number(self, channel: Channel, text: str) -> contacts.NewAddress:
        number = parse_phone(text).e164
        pair = suppression.tokens(self.workspace_id, channel, number)
        return contacts.NewAddress(channel, number, number, number, pair.strict, pair.broad, pair.epoch)


@contextmanager
def scratch(workspace_id: int, slug: str, now: datetime, sender: Sender = SENDER_A) -> Iterator[Scratch]:
    """Everything a case does happens in one transaction that is rolled back; the clock stands at `now`."""
    try:
        with clock.standing_at(now), suppression.silently(), db.transaction(workspace_id):
            sender_id = accounts.save_sender(workspace_id, sender, now=now)
            yield Scratch(workspace_id, slug, now, sender_id)
            _undo()
    except _Over:
        return


def _undo() -> NoReturn:
    raise _Over
