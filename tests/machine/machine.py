"""People agree, refuse, are imported, united, erased; the database is put back and keys turn: in any order.

After every step each person is asked about at the product's own gate. See README.md for what must hold.
"""

from __future__ import annotations

import io
import os
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.machine.house import LATE, House, link
from tests.machine.model import TOPICS, Person, World
from tests.people import Shop, a_shop
from tests.signup.forms import EVIDENCE, a_form, contact_of

from shodaku.config import explain
from shodaku.config.pepper_rotation import rotate_pepper
from shodaku.consent.domain import Method
from shodaku.erasure import selectors as erasures
from shodaku.erasure import services as erasure
from shodaku.imports import services as imports
from shodaku.imports.domain import Basis
from shodaku.kit import db
from shodaku.kit.links import Purpose, Token
from shodaku.ledger import sequencing
from shodaku.ledger import services as ledger_services
from shodaku.optout import services as optout
from shodaku.optout import tending
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.signup import selectors as signups
from shodaku.signup import services as signup
from shodaku.signup.domain import Confirmed, SignupRequest, Typed, parse_signup
from shodaku.suppression import selectors as suppressions

PEOPLE = 3
STEP = timedelta(days=11)  # so that a person may be asked again: three questions in thirty days
START = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)

people = st.integers(0, PEOPLE - 1)
topics = st.lists(st.sampled_from(TOPICS), min_size=1, max_size=2, unique=True)
SPELLINGS = {
    "as it is": lambda address: address,
    "capitals": str.upper,
    "wide": lambda address: address.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
    "mailto": lambda address: f"mailto:<{address}>",
    "spaces": lambda address: f"  {address}　",
}
ON_LISTS = SPELLINGS | {"tag": lambda address: address.replace("@", "+shop@")}
spellings = st.sampled_from(sorted(SPELLINGS))
BEGINNINGS = ("unknown", "agreed", "refused")  # the last one by telephone, and asked without confirming


@dataclass
class Copy:
    number: int
    world: World
    shop: Shop


class Machine(RuleBasedStateMachine):
    house: House  # set by whoever runs it

    @initialize(begun=st.lists(st.sampled_from(BEGINNINGS), min_size=PEOPLE, max_size=PEOPLE))
    def open_the_shop(self, begun: list[str]) -> None:
        """Where nobody is written to, or refuses before we know them, there is little to break."""
        self.house.begin()
        self.now = START
        self.nonce = uuid.uuid4().hex[:8]
        self.shop = a_shop(self.now)
        a_form(self.shop, now=self.now)
        self.world = World(
            [Person(f"canary{self.nonce}{n}@example.jp", f"Canary{self.nonce}{n}") for n in range(PEOPLE)]
        )
        self.copies: list[Copy] = []
        self.rotations = 0
        self.turned_back = False
        for who, how in enumerate(begun):
            if how == "refused":
                self._telephone(who, "as it is")
            if how != "unknown":
                self._ask(who, [*TOPICS], "as it is", "confirms" if how == "agreed" else "forgets")

    # --- what people do

    @rule(who=people, chosen=topics, spelling=spellings, then=st.sampled_from(["confirms", "forgets"]))
    def asks(self, who: int, chosen: list[str], spelling: str, then: str) -> None:
        """The form, and perhaps the button behind its mail: the one act that opens anything again."""
        self._ask(who, chosen, spelling, then)

    def _ask(self, who: int, chosen: list[str], spelling: str, then: str) -> None:
        self._on()
        person, form = self.world.people[who], signups.form(self.shop.workspace_id, "join")
        shown = signups.shown(self.shop.workspace_id, form.form_id, form.version, "ja")
        ids = {"news": self.shop.topic_id, "sale": self.shop.other_topic_id}
        typed = Typed(
            email=SPELLINGS[spelling](person.address),
            name=person.name,
            topics=tuple(str(ids[topic]) for topic in chosen),
        )
        request = parse_signup(typed, shown)
        assert isinstance(request, SignupRequest), request
        signup.request_signup(request, EVIDENCE, self.now)
        contact_id = self._contact(person)
        if contact_id is None:
            return
        person.known_at = self.now
        asked = signups.requests_of(self.shop.workspace_id, contact_id)
        if then == "forgets" or not asked:
            return
        token = link(Token(self.shop.workspace_id, asked[0].request_id, contact_id, Purpose.CONFIRMATION))
        self.now += timedelta(hours=1)
        answer = signup.confirm_signup(token, EVIDENCE, self.now)
        if isinstance(answer, Confirmed):
            self.world.yes(who, chosen, self.now)

    @rule(
        who=people,
        scope=st.sampled_from(["all", "topic", "until", "all again"]),
        topic=st.sampled_from(TOPICS),
    )
    def refuses(self, who: int, scope: str, topic: str) -> None:
        self._on()
        contact_id = self._contact(self.world.people[who])
        if contact_id is None:
            return
        ids = {"news": self.shop.topic_id, "sale": self.shop.other_topic_id}
        match scope:
            case "topic":
                self._stop(contact_id, OptOutScope.TOPIC, topic_id=ids[topic])
                self.world.no_to_topic(who, topic, self.now)
            case "until":
                until = self.now + timedelta(days=40)
                self._stop(contact_id, OptOutScope.UNTIL, until=until)
                self.world.pause(who, until, self.now)
            case _:
                first = self._stop(contact_id, OptOutScope.ALL)
                if scope == "all again":
                    assert self._stop(contact_id, OptOutScope.ALL) == first, "a no said twice is one no"
                self.world.no(who, self.now)

    @rule(who=people)
    def refuses_in_the_instant_of_agreeing(self, who: int) -> None:
        """P13: a tie refuses."""
        person = self.world.people[who]
        contact_id, agreed = self._contact(person), max(person.yes_to.values(), default=None)
        if contact_id is None or agreed is None or agreed < self.now:
            return
        self._stop(contact_id, OptOutScope.ALL, at=agreed)
        self.world.no(who, agreed)

    @rule(who=people, spelling=spellings)
    def telephones(self, who: int, spelling: str) -> None:
        """Somebody whom nobody knows here may refuse as well."""
        self._telephone(who, spelling)

    def _telephone(self, who: int, spelling: str) -> None:
        self._on()
        person = self.world.people[who]
        address = SPELLINGS[spelling](person.address)
        optout.stop_for(self.shop.workspace_id, address, Method.TELEPHONE, by="staff:1", now=self.now)
        self.world.no(who, self.now)

    @rule(who=people)
    def wants_to_be_forgotten(self, who: int) -> None:
        self._want_to_be_forgotten(who)

    def _want_to_be_forgotten(self, who: int) -> None:
        """By both of their addresses, if a list gave them another: nobody here knows that it is theirs."""
        self._on()
        person = self.world.people[who]
        if self._contact(person) is None:
            return
        for address in (person.address, ON_LISTS["tag"](person.address)):
            contact_id = contact_of(self.shop, address)
            if contact_id is not None:
                self._stop(contact_id, OptOutScope.ERASE)
        self._forget_all()
        self.world.erase(who, self.now)

    # --- what staff does, by mistake or not

    @rule(who=people, spelling=st.sampled_from(sorted(ON_LISTS)), topic=st.sampled_from(TOPICS))
    def a_list_is_brought_in(self, who: int, spelling: str, topic: str) -> None:
        self._bring_in(who, spelling, topic)

    def _bring_in(self, who: int, spelling: str, topic: str) -> None:
        self._on()
        person = self.world.people[who]
        ids = {"news": self.shop.topic_id, "sale": self.shop.other_topic_id}
        order = imports.ImportOrder(
            file_name="list.csv",
            basis=Basis.CONSENT,
            evidence="店頭の申込書 12番の棚",
            wording="株式会社あおい雑貨から新商品の案内をメールで受け取ります",
            evidence_on=self.now.date() - timedelta(days=1),
            confirmed=True,
            topic_id=ids[topic],
        )
        known = self._contact(person) is not None
        rows = f"メール,氏名\n{ON_LISTS[spelling](person.address)},{person.name}\n".encode()
        imports.bring_in(
            self.shop.workspace_id, io.BytesIO(rows), order, dry_run=False, staff_id=None, now=self.now
        )
        if self._contact(person) is not None and not known:
            person.known_at = self.now
        if spelling != "tag":
            person.told.add(topic)

    @rule(one=people, other=people)
    def two_contacts_are_one_person(self, one: int, other: int) -> None:
        self._on()
        ids = [self._contact(self.world.people[each]) for each in (one, other)]
        if one == other or None in ids:
            return
        optout.unite(self.shop.workspace_id, *ids, by="staff:1", now=self.now)
        self.world.unite(one, other, self.now)

    # --- what happens to installations

    @precondition(lambda self: len(self.copies) < 2)
    @rule()
    def the_database_is_copied(self) -> None:
        self.copies.append(Copy(self.house.copy(), self.world.copy(), self.shop))

    @precondition(lambda self: self.copies)
    @rule(data=st.data())
    def the_database_is_put_back(self, data: st.DataObject) -> None:
        """By hand. Until it was told the rest, the gate is shut, whatever its own row says."""
        self._on()
        self._put_back(data.draw(st.sampled_from(self.copies)))

    @rule(who=people, what=st.sampled_from(["agrees", "telephones", "is forgotten"]), listed=st.booleans())
    def a_day_is_lost(self, who: int, what: str, *, listed: bool) -> None:
        """Somebody acts between the copy of the night and the loss; staff brings its list in once more."""
        copy = Copy(self.house.copy(), self.world.copy(), self.shop)
        match what:
            case "agrees":
                self._ask(who, [*TOPICS], "as it is", "confirms")
            case "telephones":
                self._telephone(who, "as it is")
            case _:
                self._want_to_be_forgotten(who)
        self._put_back(copy)
        if listed:
            self._bring_in(who, "as it is", TOPICS[0])

    def _put_back(self, copy: Copy) -> None:
        self.house.put_back(copy.number)
        behind = tending.compare().behind(self.now + LATE)
        self.world = self.world.restored(copy.world)
        if behind:
            self.turned_back = True
        tending.catch_up(self.now + LATE)
        assert suppressions.fence().state == "open", "everything was told, and the gate opens again"

    @precondition(lambda self: self.rotations < 3)
    @rule()
    def the_pepper_turns(self) -> None:
        """P7: no answer of the gate changes."""
        self._on()
        before = self._answers()
        rotate_pepper(by="test", now=self.now)
        self.rotations += 1
        assert self._answers() == before

    # --- what must hold after every step

    @invariant()
    def nobody_is_written_to_who_said_no(self) -> None:
        for number, person in enumerate(getattr(self, "world", World([])).people):
            for topic in TOPICS:
                may = self._may(person, topic)
                expected = person.may(topic, self.now)
                if expected is False:
                    assert not may, f"person {number} said no to {topic}, and the gate lets it out"
                if expected is True:
                    assert may, f"person {number} agreed to {topic}, and the gate keeps it"

    @invariant()
    def nothing_is_left_of_who_was_forgotten(self) -> None:
        if not hasattr(self, "world"):
            return
        gone = [person for person in self.world.people if person.gone]
        if not gone:
            return
        everything = self.house.everything(self.shop.workspace_id) + self.house.files()
        for person in gone:
            local = person.address.partition("@")[0]
            assert local not in everything.lower(), "the address of somebody who was forgotten is there"

    @invariant()
    def the_log_agrees(self) -> None:
        if not hasattr(self, "world"):
            return
        taken = sequencing.sequence(self.shop.workspace_id, now=self.now, believed=self.turned_back)
        self.turned_back = self.turned_back and not taken  # as `shodaku ledger continue` goes on, once

    def teardown(self) -> None:
        if hasattr(self, "world"):
            assert ledger_services.audit(self.shop.workspace_id, now=self.now).consistent

    # --- how

    def _on(self) -> None:
        self.now += STEP

    def _contact(self, person: Person) -> int | None:
        return contact_of(self.shop, person.address)

    def _stop(self, contact_id: int, scope: OptOutScope, at: datetime | None = None, **what: object) -> str:
        request = OptOut(
            workspace_id=self.shop.workspace_id, contact_id=contact_id, scope=scope, via=Method.PAGE, **what
        )
        return optout.opt_out(request, at or self.now).number

    def _forget_all(self) -> None:
        with db.transaction(self.shop.workspace_id) as connection:
            rows = connection.execute(
                "select erasure_id, contact_id from erasure where state <> 'certified'"
            ).fetchall()
        for erasure_id, contact_id in rows:
            erasure.forget(
                self.shop.workspace_id, erasure_id, now=self.now, event_id=uuid.UUID(bytes=os.urandom(16))
            )
            erasure.forget_late_results(self.shop.workspace_id, contact_id)
            assert erasures.remains(self.shop.workspace_id, contact_id) == {}

    def _may(self, person: Person, topic: str) -> bool:
        ids = {"news": self.shop.topic_id, "sale": self.shop.other_topic_id}
        answer = explain.explain(self.shop.workspace_id, person.address, ids[topic], now=self.now)
        return answer.may

    def _answers(self) -> list[bool]:
        return [self._may(person, topic) for person in self.world.people for topic in TOPICS]
