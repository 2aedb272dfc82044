"""A paper becomes a consent with its scan when it was read for certain, or nothing of it is kept."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.people import a_contact, a_shop
from tests.signup.forms import a_form, confirm_token, contact_of, mailings, newest_request
from tests.signup.papers import NOW, SIGNED_ON, a_batch, a_scan, code_of, keyed, read_off, staff

from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import Frequency, Period
from shodaku.contacts.domain import Channel
from shodaku.erasure import services as erasure
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.ledger import vault
from shodaku.signup import selectors, services
from shodaku.signup.domain import Confirmed, WebEvidence
from shodaku.signup.services import Checking, ParkReason, SheetState
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.usefixtures("database")
ADDRESS = "suzuki.mei@mail.example"
BEFORE = NOW - timedelta(days=60)


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture(autouse=True)
def _nobody_was_asked_lately():
    services.sweep_throttle(now=NOW + timedelta(days=3_650))


@pytest.fixture
def form(shop):
    return a_form(shop, now=BEFORE)


def single(shop):
    """A topic without a confirmation mail."""
    return consent.create_topic(
        shop.workspace_id,
        consent.NewTopic(
            slug="plain",
            name="お知らせ",
            name_en="Notices",
            content="催し",
            purpose="催しの案内",
            frequency=Frequency(1, Period.MONTH),
            sender_id=shop.sender_id,
            double_opt_in=False,
        ),
        now=BEFORE,
    )


def a_sheet(shop, form, **batch):
    return a_batch(shop, form, **batch)[1][0]


def state_of(shop, sheet_id):
    return selectors.paper_sheet(shop.workspace_id, sheet_id).state


def recorded(shop, form, address=ADDRESS, **changed):
    """One sheet that two people read alike."""
    sheet_id = a_sheet(shop, form)
    keyed(shop, sheet_id, read_off(shop, form, address, **changed))
    return sheet_id, keyed(shop, sheet_id, read_off(shop, form, address, **changed), by=1)


def given(shop, contact_id):
    history = ledger.history(shop.workspace_id, contact_id)
    return next(each.fields for each in history if each.kind == "consent.given")


def test_two_people_who_read_alike_make_a_consent_that_leads_to_its_scan(shop, form):
    sheet_id = a_sheet(shop, form)
    first = keyed(shop, sheet_id, read_off(shop, form, ADDRESS))
    assert (first.state, contact_of(shop, ADDRESS)) == (SheetState.SECOND, None)
    settled = keyed(shop, sheet_id, read_off(shop, form, ADDRESS.upper(), name=""), by=1)
    contact_id = contact_of(shop, ADDRESS)
    assert (settled.state, settled.contact_id) == (SheetState.RECORDED, contact_id)
    (file,) = ledger.files_of(shop.workspace_id, contact_id)
    fields = given(shop, contact_id)
    assert fields["form_sha256"] == file.sha256
    (held,) = consents.held(shop.workspace_id, contact_id)
    assert (held.state, held.confirmed, held.entry_id) == ("active", False, settled.entry_id)


def test_the_evidence_says_what_was_printed_who_keyed_and_where_the_original_lies(shop, form):
    sheet_id, settled = recorded(shop, form)
    fields = given(shop, settled.contact_id)
    printed = services.sheet(shop.workspace_id, code_of(form))
    paper = selectors.paper_sheet(shop.workspace_id, sheet_id)
    signed_at = datetime(2026, 11, 22, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert datetime.fromisoformat(fields["at"]) == signed_at
    assert fields["wording_sha256"] == printed.wording_sha256
    kept = consents.wording_by_sha256(shop.workspace_id, fields["wording_sha256"])
    assert kept.text == printed.wording.text
    expected = {
        "method": "paper",
        "address": ADDRESS,
        "name": "山田 花子",
        "place": "銀座店",
        "clerk": "佐藤",
        "paper": services.printed_code(shop.workspace_id, code_of(form)),
        "by": f"staff:{staff()[0]}",
        "checked_by": [f"staff:{staff()[1]}"],
        "original": f"B-12 / {paper.batch_id}-1",
        "original_until": paper.destroy_on.isoformat(),
        "topic_ids": [str(shop.topic_id)],
        "purpose": ["商品の案内"],
        "policy_version": "1",
    }
    assert {name: fields.get(name) for name in expected} == expected


def test_the_proof_of_such_a_consent_holds_wording_policy_and_scan(shop, form):
    _, settled = recorded(shop, form)
    fields = given(shop, settled.contact_id)
    ledger_services.sequence(shop.workspace_id, now=NOW)
    bundle = services.prove(shop.workspace_id, settled.contact_id, by="staff:1", now=NOW, attach=True)
    named = {fields[name] for name in ("wording_sha256", "policy_sha256", "form_sha256")}
    assert named <= set(bundle.content["attachments"])


def test_before_the_first_issue_one_mail_asks_and_its_answer_confirms(shop, form):
    _, settled = recorded(shop, form)
    assert (settled.asked, settled.asks_later) == (True, False)
    (mail,) = mailings(shop)
    request = newest_request(shop, settled.contact_id)
    assert (mail[1], mail[5], request.entry_id) == ("confirmation", "consent_request", settled.entry_id)
    token = confirm_token(shop, settled.contact_id)
    answer = services.confirm_signup(token, WebEvidence(url="http://testserver/confirm"), NOW)
    assert isinstance(answer, Confirmed)
    (held,) = consents.held(shop.workspace_id, settled.contact_id)
    assert (held.state, held.confirmed) == ("active", True)


def test_a_topic_that_asks_for_no_confirmation_is_welcomed_at_once(shop):
    topic = single(shop)
    form = a_form(shop, topic_ids=(topic,), now=BEFORE)
    sheet_id = a_sheet(shop, form)
    reading = read_off(shop, form, ADDRESS, topic_ids=(topic,))
    keyed(shop, sheet_id, reading)
    settled = keyed(shop, sheet_id, reading, by=1)
    assert (settled.asked, settled.asks_later) == (False, False)
    assert [mail[1] for mail in mailings(shop)] == ["welcome"]


def test_an_address_that_was_asked_today_is_asked_about_its_paper_on_another_day(shop, form):
    recorded(shop, form)
    other = a_shop()
    form_there = a_form(other, now=BEFORE)
    _, settled = recorded(other, form_there)
    assert (settled.asked, settled.asks_later, mailings(other)) == (False, True, [])
    assert services.ask_due(other.workspace_id, now=NOW + timedelta(hours=1)) == 0
    assert services.ask_due(other.workspace_id, now=NOW + timedelta(days=2)) == 1
    assert services.ask_due(other.workspace_id, now=NOW + timedelta(days=4)) == 0
    assert [mail[1] for mail in mailings(other)] == ["confirmation"]


def test_who_withdrew_in_the_meantime_is_asked_no_more(shop, form):
    recorded(shop, form)
    other = a_shop()
    _, settled = recorded(other, a_form(other, now=BEFORE))
    from shodaku.consent.domain import Method
    from shodaku.optout.domain import OptOut, OptOutScope
    from shodaku.optout.stopping import opt_out

    opt_out(
        OptOut(
            workspace_id=other.workspace_id,
            contact_id=settled.contact_id,
            scope=OptOutScope.ALL,
            via=Method.TELEPHONE,
        ),
        NOW + timedelta(hours=1),
    )
    assert services.ask_due(other.workspace_id, now=NOW + timedelta(days=2)) == 0
    assert "confirmation" not in [mail[1] for mail in mailings(other)]


def test_who_keyed_it_in_cannot_check_it(shop, form):
    sheet_id = a_sheet(shop, form)
    keyed(shop, sheet_id, read_off(shop, form, ADDRESS))
    with pytest.raises(services.SameHands):
        keyed(shop, sheet_id, read_off(shop, form, ADDRESS))
    assert (state_of(shop, sheet_id), contact_of(shop, ADDRESS)) == ("second", None)


@pytest.mark.parametrize("difference", ["address", "ticks"])
def test_where_two_people_differ_a_third_look_decides(shop, form, difference):
    sheet_id = a_sheet(shop, form)
    keyed(shop, sheet_id, read_off(shop, form, ADDRESS))
    changed = (
        {"address": "susuki.mei@mail.example"}
        if difference == "address"
        else {"topic_ids": (shop.topic_id, shop.other_topic_id)}
    )
    answer = keyed(shop, sheet_id, read_off(shop, form, **{"address": ADDRESS, **changed}), by=1)
    assert (answer.state, contact_of(shop, ADDRESS)) == (SheetState.THIRD, None)
    settled = keyed(shop, sheet_id, read_off(shop, form, ADDRESS, topic_ids=(shop.other_topic_id,)))
    fields = given(shop, settled.contact_id)
    assert fields["topic_ids"] == [str(shop.other_topic_id)]
    assert fields["checked_by"] == [f"staff:{staff()[1]}", f"staff:{staff()[0]}"]
    assert fields["name"] == "山田 花子"


def test_of_a_sample_the_others_are_settled_by_one_person(shop, form):
    _, sheets = a_batch(shop, form, scans=12, checking=Checking.SAMPLE)
    checked = [selectors.paper_sheet(shop.workspace_id, each).checked for each in sheets]
    assert any(checked)
    twice = next(each for each, looked in zip(sheets, checked, strict=True) if looked)
    assert keyed(shop, twice, read_off(shop, form, "twice@mail.example")).state == SheetState.SECOND
    for number, (each, looked) in enumerate(zip(sheets, checked, strict=True)):
        if not looked:
            settled = keyed(shop, each, read_off(shop, form, f"reader.{number}@mail.example"))
            assert settled.state == SheetState.RECORDED
            assert "checked_by" not in given(shop, settled.contact_id)
            break


def test_a_settled_sheet_keeps_neither_scan_nor_readings_of_its_own(shop, form):
    sheet_id, settled = recorded(shop, form)
    with db.transaction(shop.workspace_id) as connection:
        body, key_id = connection.execute(
            "select body, key_id from paper_sheet where workspace_id = %s and sheet_id = %s",
            [shop.workspace_id, sheet_id],
        ).fetchone()
        (readings,) = connection.execute(
            "select count(*) from paper_reading where workspace_id = %s and sheet_id = %s",
            [shop.workspace_id, sheet_id],
        ).fetchone()
    assert (body, readings, key_id) == (None, 0, settled.contact_id)


def test_a_paper_of_somebody_known_lies_with_their_evidence_and_its_own_key_is_gone(shop, form):
    contact_id = a_contact(shop, ADDRESS)
    sheet_id, settled = recorded(shop, form)
    paper = selectors.paper_sheet(shop.workspace_id, sheet_id)
    assert settled.contact_id == contact_id != paper.key_id
    assert vault.read(shop.workspace_id, [paper.key_id]) == {}
    (file,) = ledger.files_of(shop.workspace_id, contact_id)
    _, data = ledger_services.read_file(
        shop.workspace_id, contact_id, file.evidence_id, by="staff:1", now=NOW
    )
    assert data == ledger_services.plain_picture(a_scan(note="0")).data


def test_while_it_waits_nothing_of_a_paper_can_be_read_in_the_database(shop, form):
    sheet_id = a_sheet(shop, form)
    keyed(shop, sheet_id, read_off(shop, form, ADDRESS))
    with db.transaction(shop.workspace_id) as connection:
        (reading,) = connection.execute(
            "select body from paper_reading where workspace_id = %s and sheet_id = %s",
            [shop.workspace_id, sheet_id],
        ).fetchone()
        (scan,) = connection.execute(
            "select body from paper_sheet where workspace_id = %s and sheet_id = %s",
            [shop.workspace_id, sheet_id],
        ).fetchone()
    assert b"suzuki" not in bytes(reading)
    assert not bytes(scan).startswith((b"\x89PNG", b"\xff\xd8\xff"))
    assert services.scan_of(shop.workspace_id, sheet_id).data.startswith((b"\x89PNG", b"\xff\xd8\xff"))


def test_a_paper_from_before_the_person_said_never_again_brings_nothing(shop, form):
    suppression.add(shop.workspace_id, [ADDRESS], by="staff:1", now=NOW)
    sheet_id, settled = recorded(shop, form)
    assert (settled.state, settled.reason) == (SheetState.REFUSED, services.NEVER)
    assert (contact_of(shop, ADDRESS), mailings(shop)) == (None, [])
    paper = selectors.paper_sheet(shop.workspace_id, sheet_id)
    assert vault.read(shop.workspace_id, [paper.key_id]) == {}


def test_a_paper_that_somebody_filled_in_afterwards_is_asked_about_and_lifts_nothing(shop, form):
    suppression.add(shop.workspace_id, [ADDRESS], by="staff:1", now=BEFORE)
    _, settled = recorded(shop, form)
    assert (settled.state, settled.asked) == (SheetState.RECORDED, True)
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, ADDRESS)
    from shodaku.suppression import selectors as suppressions

    assert suppressions.suppressed(shop.workspace_id, [pair])


def test_an_address_that_the_house_blocks_brings_nothing(shop, form):
    suppression.block(shop.workspace_id, "*@mail.example", reason="x", by="staff:1", now=NOW)
    _, settled = recorded(shop, form)
    assert (settled.state, settled.reason) == (SheetState.REFUSED, services.BLOCKED)
    assert contact_of(shop, ADDRESS) is None


def test_of_words_that_were_withdrawn_no_paper_makes_a_consent(shop, form):
    sheet_id = a_sheet(shop, form)
    keyed(shop, sheet_id, read_off(shop, form, ADDRESS))
    services.withdraw_version(shop.workspace_id, form.form_id, form.version, None, NOW)
    settled = keyed(shop, sheet_id, read_off(shop, form, ADDRESS), by=1)
    assert (settled.state, settled.reason) == (SheetState.REFUSED, services.TAKEN_BACK)
    assert (contact_of(shop, ADDRESS), mailings(shop)) == (None, [])


def test_nor_is_somebody_asked_later_about_words_that_were_withdrawn(shop, form):
    recorded(shop, form)
    other = a_shop()
    form_there = a_form(other, now=BEFORE)
    _, settled = recorded(other, form_there)
    assert settled.asks_later
    services.withdraw_version(other.workspace_id, form_there.form_id, form_there.version, None, NOW)
    assert services.ask_due(other.workspace_id, now=NOW + timedelta(days=2)) == 0
    assert mailings(other) == []


def test_the_code_of_words_that_were_withdrawn_is_refused_with_what_to_do(shop, form):
    code = services.make_sheet(shop.workspace_id, code_of(form), staff_id=None, now=NOW)
    assert services.sheet_by_code(shop.workspace_id, code).code == code_of(form)
    services.withdraw_version(shop.workspace_id, form.form_id, form.version, None, NOW)
    with pytest.raises(services.Unwritten) as said:
        services.sheet_by_code(shop.workspace_id, code)
    assert said.value.fault is services.PaperFault.TAKEN_BACK
    with pytest.raises(services.NoSheet):
        services.make_sheet(shop.workspace_id, code_of(form, "en"), staff_id=None, now=NOW)


def test_a_sheet_put_aside_can_be_taken_up_again_and_is_read_anew(shop, form):
    sheet_id = a_sheet(shop, form)
    keyed(shop, sheet_id, read_off(shop, form, "wrong@mail.example"))
    services.park(shop.workspace_id, sheet_id, ParkReason.ADDRESS, "ドメインが読めない")
    paper = selectors.paper_sheet(shop.workspace_id, sheet_id)
    assert (paper.state, paper.reason) == ("parked", "address")
    assert selectors.note_of(shop.workspace_id, paper) == "ドメインが読めない"
    with pytest.raises(services.SheetTaken):
        keyed(shop, sheet_id, read_off(shop, form, ADDRESS))
    services.take_up(shop.workspace_id, sheet_id)
    keyed(shop, sheet_id, read_off(shop, form, ADDRESS))
    settled = keyed(shop, sheet_id, read_off(shop, form, ADDRESS), by=1)
    assert given(shop, settled.contact_id)["address"] == ADDRESS


def test_a_discarded_sheet_is_nobodys_consent_and_its_key_is_gone(shop, form):
    sheet_id = a_sheet(shop, form)
    with pytest.raises(services.SheetTaken):
        services.discard(shop.workspace_id, sheet_id, staff_id=staff()[0], now=NOW)
    services.park(shop.workspace_id, sheet_id, ParkReason.OTHER_FORM, "")
    paper = selectors.paper_sheet(shop.workspace_id, sheet_id)
    services.discard(shop.workspace_id, sheet_id, staff_id=staff()[0], now=NOW)
    assert state_of(shop, sheet_id) == "discarded"
    assert services.scan_of(shop.workspace_id, sheet_id) is None
    assert vault.read(shop.workspace_id, [paper.key_id]) == {}


def test_a_settled_sheet_is_keyed_in_by_nobody_again(shop, form):
    sheet_id, settled = recorded(shop, form)
    with pytest.raises(services.SheetTaken):
        keyed(shop, sheet_id, read_off(shop, form, "other@mail.example"))
    assert state_of(shop, sheet_id) == "recorded"
    assert len(ledger.files_of(shop.workspace_id, settled.contact_id)) == 1


def test_originals_are_destroyed_only_when_every_sheet_is_settled(shop, form):
    batch_id, (sheet_id,) = a_batch(shop, form)
    with pytest.raises(services.NotSettled):
        services.destroy_originals(shop.workspace_id, batch_id, staff_id=staff()[0], now=NOW)
    keyed(shop, sheet_id, read_off(shop, form, ADDRESS))
    keyed(shop, sheet_id, read_off(shop, form, ADDRESS), by=1)
    services.destroy_originals(shop.workspace_id, batch_id, staff_id=staff()[0], now=NOW)
    assert selectors.batch(shop.workspace_id, batch_id).destroyed_at == NOW
    with pytest.raises(services.NotSettled):
        services.destroy_originals(shop.workspace_id, batch_id, staff_id=staff()[0], now=NOW)


def test_the_queue_counts_for_each_pair_of_hands(shop, form):
    _, sheets = a_batch(shop, form, scans=3)
    keyed(shop, sheets[0], read_off(shop, form, ADDRESS))
    services.park(shop.workspace_id, sheets[2], ParkReason.PICTURE, "")
    first, second = (selectors.queue(shop.workspace_id, each) for each in staff())
    assert (first.waiting, first.second, first.own, first.parked, first.ready) == (1, 0, 1, 1, 1)
    assert (second.waiting, second.second, second.own, second.ready) == (1, 1, 0, 2)
    assert selectors.next_sheet(shop.workspace_id, staff()[1]) == sheets[1]
    assert selectors.next_sheet(shop.workspace_id, staff()[1], but=[sheets[1]]) == sheets[0]
    assert selectors.next_sheet(shop.workspace_id, staff()[0], but=[sheets[1]]) is None


def test_a_batch_holds_no_more_than_its_limit(shop, form, monkeypatch):
    from shodaku.signup import papers

    batch_id, _ = a_batch(shop, form, scans=2)
    monkeypatch.setattr(papers, "SHEETS_OF_A_BATCH_MAX", 3)
    one = ledger_services.plain_picture(a_scan())
    more = {"checking": Checking.ALL, "staff_id": staff()[0], "now": NOW}
    services.add_sheets(shop.workspace_id, batch_id, [one], **more)
    with pytest.raises(services.TooManySheets):
        services.add_sheets(shop.workspace_id, batch_id, [one], **more)
    assert [each.number for each in selectors.sheets_of(shop.workspace_id, batch_id)] == [1, 2, 3]


def test_a_sheet_stays_what_it_was_when_it_is_made_again(shop, form):
    code = code_of(form)
    printed = services.make_sheet(shop.workspace_id, code, staff_id=None, now=NOW)
    first = services.sheet(shop.workspace_id, code)
    later = NOW + timedelta(days=1)
    assert services.make_sheet(shop.workspace_id, code, staff_id=None, now=later) == printed
    assert services.sheet(shop.workspace_id, code) == first
    assert services.sheet_by_code(shop.workspace_id, printed.lower()) == first


def test_of_a_version_that_was_never_published_there_is_no_sheet(shop, form):
    for wrong in ({"version": 2}, {"form_id": 987_654}, {"language": "en"}):
        code = dataclasses.replace(code_of(form), **wrong)
        with pytest.raises(services.NoSheet):
            services.sheet(shop.workspace_id, code)
    with pytest.raises(services.NoSheet):
        services.make_sheet(
            shop.workspace_id, dataclasses.replace(code_of(form), version=2), staff_id=None, now=NOW
        )


def test_another_workspace_sees_no_paper_and_no_sheet(shop, form):
    batch_id, (sheet_id,) = a_batch(shop, form)
    other = a_shop()
    assert selectors.paper_sheet(other.workspace_id, sheet_id) is None
    assert selectors.batch(other.workspace_id, batch_id) is None
    assert selectors.queue(other.workspace_id, staff()[0]).ready == 0
    with pytest.raises(services.SheetTaken):
        keyed(other, sheet_id, read_off(shop, form, ADDRESS))


def test_who_is_erased_takes_their_sheet_along(shop, form):
    sheet_id, settled = recorded(shop, form)
    with db.transaction(shop.workspace_id):
        assert services.forget(settled.contact_id)["paper_sheet"] == 1
    assert selectors.paper_sheet(shop.workspace_id, sheet_id) is None
    assert services in erasure.ROOMS


def test_keys_of_papers_that_nobody_has_read_yet_come_back_with_a_backup(shop, form):
    from shodaku.backups import vault_loading

    sheet_id = a_sheet(shop, form)
    key_id = selectors.paper_sheet(shop.workspace_id, sheet_id).key_id
    statement = db.sql(vault_loading.ROOM, "list_kept_contacts")
    with db.transaction(shop.workspace_id) as connection:
        kept = connection.execute(statement, {"workspace_id": shop.workspace_id}).fetchall()
    assert (shop.workspace_id, key_id) in kept


def test_the_day_on_the_paper_is_the_day_of_the_consent(shop, form):
    _, settled = recorded(shop, form)
    (held,) = consents.held(shop.workspace_id, settled.contact_id)
    assert held.since.astimezone(ZoneInfo("Asia/Tokyo")).date() == SIGNED_ON
    assert newest_request(shop, settled.contact_id).at == held.since
    assert held.since < NOW.astimezone(UTC)
