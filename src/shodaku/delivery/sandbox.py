"""The whole path of one message without network and worker: compiled, linted, gated, built, handed over.

For situations of law: it reads by the worker's statements and sends through the engine to a relay that keeps
what it gets. On a channel that has no transport the gate answers and nothing leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shodaku.contacts.domain import Channel
from shodaku.content import selectors as content_known
from shodaku.content.render import Compiled, Recipient, header_date, render
from shodaku.delivery.compiling import compile_mailing
from shodaku.delivery.display import Altered, display_report
from shodaku.delivery.engine import Batch, Build, Candidate, Ports, gate
from shodaku.delivery.facts import (
    FactsRow,
    GateRow,
    Home,
    MailingRow,
    NameRow,
    facts_parameters,
    merge_values,
    message_facts,
    person_facts,
)
from shodaku.delivery.letters import RelayWire
from shodaku.delivery.transports.memory import Left, MemoryRelay
from shodaku.kit import db, runtime
from shodaku.kit.errors import ShodakuError
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys
from shodaku.policy.domain import Facts, MessageFacts, Permit, Verdict, decide

_sql = db.Statements("shodaku.delivery")


class NothingToSend(ShodakuError):
    """There is no such mailing, or nobody to send it to."""

    code = "nothing_to_send"


@dataclass(frozen=True, slots=True)
class HandedOver:
    verdict: Verdict
    facts: Facts
    left: Left | None  # None: nothing left


def hand_over(
    workspace_id: int, mailing_id: int, contact_id: int, *, now: datetime, altered: Altered | None = None
) -> HandedOver:
    """Raises NothingToSend, PackUnknown."""
    with db.transaction(workspace_id):
        mailing = _sql.row("get_mailing", MailingRow, mailing_id=mailing_id)
        if mailing is None:
            raise NothingToSend
        state = _state(mailing)
        compiled = _compiled(mailing, workspace_id)
        names = _sql.rows("lock_contacts", NameRow, contact_ids=[contact_id])
        parameters = facts_parameters(mailing.question, now, state.rules.stale_months)
        rows = _sql.rows("read_facts", FactsRow, contact_ids=[contact_id], **parameters)
    if not names or not rows:
        raise NothingToSend
    display = display_report(mailing, compiled, state, state.rules, altered)
    message = message_facts(mailing.question, mailing, state, display)
    person = person_facts(rows[0], Home.of(state), now)
    candidate = Candidate(person, rows[0].wire or "", merge_values(names[0], rows[0]))
    verdict = decide(Facts(message, person), now)
    left = None if compiled is None else _send(message, candidate, compiled, now)
    if left is not None and not isinstance(verdict, Permit):
        raise AssertionError("the engine sent what the gate refused")
    return HandedOver(verdict, Facts(message, person), left)


def _state(mailing: MailingRow) -> GateRow:
    parameters = {"topic_id": mailing.topic_id, "sender_id": mailing.sender_id}
    state = _sql.row("get_gate_state", GateRow, mailing_id=mailing.mailing_id, **parameters)
    if state is None:
        raise NothingToSend
    return state


def _compiled(mailing: MailingRow, workspace_id: int) -> Compiled | None:
    if Channel(mailing.channel) is not Channel.EMAIL:
        return None
    here = runtime.current()
    links = LinkKeys(here.ring(KeyPurpose.LINK).epochs)
    files = content_known.files_of(workspace_id, mailing.mailing_id)
    return compile_mailing(mailing, workspace_id, links, here.public_url, files=files)


def _send(message: MessageFacts, candidate: Candidate, compiled: Compiled, now: datetime) -> Left | None:
    relay = MemoryRelay()
    ports = Ports(_Diary(), frozenset(), lambda: 0.0, _builder(compiled, now))
    batch = Batch(gate(message, [candidate], now), ports, 0.0, lambda: None)
    batch.go(RelayWire(relay, batch, compiled))
    return relay.left[0] if relay.left else None


class _Diary:
    """The journal of one message that no crash will ask about."""

    def build(self, contact_id: int) -> None: ...

    def begin(self, contact_id: int) -> None: ...

    def answer(self, contact_id: int, stage: int, code: int) -> None: ...

    def flush(self) -> None: ...


def _builder(compiled: Compiled, now: datetime) -> Build:
    def build(permit: Permit, candidate: Candidate, /, *, eight_bit: bool) -> list[bytes]:
        recipient = Recipient(permit.contact_id, candidate.wire, candidate.values)
        return render(permit, compiled, recipient, header_date(now), eight_bit=eight_bit).buffers

    return build
