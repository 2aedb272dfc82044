"""P6, P9: what is sealed of somebody erased is opened by two persons, for a reason and before its day."""

from __future__ import annotations

import io
import itertools
import json
import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.erasure.test_sealing import DUE, NOW, SECOND, erase, sealed_of, sent
from tests.erasure.two_persons import REASON, Desk, a_desk, checked, somebody
from tests.people import a_shop
from tests.signup.forms import EVIDENCE, a_form, ask, confirm_token

import shodaku
from shodaku.accounts.domain import Act, Role, may
from shodaku.config import explain
from shodaku.contacts.domain import Channel
from shodaku.erasure import selectors, services
from shodaku.erasure.domain import Unsealing, UnsealingStep, Who, refuse_step
from shodaku.imports import services as imports
from shodaku.imports.domain import Basis, Verdict
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.signup import services as signup
from shodaku.suppression import selectors as suppression_known
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.usefixtures("database")

HOUSE = Path(shodaku.__file__).parent
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def desk(database):
    return a_desk()


def consistent(desk):
    ledger_services.sequence_all(desk.workspace_id, now=NOW)
    return ledger.audit(desk.workspace_id).consistent


def whatever_opens(desk, number, at=NOW):
    """Does anybody who may reveal get anything?"""
    got = []
    for who in (desk.asker, desk.second, desk.third):
        with suppress(services.UnsealingRefused):
            got.append(desk.open(number, by=who, at=at))
    return got


STEPS_MAX = 4
EVERY_MOVE = list(itertools.product(UnsealingStep, (1, 2, 3)))
ASKED = Unsealing(1, uuid.UUID(int=1), REASON, 1, NOW, None, None, None, None, NOW, DUE)


def played(moves):
    """The request after these moves, each at its time and only if it was allowed; who approved and opened."""
    request, done = ASKED, []
    for at, (step, person) in enumerate(moves):
        now = NOW + at * AN_HOUR
        if refuse_step(step, Who(person, Role.OWNER), request, now) is not None:
            continue
        done.append((step, person))
        match step:
            case UnsealingStep.APPROVE:
                request = replace(request, approved_by=person, approved_at=now)
            case UnsealingStep.DECLINE:
                request = replace(request, declined_at=now)
            case UnsealingStep.OPEN:
                request = replace(request, opened_at=now)
    return done


def test_in_every_order_of_moves_it_takes_two_and_opens_once():
    opened = 0
    for moves in itertools.product(EVERY_MOVE, repeat=STEPS_MAX):
        done = played(moves)
        openings = [person for step, person in done if step is UnsealingStep.OPEN]
        approvals = [person for step, person in done if step is UnsealingStep.APPROVE]
        assert len(openings) <= 1
        assert 1 not in approvals
        if openings:
            opened += 1
            assert len(approvals) == 1
            assert openings[0] in (1, approvals[0])
            assert (UnsealingStep.DECLINE in [step for step, _ in done]) is False
    assert opened


@pytest.mark.parametrize("role", [each for each in Role if may(each, Act.REVEAL)])
def test_no_single_person_opens_it_whatever_the_role(desk, role):
    alone = somebody(desk.shop, role)
    (number,) = desk.ask(by=alone)
    for step in (desk.open, desk.approve, desk.open):
        with pytest.raises(services.UnsealingRefused):
            step(number, by=alone)


def test_the_proof_of_a_real_sign_up_names_address_wording_and_time_and_holds_without_us():
    """By our own form, confirmed by mail, mailed, erased: what two persons get is what a judge needs."""
    shop, address = a_shop(), f"judge-{uuid.uuid4().hex[:8]}@example.jp"
    a_form(shop, now=NOW - timedelta(days=20))
    person = ask(shop, address, now=NOW - timedelta(days=19))
    signup.confirm_signup(confirm_token(shop, person), EVIDENCE, NOW - timedelta(days=19))
    sent(shop, person)
    erase(shop, person)
    ledger_services.sequence_all(shop.workspace_id, now=NOW)
    desk = Desk(shop, address, somebody(shop), somebody(shop), somebody(shop))
    report = checked(shop, desk.open(desk.approved()).bundle)
    kinds = [each.kind for each in report.entries]
    assert kinds[:2] == ["consent.requested", "consent.confirmed"]
    confirmed = report.entries[1].values
    assert (confirmed["address"], confirmed["method"]) == (address, "web-double")
    assert {"at", "wording_sha256", "topics"} <= confirmed.keys()


def test_a_proof_once_given_holds_after_what_was_sealed_is_destroyed(desk):
    bundle = desk.open(desk.approved()).bundle
    services.destroy_due(desk.workspace_id, now=DUE)
    assert consistent(desk)
    assert len(checked(desk.shop, bundle).entries) == 2


def test_it_is_readable_before_its_day_and_not_a_second_after(desk):
    number = desk.approved(at=DUE - AN_HOUR)
    assert whatever_opens(desk, number, at=DUE) == []
    assert len(whatever_opens(desk, number, at=DUE - SECOND)) == 1


@pytest.mark.parametrize("late", [SECOND, timedelta(days=1), timedelta(days=400)])
def test_once_the_key_is_destroyed_not_even_a_copy_of_the_row_opens(desk, late):
    number = desk.approved(at=DUE - AN_HOUR)
    (sealed,) = sealed_of(desk.shop, desk.address)
    with db.transaction(desk.workspace_id) as connection:
        (copy,) = connection.execute(
            "select body from sealed where hold_id = %s", [sealed.hold_id]
        ).fetchone()
    assert ledger_services.open_sealed_away(desk.workspace_id, sealed.hold_id, copy)["sent"] == 2
    services.destroy_due(desk.workspace_id, now=DUE + late)
    assert whatever_opens(desk, number, at=DUE - SECOND) == []
    with pytest.raises(ledger_services.KeyDestroyed):
        ledger_services.open_sealed_away(desk.workspace_id, sealed.hold_id, copy)
    assert consistent(desk)


def test_the_audit_passes_around_every_step(desk):
    (number,) = desk.ask()
    assert consistent(desk)
    desk.decline(number)
    assert consistent(desk)
    number = desk.approved()
    assert consistent(desk)
    desk.open(number)
    assert consistent(desk)
    services.destroy_due(desk.workspace_id, now=DUE)
    assert consistent(desk)


def test_whose_evidence_is_opened_stays_suppressed(desk):
    desk.open(desk.approved())
    pair = suppression.tokens(desk.workspace_id, Channel.EMAIL, desk.address)
    assert suppression_known.suppressed(desk.workspace_id, [pair])
    answer = explain.explain(desk.workspace_id, desk.address, desk.shop.topic_id, now=NOW)
    assert (answer.may, answer.reason) == (False, "ERASED_NEVER_CONTACT")
    order = imports.ImportOrder(
        file_name="again.csv",
        basis=Basis.CONSENT,
        evidence="本人の申込書",
        evidence_on=NOW.date(),
        confirmed=True,
        topic_id=desk.shop.topic_id,
    )
    rows = io.BytesIO(f"メール\n{desk.address}\n".encode())
    report = imports.bring_in(desk.workspace_id, rows, order, dry_run=False, staff_id=None, now=NOW)
    assert report.counts == {Verdict.SUPPRESSED: 1}


def test_every_opening_stands_in_the_ledger_with_reason_and_both_names(desk):
    desk.open(desk.approved(), by=desk.second)
    (fields,) = [each.fields for each in ledger.history(desk.workspace_id, 0) if each.kind == "unsealed"]
    assert (fields["reason"], fields["asked_by"], fields["approved_by"], fields["opened_by"]) == (
        REASON,
        f"staff:{desk.asker}",
        f"staff:{desk.second}",
        f"staff:{desk.second}",
    )
    with db.transaction(desk.workspace_id) as connection:
        clear = connection.execute("select string_agg(entry, ' ') from ledger_entry").fetchone()[0]
    assert desk.address not in clear + json.dumps(fields)


def test_nothing_comes_back_into_the_tables_of_people(desk):
    desk.open(desk.approved())
    with db.transaction(desk.workspace_id) as connection:
        people = connection.execute(
            "select (select count(*) from contact), (select count(*) from address),"
            " (select count(*) from ledger_sealed where contact_id <> 0)"
        ).fetchone()
    assert people == (0, 0, 0)


@pytest.mark.parametrize(
    ("call", "callers"),
    [
        ("open_sealed(", {"console/views/unsealing.py", "erasure/unsealing.py"}),
        ("open_sealed_away(", {"erasure/unsealing.py", "ledger/services.py"}),
        ("read_hold(", {"ledger/services.py", "ledger/vault.py"}),
    ],
)
def test_there_is_one_way_to_what_is_sealed_and_no_command_is_one(call, callers):
    found = {
        str(file.relative_to(HOUSE))
        for file in HOUSE.glob("**/*.py")
        if call in file.read_text(encoding="utf-8")
    }
    assert found == callers


def test_a_request_goes_with_what_it_asked_for(desk):
    desk.ask()
    services.destroy_due(desk.workspace_id, now=DUE)
    assert selectors.unsealings(desk.workspace_id) == []
