"""Requests about one's own data: a clock, an identity, an answer, and no word of it outside the ledger."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from tests.erasure.test_sealing import sent
from tests.people import a_contact, a_reader, a_shop

from shodaku.complaints import selectors, services
from shodaku.complaints.answers import Outcome, ToldRequest, answer_letter
from shodaku.complaints.domain import (
    Correction,
    Identified,
    RefusalGround,
    RequestKind,
    RequestNo,
    RequestState,
    RequestVia,
    Urgency,
)
from shodaku.complaints.letter import Addressee, Desk
from shodaku.complaints.services import NewRequest, NoRequest, RequestAhead, RequestRefused, WordsTooLong
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, CountrySource, Residence
from shodaku.erasure import services as erasure
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import vault
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TOKYO = ZoneInfo("Asia/Tokyo")

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def an_address():
    return f"asks-{uuid.uuid4().hex[:8]}@example.jp"


def opened(shop, address, kind=RequestKind.ACCESS, **known):
    new = NewRequest(
        kind=kind,
        via=known.pop("via", RequestVia.MAIL),
        received_at=known.pop("received_at", NOW),
        address=address,
        **known,
    )
    return services.open_request(shop.workspace_id, new, NOW, by="test")


def read(shop, request_id):
    return selectors.data_request(shop.workspace_id, request_id)


def identify(shop, request_id, at=NOW):
    return services.check_identity(shop.workspace_id, request_id, Identified.DOCUMENT, at, by="test")


def answer(shop, request_id, at=NOW, **more):
    return services.answer(shop.workspace_id, request_id, at, by="test", **more)


def kinds(shop, person):
    return [each.kind for each in ledger.history(shop.workspace_id, person)]


def refusal_of(step):
    with pytest.raises(RequestRefused) as raised:
        step()
    return raised.value.no


def lives_in(shop, person, country):
    with db.transaction(shop.workspace_id):
        contacts.describe(person, country=Residence(country, CountrySource.DECLARED))


def test_nothing_is_told_corrected_or_erased_before_it_is_known_who_asks(shop):
    address = an_address()
    person = a_reader(shop, address)
    request_ids = [
        opened(shop, address, kind)
        for kind in (
            RequestKind.ACCESS,
            RequestKind.CORRECTION,
            RequestKind.ERASURE,
            RequestKind.PROVISION_RECORDS,
        )
    ]
    for request_id in request_ids:
        assert read(shop, request_id).state is RequestState.WAITING_IDENTITY
        with pytest.raises(RequestRefused) as raised:
            answer(shop, request_id, correction=Correction(name="山田 花"))
        assert raised.value.no is RequestNo.IDENTITY_FIRST
    assert contacts_known.contact(shop.workspace_id, person).name == "山田 花子"
    assert "admin.disclosed" not in kinds(shop, person)


def test_the_table_itself_refuses_an_answer_before_the_identity(shop, database):
    request_id = opened(shop, an_address())
    ended = "update data_request set state = 'answered', ended_at = now() where request_id = %s"
    with psycopg.connect(database.owner) as owner:
        owner.execute("select set_config('shodaku.workspace', %s, false)", [str(shop.workspace_id)])
        with pytest.raises(psycopg.errors.CheckViolation):
            owner.execute(ended, [request_id])


def test_the_time_begins_when_it_is_known_who_asks(shop):
    address = an_address()
    a_reader(shop, address)
    request_id = opened(shop, address)
    asked = read(shop, request_id)
    assert selectors.urgency_of(asked, NOW + 90 * DAY) is Urgency.STANDING
    known = identify(shop, request_id, NOW + 5 * DAY)
    assert known.due_at.astimezone(TOKYO) == datetime(2026, 12, 15, tzinfo=TOKYO)
    assert selectors.urgency_of(known, NOW + 5 * DAY) is Urgency.IN_TIME
    assert selectors.urgency_of(known, known.due_at - 2 * DAY) is Urgency.DUE_SOON
    assert selectors.urgency_of(known, known.due_at - timedelta(seconds=1)) is Urgency.DUE_SOON
    assert selectors.urgency_of(known, known.due_at) is Urgency.LATE
    assert refusal_of(lambda: identify(shop, request_id)) is RequestNo.IDENTIFIED_ALREADY


def test_a_law_that_lets_no_time_stand_lets_none(shop):
    address = an_address()
    lives_in(shop, a_reader(shop, address), "KR")
    asked = read(shop, opened(shop, address))
    assert asked.jurisdiction == "ZZ"
    assert selectors.urgency_of(asked, asked.due_at) is Urgency.LATE


def test_whoever_lives_in_europe_has_a_month_that_can_be_lengthened_once_and_in_time(shop):
    address = an_address()
    lives_in(shop, a_reader(shop, address), "FR")
    request_id = opened(shop, address, identity=Identified.IN_PERSON)
    first = read(shop, request_id)
    assert (first.jurisdiction, first.due_at.astimezone(TOKYO).date()) == ("EU", date(2026, 12, 26))
    late = first.due_at

    def more(at):
        return services.lengthen(shop.workspace_id, request_id, "三つの倉庫を探す", at, by="test")

    assert refusal_of(lambda: more(late)) is RequestNo.TOO_LATE
    letter = more(NOW + 20 * DAY)
    assert "2027年2月25日" in letter
    assert read(shop, request_id).due_at.astimezone(TOKYO).date() == date(2027, 2, 26)
    assert refusal_of(lambda: more(NOW + 20 * DAY)) is RequestNo.LENGTHENED_ALREADY


def test_japan_knows_no_longer_time(shop):
    address = an_address()
    a_reader(shop, address)
    request_id = opened(shop, address)
    with pytest.raises(RequestRefused) as raised:
        services.lengthen(shop.workspace_id, request_id, "忙しい", NOW, by="test")
    assert raised.value.no is RequestNo.NO_LONGER_TIME
    with pytest.raises(WordsTooLong):
        services.lengthen(shop.workspace_id, request_id, " ", NOW, by="test")


def test_the_answer_to_a_request_for_a_copy_is_the_whole_file_and_it_is_answered_once(shop):
    address = an_address()
    person = a_reader(shop, address)
    sent(shop, person)
    request_id = opened(shop, address, words="全部見せてください")
    identify(shop, request_id)
    told = answer(shop, request_id)
    content = told.content
    assert content["format"] == "shodaku-disclosure/1"
    assert content["person"]["addresses"] == [{"channel": "email", "value": address}]
    assert content["person"]["messages"][0]["subject"] == "秋の新商品"
    assert content["person"]["consents"][0]["topic"] == "月刊ショップだより"
    assert content["person"]["requests"][0]["kind"] == "access"
    assert content["records"]["data_request"]
    json.dumps(content, ensure_ascii=False)
    assert "山田 花子 様" in told.letter
    assert read(shop, request_id).state is RequestState.ANSWERED
    assert refusal_of(lambda: answer(shop, request_id)) is RequestNo.ENDED
    assert kinds(shop, person)[-4:] == [
        "admin.request.opened",
        "admin.request.identified",
        "admin.request.answered",
        "admin.disclosed",
    ]


def test_a_correction_changes_the_name_and_keeps_both_in_the_history(shop):
    address = an_address()
    person = a_reader(shop, address)
    request_id = opened(shop, address, RequestKind.CORRECTION, identity=Identified.CALL_BACK)
    assert refusal_of(lambda: answer(shop, request_id)) is RequestNo.NOTHING_TO_CORRECT
    answer(shop, request_id, correction=Correction(name="佐藤 花子", birth_date=date(1990, 4, 1)))
    assert contacts_known.contact(shop.workspace_id, person).name == "佐藤 花子"
    fields = ledger.history(shop.workspace_id, person)[-1].fields
    assert (fields["name_before"], fields["name"]) == ("山田 花子", "佐藤 花子")


@pytest.mark.parametrize("kind", [RequestKind.STOP_USE, RequestKind.OBJECTION, RequestKind.ERASURE])
def test_whoever_wants_no_advertising_gets_none_from_the_moment_it_is_written_down(shop, kind):
    address = an_address()
    person = a_reader(shop, address)
    opened(shop, address, kind)
    assert suppressions.refusals(shop.workspace_id, person)


def test_an_objection_needs_no_proof_and_is_never_refused(shop):
    address = an_address()
    a_reader(shop, address)
    request_id = opened(shop, address, RequestKind.OBJECTION)

    def no():
        services.refuse(shop.workspace_id, request_id, RefusalGround.NOT_IDENTIFIED, NOW, by="test")

    assert refusal_of(no) is RequestNo.NEVER_REFUSED
    told = answer(shop, request_id)
    assert told.receipt.startswith("S-")
    assert told.receipt in told.letter


def test_an_erasure_is_answered_and_done_and_the_request_forgets_who_asked(shop):
    address = an_address()
    person = a_reader(shop, address)
    request_id = opened(shop, address, RequestKind.ERASURE, words="消してください")
    identify(shop, request_id)
    told = answer(shop, request_id)
    assert (told.outcome, told.receipt in told.letter) == (Outcome.DONE, True)
    from shodaku.erasure import selectors as erasures

    erasure_id = erasures.by_receipt(shop.workspace_id, told.receipt).erasure_id
    erasure.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    after = read(shop, request_id)
    assert (after.contact_id, after.state) == (None, RequestState.ANSWERED)
    assert erasures.remains(shop.workspace_id, person) == {}
    assert refusal_of(lambda: answer(shop, request_id)) is RequestNo.ENDED


def test_a_request_that_is_open_while_its_person_is_erased_can_still_be_ended(shop):
    address = an_address()
    person = a_reader(shop, address)
    request_id = opened(shop, address)
    with db.transaction(shop.workspace_id):
        contacts.lock(person)
        erasure_id = erasure.request(shop.workspace_id, person, rule="erase", receipt="S-x", now=NOW)
    erasure.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    assert read(shop, request_id).contact_id is None
    identify(shop, request_id)
    told = answer(shop, request_id, address=address)
    assert (told.outcome, told.content["known"], told.content["never_contacted"]) == (
        Outcome.NOT_KNOWN,
        False,
        True,
    )
    assert "照合用の値" in told.letter


def test_of_a_stranger_nothing_is_written_down_but_that_they_asked(shop, database):
    address, words = an_address(), "わたしは山本です"
    request_id = opened(shop, address, RequestKind.OBJECTION, words=words)
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
    assert suppressions.suppressed(shop.workspace_id, [pair])
    told = json.dumps([each.fields for each in ledger.history(shop.workspace_id, 0)], ensure_ascii=False)
    with psycopg.connect(database.owner) as owner:
        owner.execute("select set_config('shodaku.workspace', %s, false)", [str(shop.workspace_id)])
        (row,) = owner.execute(
            "select row_to_json(d)::text from data_request d where request_id = %s", [request_id]
        ).fetchone()
    assert not any(secret in text for secret in (address, words) for text in (told, row))


def test_what_a_known_person_said_goes_with_their_key(shop):
    address = an_address()
    person = a_reader(shop, address)
    opened(shop, address, words="去年の購入が違います")
    assert ledger.history(shop.workspace_id, person)[-1].fields["says"] == "去年の購入が違います"
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute("select row_to_json(d)::text from data_request d").fetchall()
    assert "去年" not in str(rows)


def test_a_refusal_says_why_and_where_to_complain(shop):
    address = an_address()
    a_reader(shop, address)
    request_id = opened(shop, address, language="en")
    letter = services.refuse(
        shop.workspace_id, request_id, RefusalGround.NOT_IDENTIFIED, NOW, by="test", words="no papers"
    )
    assert "we could not make sure that it was you" in letter
    assert "data protection authority" in letter
    ended = read(shop, request_id)
    assert (ended.state, ended.refusal) == (RequestState.REFUSED, RefusalGround.NOT_IDENTIFIED)


def test_what_was_taken_back_is_over(shop):
    address = an_address()
    a_reader(shop, address)
    request_id = opened(shop, address)
    services.withdraw(shop.workspace_id, request_id, NOW, by="test")
    assert read(shop, request_id).state is RequestState.WITHDRAWN
    assert refusal_of(lambda: identify(shop, request_id)) is RequestNo.ENDED


def test_the_record_of_provision_tells_who_handed_the_data_over(shop):
    address = an_address()
    a_reader(shop, address)
    request_id = opened(shop, address, RequestKind.PROVISION_RECORDS, identity=Identified.KNOWN_FACTS)
    content = answer(shop, request_id).content
    assert content["provision_records"]["provided"] == []
    assert "records" not in content


def test_while_the_vault_is_away_a_request_is_taken_and_a_copy_is_not_made(shop, monkeypatch):
    address = an_address()
    a_reader(shop, address)

    def away(*_arguments):
        raise vault.VaultAway

    for name in ("read", "read_to_seal", "ensure"):
        monkeypatch.setattr(vault, name, away)
    request_id = opened(shop, address)
    identify(shop, request_id)
    with pytest.raises(vault.VaultAway):
        answer(shop, request_id)
    assert read(shop, request_id).state is RequestState.OPEN


def test_what_cannot_be_is_refused_in_one_sentence(shop):
    with pytest.raises(RequestAhead):
        opened(shop, an_address(), received_at=NOW + DAY)
    with pytest.raises(WordsTooLong):
        opened(shop, an_address(), words="あ" * 1001)
    with pytest.raises(NoRequest):
        identify(shop, 999_999_999)
    with pytest.raises(NoRequest):
        answer(shop, 999_999_999)


def test_the_list_shows_what_is_due_first_and_counts_it(shop):
    first = opened(shop, an_address(), RequestKind.OBJECTION, received_at=NOW - 20 * DAY)
    soon = opened(shop, an_address(), RequestKind.OBJECTION, received_at=NOW - 13 * DAY)
    standing = opened(shop, an_address(), received_at=NOW - 30 * DAY)
    fresh = opened(shop, an_address(), RequestKind.OBJECTION)
    ended = opened(shop, an_address(), RequestKind.OBJECTION)
    answer(shop, ended)
    listed = [each.request_id for each in selectors.data_requests(shop.workspace_id)]
    assert listed == [standing, first, soon, fresh, ended]
    assert ended not in [
        each.request_id for each in selectors.data_requests(shop.workspace_id, only_open=True)
    ]
    counts = selectors.request_counts(shop.workspace_id, NOW)
    assert (counts.open, counts.late, counts.due_soon, counts.standing) == (4, 1, 1, 1)


def test_another_workspace_sees_none_of_it(shop):
    request_id = opened(shop, an_address())
    other = a_shop()
    assert selectors.data_request(other.workspace_id, request_id) is None
    with pytest.raises(NoRequest):
        identify(other, request_id)


TOLD = ToldRequest(
    kind=RequestKind.ACCESS,
    outcome=Outcome.DONE,
    number=7,
    received_at=NOW,
    due_at=NOW + 14 * DAY,
    ground=RefusalGround.EXCESSIVE,
)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("kind", list(RequestKind))
@pytest.mark.parametrize("outcome", list(Outcome))
def test_there_is_a_letter_for_every_kind_and_outcome(kind, outcome, language):
    told = replace(TOLD, kind=kind, outcome=outcome)
    text = answer_letter(told, Addressee("山田 花子", language, TOKYO), Desk("あおい雑貨", "03-0000-0000"))
    assert "あおい雑貨" in text
    assert "03-0000-0000" in text
    assert ("Dear 山田 花子" in text) == (language == "en")
    assert "None" not in text


def test_every_no_has_a_sentence_in_both_languages():
    for no in RequestNo:
        assert no.sentence("ja").endswith("。")
        assert no.sentence("en").endswith(".")


def test_first_letters_say_how_to_prove_oneself_or_by_when_it_is_answered(shop):
    address = an_address()
    a_contact(shop, address)
    waiting = opened(shop, address)
    stopped = opened(shop, address, RequestKind.OBJECTION)
    assert "確認をお願いします" in services.first_letter(shop.workspace_id, waiting)
    assert "2026年12月9日まで" in services.first_letter(shop.workspace_id, stopped)
