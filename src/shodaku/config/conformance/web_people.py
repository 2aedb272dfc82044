"""Who acts in a web situation: people at the public pages, and somebody at the desk of the shop."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.urls import reverse

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.config.conformance.scratch import Scratch
from shodaku.consent import selectors as consents
from shodaku.consent.domain import ConsentState
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as deliveries
from shodaku.kit import clock, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.ledger import selectors as ledger
from shodaku.policy.domain import Verdict
from shodaku.signup import selectors as signups
from shodaku.signup import services as signup
from shodaku.signup.domain import FormDefinition, NewForm
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Refusal

FORM: Final = "conformance"
_STAMP: Final = re.compile(r'name="stamp" value="([^"]+)"')
_READS: Final = timedelta(seconds=10)  # from opening a form to sending it


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back from a page."""

    status: int
    location: str
    content: bytes


@dataclass(frozen=True, slots=True)
class State:
    """All that an act on a page could have changed for one person."""

    consents: tuple[consents.Held, ...]
    events: int
    refusals: tuple[Refusal, ...]
    requests: tuple[signups.Request, ...]
    entries: int


def state(shop: Scratch, contact_id: int) -> State:
    workspace_id = shop.workspace_id
    return State(
        tuple(consents.held(workspace_id, contact_id)),
        len(consents.events(workspace_id, contact_id)),
        tuple(suppressions.refusals(workspace_id, contact_id)),
        tuple(signups.requests_of(workspace_id, contact_id)),
        len(ledger.history(workspace_id, contact_id)),
    )


def receives(shop: Scratch, contact_id: int) -> bool:
    """Is a confirmed consent of the person alive?"""
    held = consents.held(shop.workspace_id, contact_id)
    return any(each.state == ConsentState.ACTIVE and each.confirmed for each in held)


def gate(shop: Scratch, contact_id: int, topic: str = "news") -> Verdict:
    """What the gate says to advertising now."""
    question = deliveries.question_of_topic(shop.workspace_id, shop.topic(topic))
    verdict, _facts = deliveries.verdict(shop.workspace_id, contact_id, question, now=shop.now)
    return verdict


def publish_form(shop: Scratch, topics: Sequence[str], at: datetime) -> None:
    """The shop's form, once: with a box for each topic."""
    if signups.form(shop.workspace_id, FORM) is None:
        form = NewForm(slug=FORM, name=FORM, sender_id=shop.sender_id)
        form_id = signup.create_form(shop.workspace_id, form, at)
        ids = tuple(shop.topic(topic) for topic in topics)
        definition = FormDefinition(title="お便り", topic_ids=ids)
        signup.publish(shop.workspace_id, form_id, definition, None, at)


def sign_up(shop: Scratch, email: str, topics: Sequence[str], at: datetime) -> None:
    """Somebody opens the form and sends it; `topics` are the boxes that they tick."""
    path = reverse("signup_form", args=[shop.slug, FORM])
    with clock.standing_at(at - _READS):
        page = shop.browser.get(path).content.decode()
    stamp = _STAMP.search(page)
    ticked = [str(shop.topic(topic)) for topic in topics]
    said = {"stamp": stamp[1] if stamp else "", "email": email, "name": "", "topics": ticked}
    with clock.standing_at(at):
        shop.browser.post(path, said, headers={"sec-fetch-site": "same-origin"})


def person(shop: Scratch, email: str) -> int | None:
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, email)
    return contacts_known.claimed(shop.workspace_id, Channel.EMAIL, [pair.strict]).get(pair.strict)


def confirm_path(shop: Scratch, contact_id: int) -> str:
    """The link of the newest mail that asked."""
    request = signups.requests_of(shop.workspace_id, contact_id)[0]
    return f"/confirm/{link(shop, contact_id, Purpose.CONFIRMATION, request.request_id)}"


def confirm(shop: Scratch, contact_id: int, at: datetime) -> None:
    with clock.standing_at(at):
        shop.browser.post(confirm_path(shop, contact_id), {"answer": "receive"})


def reader(shop: Scratch, email: str, at: datetime) -> int:
    """Somebody who signed up on the form and confirmed by its mail."""
    publish_form(shop, ["news"], at - _READS)
    sign_up(shop, email, ["news"], at)
    contact_id = person(shop, email)
    if contact_id is None:
        raise LookupError("a reader who signed up is not known")
    confirm(shop, contact_id, at)
    return contact_id


def link(shop: Scratch, contact_id: int, purpose: Purpose, subject_id: int = 0) -> str:
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    return url_form(keys.make(Token(shop.workspace_id, subject_id, contact_id, purpose)))


def at_the_desk(
    shop: Scratch, page: str, said: Mapping[str, object], *, accept: str = "application/json"
) -> Answered:
    """Somebody who works at the shop sends a form of the console, and signs out."""
    colleague = accounts.create_staff(
        f"{secrets.token_hex(8)}@a.example", "A", secrets.token_urlsafe(24), now=shop.now
    )
    accounts.join(shop.workspace_id, colleague, Role.MARKETER, now=shop.now)
    shop.browser.force_login(accounts.staff(colleague), backend=settings.AUTHENTICATION_BACKENDS[0])
    path = reverse(f"console_{page}", args=[shop.slug])
    answer = shop.browser.post(path, said, headers={"accept": accept})
    shop.browser.cookies.clear()
    return Answered(answer.status_code, answer.headers.get("Location", ""), answer.content)
