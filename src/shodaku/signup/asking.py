"""Somebody sends a form: asked by mail, or agreed at once, and nobody learns which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import ConsentState, Evidence, Method
from shodaku.consent.services import EventKind, Once
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, search_key, split_name
from shodaku.contacts.services import ContactGone
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import MailingKind
from shodaku.kit import db
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.ledger.services import Act
from shodaku.signup import selectors, told
from shodaku.signup.domain import (
    CONFIRMATION_DAYS,
    MONTH_DAYS,
    NOTHING_TOLD,
    Answers,
    AppEvidence,
    DeskEvidence,
    Ground,
    IncompleteEvidence,
    OfferedTopic,
    RequestWay,
    Shown,
    SignupRequest,
    WebEvidence,
    may_ask,
)
from shodaku.signup.letters import confirmation, invitation
from shodaku.signup.moving import received_at
from shodaku.signup.sending import events, greet, mailing, new_event_id, seller_of, sha256_of, zone
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Refusal, Tokens, broad_form, in_force, token

_sql = db.Statements("shodaku.signup")


EVERYWHERE = "installation"  # scope of the token that counts questions over all workspaces


def request_signup(request: SignupRequest, evidence: WebEvidence, now: datetime) -> None:
    """Somebody sent a form. It answers nothing: who is known, refused or already asked is nobody's business.

    Raises VaultAway, before anything is written; KeyDestroyed for somebody who is just being erased.
    """
    try:
        suppression.with_fresh_pepper(lambda: _request(request, evidence, now))
    except ContactGone:  # erased since their address was looked up: by now it is a stranger's
        suppression.with_fresh_pepper(lambda: _request(request, evidence, now))


def _request(
    request: SignupRequest,
    evidence: WebEvidence,
    now: datetime,
    *,
    ground: Ground | None = None,
    once: Once | None = None,
) -> None:
    """Without a ground it is that of the form."""
    workspace_id, address = request.shown.workspace_id, request.address
    if suppression.blocked(workspace_id, [address.address]):
        return  # whoever typed it is answered as everybody
    with db.transaction(workspace_id):
        pair = suppression.tokens(workspace_id, Channel.EMAIL, address.address)
        owner = contacts_known.claimed(workspace_id, Channel.EMAIL, [pair.strict]).get(pair.strict)
        if once is not None and suppressions.suppressed(workspace_id, [pair]):
            return  # a program asks nobody who is never to be contacted
    if owner is None and not _may_store(request, now):
        return  # nothing could be asked, so nothing is remembered of the stranger, not even a key
    contact_id = owner or contacts.reserve_ids(1)[0]
    ledger.ensure_keys(workspace_id, [contact_id])
    with db.transaction(workspace_id):
        may_mail = may_mail_to(address.address, now)
        if owner is None:
            if not may_mail and not _at_once(request):
                return  # somebody else asked in the meantime
            source = "app" if ground is not None and ground.method is Method.APP else "form"
            contact_id = contacts.remember(_new_contact(contact_id, request, pair, source), now=now)
        contacts.lock(contact_id)
        if once is not None and not consent.first_time(contact_id, once, now=now):
            return
        basis = ground or ground_of(request.shown)
        given = _ask_for(contact_id, request, basis, evidence, now, may_mail=may_mail)
        if owner is None and given:  # of somebody who was known, anybody could have typed it in
            told.keep(workspace_id, contact_id, request.answers, now)


def request_at_desk(request: SignupRequest, evidence: DeskEvidence, now: datetime) -> None:
    """As `request_signup`, on a tablet of ours at a named place."""
    ground = replace(ground_of(request.shown), method=Method.EVENT_DESK)

    def act() -> None:
        _request(request, evidence, now, ground=ground)

    try:
        suppression.with_fresh_pepper(act)
    except ContactGone:  # erased since their address was looked up
        suppression.with_fresh_pepper(act)


def request_in_app(
    request: SignupRequest, ground: Ground, once: Once, evidence: AppEvidence, now: datetime
) -> None:
    """A switch in an app of the sender was moved to on. It answers nothing, as `request_signup`.

    A press counts once. Who is never contacted is not even asked: only their own form can begin that anew.
    Raises VaultAway; KeyReused; KeyDestroyed for somebody who is just being erased.
    """

    def act() -> None:
        _request(request, evidence, now, ground=ground, once=once)

    try:
        suppression.with_fresh_pepper(act)
    except ContactGone:  # erased since their address was looked up
        suppression.with_fresh_pepper(act)


def request_more(
    request: SignupRequest, contact_id: int, ground: Ground, evidence: WebEvidence, now: datetime
) -> None:
    """A person we know ticks more topics on a page of their own. Raises VaultAway, ContactGone."""
    workspace_id = request.shown.workspace_id
    with db.transaction(workspace_id):
        may_mail = may_mail_to(request.address.address, now)
        contacts.lock(contact_id)
        _ask_for(contact_id, request, ground, evidence, now, may_mail=may_mail)


def request_move(
    request: SignupRequest, moves_from: int, ground: Ground, evidence: WebEvidence, now: datetime
) -> None:
    """A person we know wants what they receive at another address: its owner is asked, the old one stays.

    It answers nothing, as `request_signup`. Raises VaultAway; ContactGone for a person who is gone.
    """
    try:
        suppression.with_fresh_pepper(lambda: _request_move(request, moves_from, ground, evidence, now))
    except ContactGone:  # perhaps of the new address, which by now is nobody's
        suppression.with_fresh_pepper(lambda: _request_move(request, moves_from, ground, evidence, now))


def _request_move(
    request: SignupRequest, moves_from: int, ground: Ground, evidence: WebEvidence, now: datetime
) -> None:
    workspace_id, address = request.shown.workspace_id, request.address.address
    if suppression.blocked(workspace_id, [address]):
        return
    with db.transaction(workspace_id):
        pair = suppression.tokens(workspace_id, Channel.EMAIL, address)
        owner = contacts_known.claimed(workspace_id, Channel.EMAIL, [pair.strict]).get(pair.strict)
    if owner == moves_from or (owner is None and not may_ask_anew(workspace_id, address, now)):
        return
    contact_id = owner or contacts.reserve_ids(1)[0]
    ledger.ensure_keys(workspace_id, [contact_id])
    with db.transaction(workspace_id):
        if not may_mail_to(address, now):
            return
        if owner is None:
            contact_id = contacts.remember(_new_contact(contact_id, request, pair, "form"), now=now)
        for each in sorted({contact_id, moves_from}):
            contacts.lock(each)
        received = received_at(workspace_id, moves_from, now)
        topics = [topic for topic in request.topics if topic.topic_id in received]
        if not topics or contact_id == moves_from or asked_not_to(contact_id, now):
            return
        _ask(contact_id, address, request, topics, ground, evidence, now, moves_from=moves_from)
        _sql.run("insert_throttle", token=everywhere(address), now=now)


def _new_contact(contact_id: int, request: SignupRequest, pair: Tokens, source: str) -> contacts.NewContact:
    address = request.address
    told_name = (request.answers.family_name, request.answers.given_name)
    family_name, given_name = told_name if any(told_name) else split_name(request.name)
    return contacts.NewContact(
        contact_id=contact_id,
        address=contacts.NewAddress(
            Channel.EMAIL, address.address, address.key, address.wire, pair.strict, pair.broad, pair.epoch
        ),
        source=source,
        family_name=family_name,
        given_name=given_name,
        search_key=search_key(request.name),
        locale=request.shown.language,
    )


def ground_of(shown: Shown) -> Ground:
    """The page of a form in the language shown, as evidence names it."""
    wording = shown.published.wording(shown.language)
    page = selectors.page(shown.workspace_id, shown.form_id, shown.version, shown.language)
    return Ground(
        method=Method.WEB_DOUBLE,
        wording_version=wording.version,
        wording_sha256=wording.sha256,
        form_sha256=shown.form_sha256,
        policy_version=shown.published.sender.privacy_policy_version,
        policy=shown.published.sender.privacy_policy,
        page_sha256=page.html_sha256 if page else None,
        picture_sha256=page.picture_sha256 if page else None,
    )


def _ask_for(
    contact_id: int,
    request: SignupRequest,
    ground: Ground,
    evidence: WebEvidence,
    now: datetime,
    *,
    may_mail: bool,
) -> bool:
    """What is not agreed to yet: asked by mail, or for single opt-in topics agreed to at once. Was anything
    agreed to?
    """
    workspace_id, address = request.shown.workspace_id, request.address.address
    refusals = suppressions.refusals(workspace_id, contact_id)
    held = _held(workspace_id, contact_id, refusals, now)
    # who wants less of it can want more again, and says so by the mail alone: a form lifts no wish
    fewer = {
        topic_id
        for topic_id, channel in consents.narrowed(workspace_id, contact_id)
        if channel is Channel.EMAIL
    }
    # who was found not to be there gets nothing until they answer a mail, whatever they agreed to before
    dead = _is_dead(workspace_id, contact_id)
    wanted = [
        topic for topic in request.topics if dead or topic.topic_id in fewer or not _receives(topic, held)
    ]
    if not wanted or asked_not_to(contact_id, now):
        return False
    proof = [
        topic
        for topic in wanted
        if dead or topic.topic_id in fewer or needs_proof(workspace_id, address, topic, refusals, now)
    ]
    at_once = [topic for topic in wanted if topic not in proof]
    if at_once:
        with_mail = may_mail and not proof
        _give(contact_id, address, request, at_once, ground, evidence, now, with_mail=with_mail)
    if proof and may_mail:
        _ask(contact_id, address, request, proof, ground, evidence, now)
    if may_mail:
        _sql.run("insert_throttle", token=everywhere(address), now=now)
    return bool(at_once)


def needs_proof(
    workspace_id: int, address: str, topic: OfferedTopic, refusals: Sequence[Refusal], now: datetime
) -> bool:
    """Must the owner of the address say it? After a no always: what anybody can fill in lifts nothing."""
    if topic.double_opt_in or any(in_force(refusal, topic.topic_id, None, now) for refusal in refusals):
        return True
    pair = suppression.tokens(workspace_id, Channel.EMAIL, address)
    return bool(suppressions.suppressed(workspace_id, [pair]))


def _held(
    workspace_id: int, contact_id: int, refusals: Sequence[Refusal], now: datetime
) -> dict[int, consents.Held]:
    """What the person receives as things stand: a live consent, and no refusal after it."""
    return {
        each.topic_id: each
        for each in consents.held(workspace_id, contact_id)
        if each.channel == Channel.EMAIL and each.state == ConsentState.ACTIVE
        if each.expires_at is None or now < each.expires_at
        if not any(in_force(refusal, each.topic_id, each.since, now) for refusal in refusals)
    }


def _is_dead(workspace_id: int, contact_id: int) -> bool:
    return any(
        each.channel == Channel.EMAIL and each.invalid_at is not None
        for each in contacts_known.addresses(workspace_id, contact_id)
    )


def receives_all(workspace_id: int, contact_id: int, topics: Sequence[OfferedTopic], now: datetime) -> bool:
    """Nothing is left that they could still agree to."""
    if _is_dead(workspace_id, contact_id):
        return False
    held = _held(workspace_id, contact_id, suppressions.refusals(workspace_id, contact_id), now)
    return all(_receives(topic, held) for topic in topics)


def _receives(topic: OfferedTopic, held: Mapping[int, consents.Held]) -> bool:
    consented = held.get(topic.topic_id)
    return consented is not None and (consented.confirmed or not topic.double_opt_in)


def asked_not_to(contact_id: int, now: datetime) -> bool:
    after = now - timedelta(days=MONTH_DAYS)
    return bool(_sql.scalar("asked_not_to", contact_id=contact_id, now=now, declined_after=after))


def _may_store(request: SignupRequest, now: datetime) -> bool:
    """A look without the lock, so that a flood makes no keys; what is written asks again under it."""
    return _at_once(request) or may_ask_anew(request.shown.workspace_id, request.address.address, now)


def may_ask_anew(workspace_id: int, address: str, now: datetime) -> bool:
    with db.transaction(workspace_id):
        return _unasked(everywhere(address), now)


def _at_once(request: SignupRequest) -> bool:
    """Is something agreed to without a mail that asks?"""
    return not all(topic.double_opt_in for topic in request.topics)


def may_mail_to(address: str, now: datetime) -> bool:
    """Promise 16, for a welcome too: a stranger's address gets one mail a day, whoever types it into what.

    Locks the address over all workspaces, always before the contact's row.
    """
    key = everywhere(address)
    _sql.run("lock_throttle", token=key)
    return _unasked(key, now)


def asked_lately(address: str, now: datetime) -> list[datetime]:
    """When this address was asked in 30 days, in any workspace; in the open transaction, locked."""
    key = everywhere(address)
    _sql.run("lock_throttle", token=key)
    return _sql.scalars("list_throttle", token=key, after=now - timedelta(days=MONTH_DAYS))


def note_asked(address: str, now: datetime) -> None:
    """It counts for all workspaces, in the open transaction."""
    _sql.run("insert_throttle", token=everywhere(address), now=now)


def _unasked(key: bytes, now: datetime) -> bool:
    return may_ask(_sql.scalars("list_throttle", token=key, after=now - timedelta(days=MONTH_DAYS)), now)


def everywhere(address: str) -> bytes:
    """The broad form: a +tag or a dot more is still the same stranger's mailbox."""
    return token(suppression.pepper(), EVERYWHERE, Channel.EMAIL, broad_form(Channel.EMAIL, address))


def _give(
    contact_id: int,
    address: str,
    request: SignupRequest,
    topics: Sequence[OfferedTopic],
    ground: Ground,
    evidence: WebEvidence,
    now: datetime,
    *,
    with_mail: bool,
) -> None:
    event_id = new_event_id(now)
    itself = ground.method in (Method.PREFERENCE, Method.APP, Method.EVENT_DESK)
    single = ground if itself else replace(ground, method=Method.WEB_SINGLE)
    fields = _fields(address, request, topics, single, evidence, now)
    entry_id = ledger.append(Act(contact_id, event_id, Kind.CONSENT_GIVEN, now, fields))
    consent.record(events(contact_id, topics, EventKind.GIVEN, single.method, event_id, entry_id, now))
    if request.shown.source_no is not None:
        _sql.run("count_given", form_id=request.shown.form_id, source_no=request.shown.source_no)
    if with_mail:
        greet(request.shown.workspace_id, contact_id, topics, request.shown.language, now)


def _ask(
    contact_id: int,
    address: str,
    request: SignupRequest,
    topics: Sequence[OfferedTopic],
    ground: Ground,
    evidence: WebEvidence,
    now: datetime,
    *,
    moves_from: int | None = None,
) -> None:
    event_id, shown = new_event_id(now), request.shown
    fields = _fields(address, request, topics, ground, evidence, now)
    if moves_from is not None:
        fields["moved_from"] = str(moves_from)
    entry_id = ledger.append(Act(contact_id, event_id, Kind.CONSENT_REQUESTED, now, fields))
    consent.record(events(contact_id, topics, EventKind.REQUESTED, ground.method, event_id, entry_id, now))
    plan_question(
        contact_id,
        shown,
        topics,
        entry_id,
        wording_sha256=ground.wording_sha256,
        at=now,
        now=now,
        moves_from=moves_from,
        answers=request.answers,
    )


def plan_question(
    contact_id: int,
    shown: Shown,
    topics: Sequence[OfferedTopic],
    entry_id: int,
    *,
    wording_sha256: str,
    at: datetime,
    now: datetime,
    moves_from: int | None = None,
    answers: Answers = NOTHING_TOLD,
    way: RequestWay = RequestWay.FORM,
) -> None:
    """One mail asks the owner of the address, on the ground of the act of `at`. Under the contact's lock."""
    expires_at = now + timedelta(days=CONFIRMATION_DAYS)
    from_form = shown.form_id > 0
    request_id: int = _sql.scalar(
        "insert_request",
        contact_id=contact_id,
        form_id=shown.form_id if from_form else None,
        form_version=shown.version if from_form else None,
        topic_ids=[topic.topic_id for topic in topics],
        channel=Channel.EMAIL,
        locale=shown.language,
        wording_sha256=wording_sha256,
        now=at,
        expires_at=expires_at,
        entry_id=entry_id,
        moves_from=moves_from,
        answers=Jsonb(answers.as_json()),
        source_no=shown.source_no,
        way=way,
    )
    until = expires_at.astimezone(zone(shown.workspace_id))
    sender = shown.published.sender
    seller = seller_of(shown.workspace_id, sender.sender_id, shown.language)
    write = invitation if way is RequestWay.MAIL else confirmation
    letter = write(sender, topics, shown.language, until, seller)
    question = mailing(letter, MailingKind.CONFIRMATION, topics, sender, request_id)
    mailing_id = delivery.plan_one(question, contact_id, now=now)
    _sql.run("update_mailing", contact_id=contact_id, request_id=request_id, mailing_id=mailing_id)


def _fields(
    address: str,
    request: SignupRequest,
    topics: Sequence[OfferedTopic],
    ground: Ground,
    evidence: WebEvidence,
    now: datetime,
) -> dict[str, Value]:
    """The evidence set of the entry (LAW.md section 7). Raises IncompleteEvidence."""
    proof = Evidence(
        at=now,
        method=ground.method,
        url=evidence.url or None,
        wording_version=ground.wording_version,
        wording_sha256=ground.wording_sha256,
        form_sha256=ground.form_sha256,
        page_sha256=ground.page_sha256,
        picture_sha256=ground.picture_sha256,
        topics=tuple(topic.title(request.shown.language) for topic in topics),
        channel=Channel.EMAIL,
        purposes=tuple(dict.fromkeys(topic.purpose for topic in topics)),
        ip=evidence.ip or None,
        browser=evidence.browser or None,
        policy_sha256=sha256_of(ground.policy),
        by=evidence.by if isinstance(evidence, AppEvidence | DeskEvidence) else None,
        screen=evidence.screen if isinstance(evidence, AppEvidence) else None,
        desk=evidence.desk if isinstance(evidence, DeskEvidence) else None,
    )
    if proof.missing():
        raise IncompleteEvidence
    return {
        **proof.fields(n=0, address=address, name=request.name or None),  # the ledger counts n itself
        "topic_ids": [str(topic.topic_id) for topic in topics],
        "frequency": [str(topic.frequency) for topic in topics],
        "policy_version": ground.policy_version,
    }
