"""A campaign as its first readers would get it: compiled under the real keys and addresses, and linted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from shodaku.accounts.domain import Sender
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel, honorific
from shodaku.content.domain import Frozen, SenderDisplay, encoded_octets
from shodaku.content.render import (
    SAMPLE,
    Compiled,
    Draft,
    Recipient,
    SenderIdentity,
    UnsafeAddress,
    compile_message,
    lint_compiled,
)
from shodaku.kit import runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose
from shodaku.policy.domain import DISPLAY_ORDER, Reason, head_fault

READERS_MAX: Final = 20
_FILE_HEAD_OCTETS: Final = 300  # of a part: boundary, kind, name twice


def faults(
    workspace_id: int,
    ready: Frozen,
    sender: Sender,
    topic_id: int,
    *,
    mail_order: bool,
    readers: Sequence[int] = (),
) -> tuple[Reason, ...]:
    """What keeps it from starting, the first to be told first: the head, then what the display lacks.

    To the sample person, and to `readers`, contacts who would get it.
    """
    compiled = _compiled(workspace_id, ready, sender, topic_id)
    display = SenderDisplay.of(sender, mail_order=mail_order)
    missing = {
        reason
        for recipient in (SAMPLE, *_recipients(workspace_id, readers))
        for reason in _missing(compiled, display, recipient)
    }
    found = head_fault(
        ready.subject, sender.from_address.rpartition("@")[2], [sender.mail_domain], is_reply=False
    )
    return (*([found] if found else ()), *(reason for reason in DISPLAY_ORDER if reason in missing))


def octets_of(workspace_id: int, ready: Frozen, sender: Sender, topic_id: int) -> int:
    """About: what a server counts of the mail to the sample person, files included."""
    compiled = _compiled(workspace_id, ready, sender, topic_id)
    heads = _FILE_HEAD_OCTETS * len(ready.files)
    return compiled.octets_min + heads + sum(encoded_octets(each.bytes) for each in ready.files)


def _compiled(workspace_id: int, ready: Frozen, sender: Sender, topic_id: int) -> Compiled:
    """As the worker will, but for its files and the number of the mailing, which no launch has given yet."""
    here = runtime.current()
    return compile_message(
        Draft(ready.subject, ready.text, ready.html, ready.links),
        SenderIdentity(
            sender.display_name or sender.formal_name,
            sender.from_address,
            sender.mail_domain,
            here.public_url,
        ),
        workspace_id=workspace_id,
        subject_id=0,
        links=LinkKeys(here.ring(KeyPurpose.LINK).epochs),
        purpose=Purpose.DELIVERY,
        list_id=f"t{topic_id}.w{workspace_id}.{sender.mail_domain}",
        one_click=True,
    )


def _missing(compiled: Compiled, display: SenderDisplay, recipient: Recipient) -> Iterable[Reason]:
    try:
        return lint_compiled(compiled, display, one_click=True, recipient=recipient).missing
    except UnsafeAddress:  # nothing will leave for this one person
        return ()


def values_of(workspace_id: int, contact_id: int) -> dict[str, str] | None:
    """What is filled in for somebody; None: there is no such person, or no address any more."""
    found = next(_recipients(workspace_id, [contact_id]), None)
    return None if found is None else dict(found.values)


def _recipients(workspace_id: int, readers: Sequence[int]) -> Iterator[Recipient]:
    for contact_id in readers[:READERS_MAX]:
        person = contacts.contact(workspace_id, contact_id)
        known = contacts.addresses(workspace_id, contact_id)
        address = next((each for each in known if each.channel == Channel.EMAIL), None)
        if person is None or address is None:  # erased since they were counted
            continue
        values = {
            "name": honorific(person.family_name, person.given_name, person.company),
            "family_name": person.family_name or "",
            "given_name": person.given_name or "",
            "company": person.company or "",
            "address": address.value,
        }
        yield Recipient(contact_id, address.wire, values)
