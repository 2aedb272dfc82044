"""A case of the desk: looked up, stopped, noted, answered, closed; it names nobody."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.complaints.test_services import a_subscriber, an_address, never_contacted, refused
from tests.erasure.test_sealing import erase, sent
from tests.ledger.pdf_reading import squeezed, text_of
from tests.people import a_contact, a_reader, a_shop, agree

from shodaku.complaints import selectors, services
from shodaku.complaints.domain import CaseGrievance, CaseNo, CaseState, CaseVia, StepKind, is_late
from shodaku.complaints.services import CaseRefused, NewCase, NoCase, NoteTooLong
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import vault
from shodaku.ledger.services import VaultAway
from shodaku.suppression.domain import Scope

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=7)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def opened(shop, address, *, words="", grievance=CaseGrievance.NEVER_AGREED, now=NOW):
    new = NewCase(via=CaseVia.TELEPHONE, grievance=grievance, address=address, words=words)
    return services.open_case(shop.workspace_id, new, now, by="staff:1")


def the(shop, number):
    return selectors.case(shop.workspace_id, number)


def stop(shop, number, now=LATER, **more):
    return services.stop(shop.workspace_id, number, now, by="staff:1", **more)


def steps(shop, number):
    return [each.step for each in selectors.steps(shop.workspace_id, number)]


def test_an_address_becomes_a_case_by_number_and_nothing_is_stopped_by_looking(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    sent(shop, person)
    case = the(shop, opened(shop, address.upper()))
    assert (case.contact_id, case.known, case.state) == (person, True, CaseState.OPEN)
    assert (case.topic_id, case.stopped_at) == (shop.topic_id, None)
    assert refused(shop, person) == []


def test_the_case_itself_holds_no_address_and_no_words(shop):
    address = an_address()
    a_subscriber(shop, address)
    opened(shop, address, words="二度と送らないで")
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute(
            "select to_jsonb(c), to_jsonb(s) from complaint_case c join complaint_step s using (case_id)"
        ).fetchall()
    kept = json.dumps(rows, ensure_ascii=False, default=str)
    assert rows
    assert address not in kept
    assert "二度と" not in kept


def test_stopping_refuses_everything_and_the_receipt_stands_on_the_case(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    number = opened(shop, address)
    receipt = stop(shop, number)
    case = the(shop, number)
    assert refused(shop, person) == [Scope.ALL]
    assert (case.stopped_at, case.receipt) == (LATER, receipt)
    assert steps(shop, number) == [StepKind.OPENED, StepKind.STOPPED]
    with pytest.raises(CaseRefused) as no:
        stop(shop, number)
    assert no.value.no is CaseNo.STOPPED_ALREADY


def test_who_said_no_before_is_known_as_stopped_until_a_fresh_consent(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    stop(shop, opened(shop, address))
    assert the(shop, opened(shop, address, now=LATER)).stopped_at == LATER
    agree(shop, person, at=LATER + timedelta(days=1))
    assert the(shop, opened(shop, address, now=LATER + timedelta(days=2))).stopped_at is None


def test_of_a_stranger_nothing_is_kept_and_the_address_is_named_again_to_bar_it(shop):
    address = an_address()
    number = opened(shop, address, words="secret words")
    case = the(shop, number)
    assert (case.known, case.contact_id, case.never_contacted) == (False, None, False)
    assert not never_contacted(shop, address)
    assert stop(shop, number, address=address) is None
    assert never_contacted(shop, address)
    assert (the(shop, number).never_contacted, the(shop, number).stopped_at) == (True, LATER)
    told = [each.fields for each in ledger.history(shop.workspace_id, 0)]
    assert "secret words" not in json.dumps(told, ensure_ascii=False)
    with pytest.raises(CaseRefused) as no:
        services.note(shop.workspace_id, number, "more secret words", LATER, by="staff:1")
    assert no.value.no is CaseNo.NOBODY_KNOWN


def test_the_case_of_a_stranger_does_not_stop_somebody_else(shop):
    address = an_address()
    person = a_reader(shop, address)
    number = opened(shop, an_address())
    with pytest.raises(CaseRefused) as no:
        stop(shop, number, address=address)
    assert no.value.no is CaseNo.OTHER_ADDRESS
    assert refused(shop, person) == []
    assert the(shop, number).stopped_at is None


def test_an_erased_persons_address_says_until_when_evidence_is_sealed(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    sent(shop, person)
    until = erase(shop, person).sealed_until
    case = the(shop, opened(shop, address))
    assert (case.known, case.never_contacted, case.sealed_until) == (False, True, until)


def test_words_are_sealed_under_the_persons_key_and_the_case_forgets_with_them(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    number = opened(shop, address, words="覚えがない")
    services.note(shop.workspace_id, number, "折り返し電話した", LATER, by="staff:1")
    told = {each.entry_id: each.fields for each in ledger.history(shop.workspace_id, person)}
    log = selectors.steps(shop.workspace_id, number)
    assert [told[each.entry_id]["text"] for each in log] == ["覚えがない", "折り返し電話した"]
    erase(shop, person)
    case = the(shop, number)
    assert (case.known, case.contact_id) == (True, None)
    assert services.replies(shop.workspace_id, case) == []
    services.answered(shop.workspace_id, number, LATER, by="staff:1")
    services.close(shop.workspace_id, number, LATER, by="staff:1")
    assert the(shop, number).state is CaseState.CLOSED


def test_a_case_is_answered_before_it_is_closed_and_may_be_opened_again(shop):
    number = opened(shop, an_address())
    with pytest.raises(CaseRefused) as no:
        services.close(shop.workspace_id, number, LATER, by="staff:1")
    assert no.value.no is CaseNo.NOT_ANSWERED
    services.answered(shop.workspace_id, number, LATER, by="staff:1")
    services.close(shop.workspace_id, number, LATER + timedelta(minutes=1), by="staff:2")
    with pytest.raises(CaseRefused) as no:
        services.answered(shop.workspace_id, number, LATER, by="staff:1")
    assert no.value.no is CaseNo.CLOSED
    services.reopen(shop.workspace_id, number, LATER + timedelta(days=1), by="staff:1")
    case = the(shop, number)
    assert (case.state, case.answered_at, case.closed_at) == (CaseState.OPEN, LATER, None)
    with pytest.raises(CaseRefused) as no:
        services.reopen(shop.workspace_id, number, LATER, by="staff:1")
    assert no.value.no is CaseNo.NOT_CLOSED
    kinds = [StepKind.OPENED, StepKind.ANSWERED, StepKind.CLOSED, StepKind.REOPENED]
    assert steps(shop, number) == kinds
    assert [each.by for each in selectors.steps(shop.workspace_id, number)] == [
        "staff:1", "staff:1", "staff:2", "staff:1",
    ]  # fmt: skip


def test_every_step_stands_in_the_ledger(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    number = opened(shop, address)
    stop(shop, number)
    services.answered(shop.workspace_id, number, LATER, by="staff:1")
    services.close(shop.workspace_id, number, LATER, by="staff:1")
    kinds = [each.kind for each in ledger.history(shop.workspace_id, person)]
    assert kinds[-4:] == [
        "admin.case.opened",
        "consent.withdrawn",
        "admin.case.answered",
        "admin.case.closed",
    ]


def test_after_a_day_without_an_answer_a_case_is_late_and_not_before(shop):
    number = opened(shop, an_address())
    day = timedelta(days=1)
    assert not is_late(the(shop, number), NOW + day - timedelta(seconds=1))
    assert is_late(the(shop, number), NOW + day)
    assert selectors.case_counts(shop.workspace_id, NOW + day - timedelta(seconds=1)).late == 0
    assert selectors.case_counts(shop.workspace_id, NOW + day).late == 1
    services.answered(shop.workspace_id, number, NOW + 2 * day, by="staff:1")
    assert not is_late(the(shop, number), NOW + 3 * day)
    assert selectors.case_counts(shop.workspace_id, NOW + 3 * day).late == 0


def test_the_log_of_a_case_cannot_be_rewritten(shop):
    opened(shop, an_address())
    for statement in ("update complaint_step set by = 'nobody'", "delete from complaint_step"):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            db.transaction(shop.workspace_id) as connection,
        ):
            connection.execute(statement)


def test_while_the_vault_is_away_stopping_works_and_a_note_changes_nothing(shop, monkeypatch):
    address = an_address()
    person = a_subscriber(shop, address)
    number = opened(shop, address)

    def away(*_args):
        raise VaultAway

    with monkeypatch.context() as patch:
        patch.setattr(vault, "read", away)
        with pytest.raises(VaultAway):
            services.note(shop.workspace_id, number, "words", LATER, by="staff:1")
        assert stop(shop, number)
    assert refused(shop, person) == [Scope.ALL]
    assert steps(shop, number) == [StepKind.OPENED, StepKind.STOPPED]


@pytest.mark.parametrize("words", ["", "  \n", "あ" * 1_001])
def test_a_note_is_neither_empty_nor_longer_than_its_limit(shop, words):
    address = an_address()
    a_subscriber(shop, address)
    number = opened(shop, address)
    with pytest.raises(NoteTooLong):
        services.note(shop.workspace_id, number, words, LATER, by="staff:1")


def test_a_case_of_another_workspace_is_none(shop):
    number = opened(shop, an_address())
    assert selectors.case(a_shop().workspace_id, number) is None
    with pytest.raises(NoCase):
        services.answered(a_shop().workspace_id, number, LATER, by="staff:1")


def test_the_list_is_narrowed_and_paged_by_number(shop):
    numbers = [opened(shop, an_address()) for _ in range(3)]
    often = opened(shop, an_address(), grievance=CaseGrievance.TOO_OFTEN)
    services.answered(shop.workspace_id, numbers[0], LATER, by="staff:1")
    services.close(shop.workspace_id, numbers[0], LATER, by="staff:1")

    def found(**narrowed):
        return [each.case_id for each in selectors.cases(shop.workspace_id, **narrowed)]

    assert found() == [often, *numbers[::-1]]
    assert found(before=often, rows_max=2) == numbers[:0:-1]
    assert found(grievance=CaseGrievance.TOO_OFTEN) == [often]
    assert found(state="closed") == [numbers[0]]
    assert found(state=selectors.UNFINISHED) == [often, *numbers[:0:-1]]


def test_months_count_what_came_and_how_long_the_first_answer_took(shop):
    address = an_address()
    sent(shop, a_subscriber(shop, address))
    for minutes in (5, 9, 60):
        number = opened(shop, address)
        services.answered(shop.workspace_id, number, NOW + timedelta(minutes=minutes), by="staff:1")
    opened(shop, an_address(), grievance=CaseGrievance.TOO_OFTEN)
    # a minute before midnight in Tokyo the month is still the one before
    opened(shop, an_address(), now=datetime(2026, 10, 31, 14, 59, tzinfo=UTC))
    rows = selectors.case_months(shop.workspace_id, NOW - timedelta(days=90), "Asia/Tokyo")
    assert [(row.month.isoformat(), row.topic_id, row.opened, row.too_often) for row in rows] == [
        ("2026-11-01", shop.topic_id, 3, 0),
        ("2026-11-01", None, 1, 1),
        ("2026-10-01", None, 1, 0),
    ]
    assert [row.answer_seconds for row in rows] == [9 * 60, None, None]


def test_replies_hold_the_facts_in_both_languages_and_say_of_a_stop_only_what_happened(shop):
    address = an_address()
    sent(shop, a_subscriber(shop, address))
    number = opened(shop, address)
    before = services.replies(shop.workspace_id, the(shop, number))
    assert [each.language for each in before] == ["ja", "en"]
    assert all("停止" not in each.spoken + each.letter for each in before)
    assert all("stopped" not in each.spoken + each.letter for each in before)
    receipt = stop(shop, number)
    ja, en = services.replies(shop.workspace_id, the(shop, number))
    assert f"受付番号は {receipt} です。" in ja.spoken
    assert "2026年11月25日 12時07分（JST）に停止いたしました。" in ja.spoken
    assert "お届けの根拠は、「月刊ショップだより」について、" in ja.spoken
    assert "これまでにお送りしたのは1通" in ja.spoken
    assert f"Your receipt is {receipt}." in en.spoken
    assert "All advertising to you was stopped on 25 Nov 2026 at 12:07 JST." in en.letter


def test_a_stranger_hears_that_there_is_no_record_and_of_the_list_only_when_it_is_on_it(shop):
    address = an_address()
    number = opened(shop, address)
    ja = services.replies(shop.workspace_id, the(shop, number))[0]
    assert "同意の記録を確認できませんでした" in ja.letter
    assert "措置をとりました" not in ja.letter
    stop(shop, number, address=address)
    assert "措置をとりました" in services.replies(shop.workspace_id, the(shop, number))[0].letter


def test_known_by_a_card_alone_is_told_so(shop):
    number = opened(shop, an_address())
    assert "no record" in services.replies(shop.workspace_id, the(shop, number))[1].spoken
    address = an_address()
    a_contact(shop, address)
    assert "no record" in services.replies(shop.workspace_id, the(shop, opened(shop, address)))[1].spoken


@pytest.mark.parametrize(
    ("language", "title"), [("ja", "お申し出への回答"), ("en", "Answer to your complaint")]
)
def test_the_letter_on_paper_carries_its_three_annexes(shop, language, title):
    pytest.importorskip("typst")
    address = an_address()
    person = a_subscriber(shop, address)
    sent(shop, person)
    number = opened(shop, address)
    stop(shop, number)
    pdf = services.letter_paper(shop.workspace_id, the(shop, number), language, LATER)
    text = squeezed(text_of(pdf))
    annexes = [f"別紙{n}" if language == "ja" else f"Annex {n}" for n in (1, 2, 3)]
    act = selectors.acts(shop.workspace_id, person)[-2]
    assert squeezed(title) in text
    assert act.proof_hash in text
    assert "秋の新商品" in text
    assert [each for each in annexes if squeezed(each) not in text] == []


def test_no_letter_is_made_of_somebody_who_was_erased_since(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    number = opened(shop, address)
    erase(shop, person)
    with pytest.raises(CaseRefused) as no:
        services.letter_paper(shop.workspace_id, the(shop, number), "ja", LATER)
    assert no.value.no is CaseNo.ERASED


def test_the_claim_of_the_command_line_is_a_case_that_is_stopped(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    pack = services.answer_claim(shop.workspace_id, address, "登録していません", NOW, by="command line")
    case = the(shop, pack.case_id)
    assert (case.contact_id, case.stopped_at, case.receipt) == (person, NOW, pack.receipt)
    assert steps(shop, pack.case_id) == [StepKind.OPENED, StepKind.STOPPED]
    stranger = services.answer_claim(shop.workspace_id, an_address(), "", NOW, by="command line")
    assert (the(shop, stranger.case_id).known, the(shop, stranger.case_id).never_contacted) == (False, True)
