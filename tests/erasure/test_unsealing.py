"""Two persons, a reason, an entry of the ledger, and before its day: or what is sealed stays sealed."""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.erasure.test_sealing import (
    DUE,
    NOW,
    SECOND,
    SENT_AT,
    a_reader_of_mails,
    an_address,
    erase,
    raise_away,
    sealed_of,
    sent,
)
from tests.erasure.two_persons import REASON, Desk, a_desk, checked, somebody
from tests.ledger.tampering import with_the_database_in_hand
from tests.ledger.test_files import a_scan
from tests.people import a_contact, a_shop

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Act, EvidenceRetention, Role, may
from shodaku.consent.domain import Method, add_months
from shodaku.contacts.domain import Channel
from shodaku.erasure import selectors, services
from shodaku.erasure.domain import (
    APPROVAL_TERM,
    REASON_CHARACTERS_MAX,
    REQUEST_TERM,
    Unsealing,
    UnsealingNo,
    UnsealingState,
    UnsealingStep,
    Who,
    reason_no,
    refuse_asking,
    refuse_step,
    unsealing_state,
)
from shodaku.kit import db
from shodaku.ledger import proving, vault
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.signup import services as signup
from shodaku.signup.services import Recorded, ToldConsent

A, B, C = 1, 2, 3
AN_HOUR = timedelta(hours=1)
OWNER = {who: Who(who, Role.OWNER) for who in (A, B, C)}
WAITING = Unsealing(
    unsealing_id=1,
    hold_id=uuid.UUID(int=7),
    reason=REASON,
    asked_by=A,
    asked_at=NOW,
    approved_by=None,
    approved_at=None,
    declined_at=None,
    opened_at=None,
    last_sent_at=NOW - timedelta(days=10),
    destroy_after=DUE,
)
APPROVED = replace(WAITING, approved_by=B, approved_at=NOW)
DECLINED = replace(WAITING, declined_at=NOW)
OPENED = replace(APPROVED, opened_at=NOW)
APPROVE, DECLINE, OPEN = UnsealingStep.APPROVE, UnsealingStep.DECLINE, UnsealingStep.OPEN
JUST_AFTER = NOW + SECOND
No = UnsealingNo

TABLE = [
    # request, step, who, when, what is answered
    (WAITING, APPROVE, B, JUST_AFTER, None),
    (WAITING, APPROVE, C, JUST_AFTER, None),
    (WAITING, APPROVE, A, JUST_AFTER, No.SAME_PERSON),
    (WAITING, DECLINE, B, JUST_AFTER, None),
    (WAITING, DECLINE, A, JUST_AFTER, None),  # taken back
    (WAITING, OPEN, A, JUST_AFTER, No.NOT_APPROVED),
    (WAITING, OPEN, B, JUST_AFTER, No.NOT_APPROVED),
    (WAITING, APPROVE, B, NOW + REQUEST_TERM - SECOND, None),
    (WAITING, APPROVE, B, NOW + REQUEST_TERM, No.LAPSED),
    (WAITING, DECLINE, B, NOW + REQUEST_TERM, No.LAPSED),
    (APPROVED, OPEN, A, JUST_AFTER, None),
    (APPROVED, OPEN, B, JUST_AFTER, None),
    (APPROVED, OPEN, C, JUST_AFTER, No.NOT_OF_THE_TWO),
    (APPROVED, APPROVE, C, JUST_AFTER, No.ALREADY_APPROVED),
    (APPROVED, APPROVE, A, JUST_AFTER, No.ALREADY_APPROVED),
    (APPROVED, DECLINE, C, JUST_AFTER, None),  # even after the approval somebody may stop it
    (APPROVED, OPEN, A, NOW + APPROVAL_TERM - SECOND, None),
    (APPROVED, OPEN, A, NOW + APPROVAL_TERM, No.LAPSED),
    (replace(APPROVED, approved_by=A), OPEN, A, JUST_AFTER, No.SAME_PERSON),  # no row says so; were there one
    (DECLINED, APPROVE, B, JUST_AFTER, No.ENDED),
    (DECLINED, OPEN, A, JUST_AFTER, No.ENDED),
    (OPENED, OPEN, A, JUST_AFTER, No.ENDED),  # once
    (OPENED, OPEN, B, JUST_AFTER, No.ENDED),
    (OPENED, DECLINE, B, JUST_AFTER, No.ENDED),
    (replace(WAITING, asked_at=DUE - AN_HOUR), APPROVE, B, DUE - SECOND, None),
    (replace(WAITING, asked_at=DUE - AN_HOUR), APPROVE, B, DUE, No.DAY_COME),
    (replace(APPROVED, approved_at=DUE - AN_HOUR), OPEN, A, DUE - SECOND, None),
    (
        replace(APPROVED, approved_at=DUE - AN_HOUR),
        OPEN,
        A,
        DUE,
        No.DAY_COME,
    ),  # an approval lengthens nothing
    (None, OPEN, A, JUST_AFTER, No.NO_REQUEST),
]


@pytest.mark.parametrize(("request_", "step", "who", "at", "answer"), TABLE)
def test_a_step_is_allowed_or_refused_by_this_table(request_, step, who, at, answer):
    assert refuse_step(step, OWNER[who], request_, at) is answer


@pytest.mark.parametrize(
    ("sealed_until", "newest", "at", "answer"),
    [
        (DUE, None, NOW, None),
        (None, None, NOW, No.NO_SEALING),
        (DUE, None, DUE - SECOND, None),
        (DUE, None, DUE, No.DAY_COME),
        (DUE, WAITING, JUST_AFTER, No.ALREADY_ASKED),
        (DUE, APPROVED, JUST_AFTER, No.ALREADY_ASKED),
        (DUE, DECLINED, JUST_AFTER, None),
        (DUE, OPENED, JUST_AFTER, None),
        (DUE, WAITING, NOW + REQUEST_TERM, None),
        (DUE, APPROVED, NOW + APPROVAL_TERM, None),
    ],
)
def test_somebody_may_ask_where_something_is_sealed_and_nobody_has_asked(sealed_until, newest, at, answer):
    assert refuse_asking(OWNER[A], sealed_until, newest, at) is answer


@pytest.mark.parametrize("role", [None, *(each for each in Role if not may(each, Act.REVEAL))])
def test_who_has_no_right_is_told_nothing_else(role):
    who = Who(B, role)
    answers = {refuse_step(step, who, asked, NOW) for step in UnsealingStep for asked in (APPROVED, None)}
    answers |= {refuse_asking(who, until, None, NOW) for until in (DUE, None)}
    assert answers == {No.NO_RIGHT}


moments = st.integers(-50, 50).map(lambda hours: NOW + hours * AN_HOUR)
people = st.sampled_from([A, B, C])
requests = st.builds(
    replace,
    st.just(WAITING),
    asked_by=people,
    asked_at=moments,
    approved_by=st.none() | people,
    approved_at=st.none() | moments,
    declined_at=st.none() | moments,
    opened_at=st.none() | moments,
    destroy_after=moments,
)
whoever = st.builds(Who, people, st.none() | st.sampled_from(Role))


@given(request_=st.none() | requests, step=st.sampled_from(UnsealingStep), who=whoever, at=moments)
def test_whatever_is_asked_is_answered_and_nothing_opens_for_one_person_alone(request_, step, who, at):
    answer = refuse_step(step, who, request_, at)
    assert answer is None or answer in UnsealingNo
    if step is OPEN and answer is None:
        assert request_.approved_by not in (None, request_.asked_by)
        assert who.staff_id in (request_.asked_by, request_.approved_by)
        assert may(who.role, Act.REVEAL)
        assert request_.approved_at is None or at < request_.approved_at + APPROVAL_TERM
        assert at < request_.destroy_after
        assert (request_.opened_at, request_.declined_at) == (None, None)


@given(request_=requests, at=moments)
def test_a_request_is_in_one_state_whatever_its_row_says(request_, at):
    assert unsealing_state(request_, at) in UnsealingState


@pytest.mark.parametrize(
    ("reason", "answer"),
    [
        (REASON, None),
        ("照会 2026-11-25 文書番号 0012-3456", None),
        ("x" * REASON_CHARACTERS_MAX, None),
        ("x" * (REASON_CHARACTERS_MAX + 1), No.REASON_TOO_LONG),
        ("", No.REASON_MISSING),
        (" \n　", No.REASON_MISSING),
        ("hana@example.jp の照会", No.REASON_NAMES_ADDRESS),
        ("hana＠example.jp の照会", No.REASON_NAMES_ADDRESS),
        ("090-1234-5678 から電話", No.REASON_NAMES_ADDRESS),
        ("０９０１２３４５６７８から電話", No.REASON_NAMES_ADDRESS),
        ("+81 90 1234 5678 called", No.REASON_NAMES_ADDRESS),
        ("03(1234)5678", No.REASON_NAMES_ADDRESS),
    ],
)
def test_a_reason_is_there_is_short_and_names_no_address(reason, answer):
    assert reason_no(reason) is answer


@pytest.mark.parametrize("no", list(UnsealingNo))
def test_every_refusal_is_a_sentence_in_both_languages(no):
    assert no.sentence("ja").endswith("。")
    assert no.sentence("en").endswith(".")


@pytest.fixture
def desk(database):
    return a_desk()


def refusal(step, *arguments, **named):
    with pytest.raises(services.UnsealingRefused) as refused:
        step(*arguments, **named)
    return refused.value.no


def acts(desk):
    """What the ledger says about it, oldest first."""
    return [
        (each.kind, each.fields)
        for each in ledger.history(desk.workspace_id, 0)
        if each.kind.startswith(("admin.unsealing", "unsealed"))
    ]


def kinds(desk):
    return [kind for kind, _ in acts(desk)]


def state(desk, number, at=NOW):
    return next(
        unsealing_state(each, at)
        for each in selectors.unsealings(desk.workspace_id)
        if each.unsealing_id == number
    )


def as_owner(database, desk, statement, *values):
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, desk.workspace_id))
        found = owner.execute(statement, values)
        return found.fetchall() if found.description else None


def test_two_persons_open_what_was_sealed_and_it_proves_itself(desk):
    opened = desk.open(desk.approved())
    report = checked(desk.shop, opened.bundle)
    assert [each.kind for each in report.entries] == ["consent.confirmed", "consent.withdrawn"]
    assert report.entries[0].values["method"] == "web-double"
    assert opened.content["addresses"] == [{"channel": "email", "value": desk.address}]
    assert opened.content["sent"] == 2


def test_each_step_is_an_entry_with_who_and_why_and_no_address(desk):
    number = desk.approved()
    desk.open(number, by=desk.second)
    (sealed,) = sealed_of(desk.shop, desk.address)
    hashed = hashlib.sha256(str(sealed.hold_id).encode()).hexdigest()
    said = [
        (kind, {name: fields[name] for name in fields if name not in ("n", "at")})
        for kind, fields in acts(desk)
    ]
    asker, second = f"staff:{desk.asker}", f"staff:{desk.second}"
    about = {"reason": REASON, "hold_id_sha256": hashed}
    assert said == [
        ("admin.unsealing.asked", {**about, "found": True, "by": asker}),
        ("admin.unsealing.approved", {**about, "asked_by": asker, "by": second}),
        ("unsealed", {**about, "asked_by": asker, "approved_by": second, "opened_by": second}),
    ]
    assert desk.address not in json.dumps(said)


def test_a_request_names_no_address(database, desk):
    desk.open(desk.approved())
    ((row,),) = as_owner(database, desk, "select u::text from unsealing u")
    assert REASON in row
    assert desk.address.partition("@")[0] not in row


@pytest.mark.parametrize("who", ["asker", "second"])
def test_either_of_the_two_opens_it(desk, who):
    assert desk.open(desk.approved(), by=getattr(desk, who)).bundle.entries == 2


def test_nobody_else_opens_it_and_nobody_opens_it_twice(desk):
    number = desk.approved()
    assert refusal(desk.open, number, by=desk.third) is No.NOT_OF_THE_TWO
    desk.open(number)
    assert {refusal(desk.open, number, by=who) for who in (desk.asker, desk.second)} == {No.ENDED}
    assert kinds(desk).count("unsealed") == 1


def test_who_asks_does_not_approve(desk):
    (number,) = desk.ask()
    assert refusal(desk.approve, number, by=desk.asker) is No.SAME_PERSON
    assert refusal(desk.open, number) is No.NOT_APPROVED
    assert kinds(desk) == ["admin.unsealing.asked"]


def test_an_approval_holds_for_a_day(desk):
    number = desk.approved()
    assert refusal(desk.open, number, at=NOW + APPROVAL_TERM) is No.LAPSED
    assert state(desk, number, NOW + APPROVAL_TERM) is UnsealingState.LAPSED
    assert desk.open(number, at=NOW + APPROVAL_TERM - SECOND).bundle.entries == 2


def test_who_was_declined_asks_again(desk):
    (number,) = desk.ask()
    desk.decline(number)
    assert refusal(desk.approve, number) is No.ENDED
    assert desk.open(desk.approved()).bundle.entries == 2
    assert kinds(desk)[1] == "admin.unsealing.declined"


def test_an_approval_may_be_stopped_before_it_is_used(desk):
    number = desk.approved()
    desk.decline(number, by=desk.third)
    assert refusal(desk.open, number) is No.ENDED


def test_one_request_a_sealing_is_open_at_a_time(desk):
    (number,) = desk.ask()
    assert refusal(desk.ask, by=desk.second) is No.ALREADY_ASKED
    assert refusal(desk.ask, address=desk.address.upper()) is No.ALREADY_ASKED
    assert [each.unsealing_id for each in selectors.unsealings(desk.workspace_id)] == [number]


def test_asking_where_nothing_is_sealed_is_written_down_without_the_address(desk):
    other = an_address()
    assert refusal(desk.ask, address=other) is No.NO_SEALING
    ((kind, fields),) = acts(desk)
    assert (kind, fields["found"], fields["by"]) == ("admin.unsealing.asked", False, f"staff:{desk.asker}")
    assert other not in str(fields)
    assert selectors.unsealings(desk.workspace_id) == []


def test_a_telephone_number_is_asked_for_as_a_number(desk):
    ask = services.ask_unsealing
    here = (desk.workspace_id, Channel.SMS, "+819012345678", REASON)
    assert refusal(ask, *here, by=desk.asker, now=NOW) is No.NO_SEALING


@pytest.mark.parametrize("reason", ["", "hana@example.jp", "x" * 1001])
def test_a_bad_reason_stops_before_anything_is_written(desk, reason):
    refusal(desk.ask, reason=reason)
    assert acts(desk) == []


@pytest.mark.parametrize("role", [each for each in Role if not may(each, Act.REVEAL)])
def test_who_may_reveal_nothing_neither_asks_nor_answers_nor_opens(desk, role):
    number = desk.approved()
    clerk, before = somebody(desk.shop, role), len(acts(desk))
    steps = (desk.approve, desk.decline, desk.open)
    assert {refusal(step, number, by=clerk) for step in steps} == {No.NO_RIGHT}
    assert {refusal(desk.ask, by=clerk, address=each) for each in (desk.address, an_address())} == {
        No.NO_RIGHT
    }
    assert len(acts(desk)) == before


def test_a_right_that_was_taken_away_in_between_is_no_right(desk):
    number = desk.approved()
    accounts.join(desk.workspace_id, desk.asker, Role.MARKETER, now=NOW)
    assert refusal(desk.open, number) is No.NO_RIGHT
    assert desk.open(number, by=desk.second).bundle.entries == 2


def test_members_of_another_shop_reach_nothing(desk):
    other = a_desk()
    number = desk.approved()
    assert refusal(desk.open, number, by=other.asker) is No.NO_RIGHT
    assert refusal(other.open, number) is No.NO_REQUEST
    assert refusal(other.ask, address=desk.address) is No.NO_SEALING
    assert selectors.unsealings(other.workspace_id) == []


def test_what_nobody_ever_asked_for_is_not_opened(desk):
    assert refusal(desk.open, 0) is No.NO_REQUEST


def test_it_is_readable_to_the_last_second_before_its_day(desk):
    number = desk.approved(at=DUE - AN_HOUR)
    assert desk.open(number, at=DUE - SECOND).bundle.entries == 2


def test_on_its_day_it_is_refused_before_the_job_ran(desk):
    number = desk.approved(at=DUE - AN_HOUR)
    (sealed,) = sealed_of(desk.shop, desk.address)
    assert refusal(desk.open, number, at=DUE) is No.DAY_COME
    assert refusal(desk.decline, number, at=DUE) is No.DAY_COME
    assert refusal(desk.ask, at=DUE) is No.NO_SEALING
    assert vault.read_hold(desk.workspace_id, sealed.hold_id) is not None


def test_after_the_job_ran_the_request_has_gone_with_the_sealing(database, desk):
    number = desk.approved(at=DUE - AN_HOUR)
    assert services.destroy_due(desk.workspace_id, now=DUE) == 1
    assert as_owner(database, desk, "select * from unsealing") == []
    for at in (DUE - SECOND, DUE, DUE + timedelta(days=1)):
        assert refusal(desk.open, number, at=at) is No.NO_REQUEST
    assert ledger.audit(desk.workspace_id).consistent


def test_a_key_that_went_before_its_row_opens_nothing(desk):
    number = desk.approved()
    vault.destroy_hold(desk.workspace_id, sealed_of(desk.shop, desk.address)[0].hold_id)
    assert refusal(desk.open, number) is No.DAY_COME
    assert "unsealed" not in kinds(desk)
    assert state(desk, number) is UnsealingState.APPROVED


def test_an_order_that_lengthens_the_time_lengthens_it_for_opening_too(database):
    shop, address = a_shop(), an_address()
    accounts.change_retention(shop.workspace_id, EvidenceRetention.STATUTORY)
    erase(shop, a_reader_of_mails(shop, address))
    services.record_order(shop.workspace_id, at=NOW, by="test", now=NOW)
    ledger_services.sequence_all(shop.workspace_id, now=NOW)
    desk = Desk(shop, address, somebody(shop), somebody(shop), somebody(shop))
    end = add_months(NOW - timedelta(days=10), 12)
    number = desk.approved(at=end - AN_HOUR)
    assert refusal(desk.open, number, at=end) is No.DAY_COME
    assert desk.open(number, at=end - SECOND).bundle.entries == 2


@pytest.mark.parametrize("name", ["ensure", "read", "read_hold"])
def test_while_the_vault_is_away_nothing_is_opened(desk, name, monkeypatch):
    number = desk.approved()
    with monkeypatch.context() as patch:
        patch.setattr(vault, name, raise_away)
        with pytest.raises(vault.VaultAway):
            desk.open(number)
    assert (state(desk, number), "unsealed" in kinds(desk)) == (UnsealingState.APPROVED, False)
    assert desk.open(number).bundle.entries == 2


def test_while_the_vault_is_away_nobody_learns_whether_something_is_sealed(desk, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(vault, "ensure", raise_away)
        for address in (desk.address, an_address()):
            with pytest.raises(vault.VaultAway):
                desk.ask(address=address)
    assert (acts(desk), selectors.unsealings(desk.workspace_id)) == ([], [])


def test_what_is_not_what_was_sealed_does_not_open(database, desk):
    number = desk.approved()
    as_owner(database, desk, "update sealed set body = set_byte(body, 20, get_byte(body, 20) # 1)")
    with pytest.raises(services.SealingBroken):
        desk.open(number)
    assert (state(desk, number), "unsealed" in kinds(desk)) == (UnsealingState.APPROVED, False)


def test_what_is_not_in_the_log_yet_waits_and_the_request_with_it(database):
    shop, address = a_shop(), an_address()
    erase(shop, a_reader_of_mails(shop, address))
    desk = Desk(shop, address, somebody(shop), somebody(shop), somebody(shop))
    number = desk.approved()
    with pytest.raises(ledger.NotInTheLog):
        desk.open(number)
    assert "unsealed" not in kinds(desk)
    ledger_services.sequence_all(shop.workspace_id, now=NOW)
    assert checked(shop, desk.open(number).bundle).size > 2


def test_where_no_entry_was_sealed_the_rest_is_opened_without_a_proof(database):
    """Somebody who got an advertisement by an exemption, agreed to nothing, and was forgotten in time."""
    shop, address = a_shop(), an_address()
    person = a_contact(shop, address)
    sent(shop, person)
    with db.transaction(shop.workspace_id):
        number = services.request(shop.workspace_id, person, rule="purpose met", receipt="S-9", now=NOW)
    services.forget(shop.workspace_id, number, now=NOW, event_id=uuid.uuid4())
    desk = Desk(shop, address, somebody(shop), somebody(shop), somebody(shop))
    opened = desk.open(desk.approved())
    assert opened.bundle is None
    assert opened.content["addresses"][0]["value"] == address


def test_who_was_erased_twice_has_two_sealings_and_both_are_asked_for(database):
    shop, address = a_shop(), an_address()
    for _ in range(2):
        erase(shop, a_reader_of_mails(shop, address))
    desk = Desk(shop, address, somebody(shop), somebody(shop), somebody(shop))
    numbers = desk.ask()
    assert len(set(numbers)) == 2
    desk.decline(numbers[0])
    assert len(desk.ask()) == 1


def test_of_two_who_press_at_once_one_gets_it(desk):
    number, together = desk.approved(), threading.Barrier(2, timeout=30)
    answers = []

    def press(who):
        from django.db import connection

        together.wait()
        try:
            answers.append(desk.open(number, by=who).bundle.entries)
        except services.UnsealingRefused as refused:
            answers.append(refused.no)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(who,)) for who in (desk.asker, desk.second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers, key=str) == [2, No.ENDED]
    assert kinds(desk).count("unsealed") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "update unsealing set reason = 'another'",
        "update unsealing set asked_by = asked_by + 1",
        "update unsealing set hold_id = gen_random_uuid()",
        "delete from unsealing",
        "truncate unsealing",
    ],
)
def test_what_was_asked_cannot_be_altered_by_the_application(desk, statement):
    desk.ask()
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        db.transaction(desk.workspace_id) as connection,
    ):
        connection.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        "approved_by = asked_by, approved_at = now()",
        "approved_by = asked_by + 1",
        "opened_by = asked_by, opened_at = now()",
        "approved_by = asked_by + 1, approved_at = now(), opened_by = asked_by + 2, opened_at = now()",
        "opened_at = now()",
        "declined_by = asked_by",
    ],
)
def test_the_table_itself_keeps_to_two_persons(desk, change):
    desk.ask()
    with pytest.raises(psycopg.errors.CheckViolation), db.transaction(desk.workspace_id) as connection:
        connection.execute(f"update unsealing set {change}")  # noqa: S608 - of the table above


def test_the_page_counts_what_can_still_be_opened(desk):
    found = selectors.holdings(desk.workspace_id, now=NOW)
    assert (found.count, found.next_at) == (1, DUE)
    assert selectors.holdings(desk.workspace_id, now=DUE) == selectors.Holdings(0, None)


def test_requests_that_wait_for_an_answer_stand_first(desk):
    (number,) = desk.ask()
    desk.decline(number)
    (waiting,) = desk.ask()
    assert [each.unsealing_id for each in selectors.unsealings(desk.workspace_id)] == [waiting, number]


def test_the_paper_of_a_consent_is_sealed_with_it_and_comes_back_with_the_proof(database):
    shop, address = a_shop(), an_address()
    person = a_contact(shop, address)
    told = ToldConsent(
        contact_id=person,
        topic_ids=(shop.topic_id,),
        method=Method.PAPER,
        at=SENT_AT - timedelta(days=30),
        wording="新商品のご案内をメールで受け取ります。",
        by="staff:1",
        ip="203.0.113.7",
    )
    paper = a_scan()
    assert isinstance(signup.record_told_consent(shop.workspace_id, told, now=NOW, scan=paper), Recorded)
    kept = ledger_services.plain_picture(paper)
    sent(shop, person)
    erase(shop, person)
    ledger_services.sequence_all(shop.workspace_id, now=NOW)
    desk = Desk(shop, address, somebody(shop), somebody(shop, Role.OWNER), somebody(shop))
    bundle = desk.open(desk.approved()).bundle
    wording = hashlib.sha256(told.wording.encode()).hexdigest()
    assert set(checked(shop, bundle).attachments) == {kept.sha256, wording}
    assert "203.0.113.7" not in bundle.as_json()
    assert b64decode(bundle.content["attachments"][kept.sha256]) == kept.data


def on_paper(shop, person, wording="新商品のご案内をメールで受け取ります。", **scan):
    """A consent on paper; what is kept of the paper."""
    told = ToldConsent(
        contact_id=person,
        topic_ids=(shop.topic_id,),
        method=Method.PAPER,
        at=SENT_AT - timedelta(days=30),
        wording=wording,
        by="staff:1",
    )
    paper = a_scan(**scan)
    assert isinstance(signup.record_told_consent(shop.workspace_id, told, now=NOW, scan=paper), Recorded)
    return ledger_services.plain_picture(paper)


def erased_with_papers(shop, address, *sizes):
    person = a_contact(shop, address)
    kept = [on_paper(shop, person, size=size) for size in sizes]
    sent(shop, person)
    return person, kept


def test_a_paper_that_does_not_open_stops_no_erasure_and_its_hash_stays(database):
    shop, address = a_shop(), an_address()
    person, (broken, whole) = erased_with_papers(shop, address, (60, 40), (61, 40))
    with with_the_database_in_hand(database, shop, "ledger_file") as owner:
        owner.execute(
            "update ledger_file set body = overlay(body placing '\\x00' from 40) where sha256 = %s",
            [broken.sha256],
        )
    assert erase(shop, person).state == "certified"
    assert selectors.remains(shop.workspace_id, person) == {}
    ledger_services.sequence_all(shop.workspace_id, now=NOW)
    desk = Desk(shop, address, somebody(shop), somebody(shop, Role.OWNER), somebody(shop))
    opened = desk.open(desk.approved())
    assert [each["sha256"] for each in opened.content["files"]] == [whole.sha256]
    assert broken.sha256 in opened.bundle.as_json()
    assert opened.left_out == []


def test_what_a_verifier_would_not_read_is_left_out_the_largest_first_and_named(database, monkeypatch):
    shop, address = a_shop(), an_address()
    person, (large, small) = erased_with_papers(shop, address, (300, 200), (60, 40))
    erase(shop, person)
    ledger_services.sequence_all(shop.workspace_id, now=NOW)
    desk = Desk(shop, address, somebody(shop), somebody(shop, Role.OWNER), somebody(shop))
    monkeypatch.setattr(proving, "BUNDLE_BYTES_MAX", 8_000 + len(small.data) * 4 // 3)
    opened = desk.open(desk.approved())
    assert opened.left_out == [large.sha256]
    assert small.sha256 in checked(shop, opened.bundle).attachments
    assert acts(desk)[-1][1]["left_out"] == [large.sha256]


def test_a_history_that_no_verifier_reads_is_handed_out_as_it_was_sealed(desk, monkeypatch):
    monkeypatch.setattr(proving, "BUNDLE_BYTES_MAX", 100)
    opened = desk.open(desk.approved())
    assert (opened.bundle, opened.left_out, len(opened.content["entries"])) == (None, [], 2)
    assert "left_out" not in acts(desk)[-1][1]
