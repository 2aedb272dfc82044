"""A request, its mail, its answer: on a real database."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from tests.people import a_reader, a_shop, agree
from tests.sendings import sent
from tests.signup.forms import EVIDENCE, a_form, ask, confirm_token, contact_of, mailings, newest_request

from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import Frequency, Method, Period
from shodaku.contacts import selectors as contacts
from shodaku.contacts import services as contacts_services
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as deliveries
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import Question
from shodaku.delivery.services import BounceResult
from shodaku.kit import db, runtime
from shodaku.ledger import selectors as ledger
from shodaku.ledger.services import VaultAway
from shodaku.policy.domain import Ads, MessageClass, Permit, Reason
from shodaku.signup import selectors, services
from shodaku.signup.domain import AlreadyConfirmed, Confirmed, Expired, Unknown
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Scope

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
A_DAY = timedelta(days=1)


def a_stranger():
    return f"hanako-{uuid.uuid4().hex[:10]}@example.jp"


def states(shop, contact_id):
    return {each.topic_id: each.state for each in consents.held(shop.workspace_id, contact_id)}


def entries(shop, contact_id):
    return ledger.history(shop.workspace_id, contact_id)


def a_single_topic(shop):
    return consent.create_topic(
        shop.workspace_id,
        consent.NewTopic(
            slug="single",
            name="受付のお知らせ",
            name_en="",
            content="受付",
            purpose="案内",
            frequency=Frequency(1, Period.WEEK),
            sender_id=shop.sender_id,
            double_opt_in=False,
            valid_months=12,
        ),
        now=NOW,
    )


def test_a_published_version_is_frozen_with_the_words_of_both_languages():
    shop = a_shop()
    form = a_form(shop)
    version = selectors.form_version(shop.workspace_id, form.form_id, 1)
    kept = {each.sha256: each.text for each in consents.wordings(shop.workspace_id, "form", form.form_id)}
    for language in ("ja", "en"):
        wording = version.published.wording(language)
        assert kept[wording.sha256] == wording.text


def test_publishing_again_makes_a_new_version_and_leaves_the_old_one():
    shop = a_shop()
    form = a_form(shop)
    before = selectors.form_version(shop.workspace_id, form.form_id, 1)
    changed = dataclasses.replace(before.published.definition, title="新しい題")
    assert services.publish(shop.workspace_id, form.form_id, changed, None, NOW) == 2
    assert selectors.form_version(shop.workspace_id, form.form_id, 1) == before
    assert selectors.form_version(shop.workspace_id, form.form_id, 2).sha256 != before.sha256


def test_a_form_cannot_offer_what_the_workspace_does_not():
    shop, other = a_shop(), a_shop()
    with pytest.raises(services.NoTopic):
        a_form(shop, topic_ids=(other.topic_id,))


def test_two_forms_of_one_name_cannot_be():
    shop = a_shop()
    a_form(shop)
    with pytest.raises(services.FormExists):
        a_form(shop)


def test_a_request_waits_is_recorded_and_asked_by_one_mail():
    shop = a_shop()
    a_form(shop)
    contact_id = ask(shop, a_stranger(), name="山田 花子", now=NOW)
    (mail,) = mailings(shop)
    (entry,) = entries(shop, contact_id)
    request = newest_request(shop, contact_id)
    assert states(shop, contact_id) == {shop.topic_id: "pending"}
    assert (mail[1], mail[5]) == ("confirmation", "consent_request")
    assert (request.mailing_id, request.entry_id, request.expires_at) == (
        mail[0],
        entry.entry_id,
        NOW + 3 * A_DAY,
    )


def test_the_evidence_of_a_request_is_complete():
    shop = a_shop()
    form = a_form(shop)
    address = a_stranger()
    contact_id = ask(shop, address, name="山田 花子", now=NOW)
    (entry,) = entries(shop, contact_id)
    version = selectors.form_version(shop.workspace_id, form.form_id, 1)
    wording = version.published.wording("ja")
    expected = {
        "address": address,
        "name": "山田 花子",
        "method": "web-double",
        "url": EVIDENCE.url,
        "ip": "192.0.2.7",
        "browser": "Lynx",
        "topics": ["月刊ショップだより"],
        "frequency": ["4/week"],
        "purpose": ["商品の案内"],
        "policy_version": "1",
        "wording_version": wording.version,
        "wording_sha256": wording.sha256,
        "form_sha256": version.sha256,
        "n": 1,
    }
    assert entry.kind == "consent.requested"
    assert {name: entry.fields[name] for name in expected} == expected


def test_the_mail_repeats_nothing_that_was_typed():
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    ask(shop, address, name="当選おめでとう")
    (mail,) = mailings(shop)
    for part in mail[2:5]:
        assert address not in part
        assert "当選" not in part


def test_the_links_owner_confirms_and_is_welcomed_in_the_same_breath():
    shop = a_shop()
    a_form(shop)
    contact_id = ask(shop, a_stranger(), now=NOW)
    answer = services.confirm_signup(confirm_token(shop, contact_id), EVIDENCE, NOW + A_DAY)
    held = consents.held(shop.workspace_id, contact_id)
    assert isinstance(answer, Confirmed)
    assert [(each.state, each.confirmed, each.entry_id) for each in held] == [
        ("active", True, answer.entry_id)
    ]
    assert [mail[1] for mail in mailings(shop)] == ["confirmation", "welcome"]
    assert [entry.kind for entry in entries(shop, contact_id)] == ["consent.requested", "consent.confirmed"]


def test_a_second_press_changes_nothing():
    shop = a_shop()
    a_form(shop)
    contact_id = ask(shop, a_stranger(), now=NOW)
    token = confirm_token(shop, contact_id)
    services.confirm_signup(token, EVIDENCE, NOW)
    assert services.confirm_signup(token, EVIDENCE, NOW + A_DAY) == AlreadyConfirmed(NOW)
    assert len(entries(shop, contact_id)) == 2


def test_after_three_days_the_link_confirms_nothing():
    shop = a_shop()
    a_form(shop)
    contact_id = ask(shop, a_stranger(), now=NOW)
    answer = services.confirm_signup(
        confirm_token(shop, contact_id), EVIDENCE, NOW + 3 * A_DAY + timedelta(seconds=1)
    )
    assert (answer, states(shop, contact_id)) == (Expired(), {shop.topic_id: "pending"})


def test_a_link_of_nobody_confirms_nothing():
    assert services.confirm_signup("A" * 42, EVIDENCE, NOW) == Unknown()


def test_a_topic_that_ends_by_itself_says_when():
    shop = a_shop()
    single = a_single_topic(shop)
    a_form(shop, topic_ids=(single,))
    contact_id = ask(shop, a_stranger(), topic_ids=(single,), now=datetime(2026, 11, 22, 3, 0, tzinfo=UTC))
    (held,) = consents.held(shop.workspace_id, contact_id)
    assert held.expires_at == datetime(2027, 11, 22, 3, 0, tzinfo=UTC)


def test_single_opt_in_agrees_at_once_and_is_welcomed():
    shop = a_shop()
    single = a_single_topic(shop)
    a_form(shop, topic_ids=(single,))
    contact_id = ask(shop, a_stranger(), topic_ids=(single,))
    (held,) = consents.held(shop.workspace_id, contact_id)
    assert (held.state, held.confirmed) == ("active", False)
    assert [mail[1] for mail in mailings(shop)] == ["welcome"]
    assert [entry.kind for entry in entries(shop, contact_id)] == ["consent.given"]


def test_a_stranger_renames_nobody_but_the_owner_of_the_address_does():
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    contact_id = a_reader(shop, address, topic_id=shop.other_topic_id, name="佐藤 一郎")
    ask(shop, address, name="山田 花子", now=NOW)
    assert contacts.contact(shop.workspace_id, contact_id).name == "佐藤 一郎"
    services.confirm_signup(confirm_token(shop, contact_id), EVIDENCE, NOW)
    assert contacts.contact(shop.workspace_id, contact_id).name == "山田 花子"


def test_who_receives_all_of_it_already_gets_no_mail_and_no_record():
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    contact_id = a_reader(shop, address)
    ask(shop, address)
    assert (mailings(shop), len(entries(shop, contact_id))) == ([], 1)


def test_who_was_found_not_to_be_there_enters_the_address_again_and_a_confirmed_link_brings_it_back():
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    contact_id = a_reader(shop, address)
    mailing_id = sent(shop, contact_id, NOW - timedelta(hours=1))
    found = delivery.record_bounce(
        shop.workspace_id, contact_id, mailing_id, "5.1.1", at_data_end=False, now=NOW
    )
    assert found is BounceResult.DISABLED
    later = NOW + timedelta(minutes=1)
    ask(shop, address, now=later)
    assert isinstance(verdict_on_the_mail(shop, contact_id, later), Permit)
    assert verdict_on_news(shop, contact_id, later).reason is Reason.ADDRESS_INVALID
    answer = services.confirm_signup(confirm_token(shop, contact_id), EVIDENCE, later)
    assert isinstance(answer, Confirmed)
    assert contacts.addresses(shop.workspace_id, contact_id)[0].invalid_at is None
    restored = entries(shop, contact_id)[-1]
    assert (restored.kind, restored.fields["by"]) == ("address.restored", "confirmation")


def test_who_was_found_not_to_be_there_is_not_asked_because_of_what_they_entered_before():
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    contact_id = ask(shop, address, now=NOW - timedelta(hours=1))
    with db.transaction(shop.workspace_id):
        contacts_services.mark_invalid(contact_id, Channel.EMAIL, "5.1.1", now=NOW)
    assert verdict_on_the_mail(shop, contact_id, NOW).reason is Reason.ADDRESS_INVALID


def test_a_reader_is_asked_only_about_what_is_new():
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    contact_id = a_reader(shop, address)
    ask(shop, address, topic_ids=(shop.topic_id, shop.other_topic_id))
    assert newest_request(shop, contact_id).topic_ids == [shop.other_topic_id]


def test_asking_again_while_a_link_lives_sends_no_second_mail():
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    ask(shop, address, now=NOW)
    ask(shop, address, now=NOW + 2 * A_DAY)
    assert len(mailings(shop)) == 1


def test_who_refused_everything_is_asked_and_the_confirmation_is_later_than_the_refusal():
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    contact_id = a_reader(shop, address)
    refuse(shop, contact_id, NOW - timedelta(hours=1))
    ask(shop, address, now=NOW)
    services.confirm_signup(confirm_token(shop, contact_id), EVIDENCE, NOW + A_DAY)
    (held,) = consents.held(shop.workspace_id, contact_id)
    (refusal,) = suppressions.refusals(shop.workspace_id, contact_id)
    assert (held.state, held.since > refusal.at) == ("active", True)


def test_a_link_from_before_the_opt_out_confirms_nothing():
    shop = a_shop()
    a_form(shop)
    contact_id = ask(shop, a_stranger(), now=NOW)
    refuse(shop, contact_id, NOW + timedelta(hours=1))
    answer = services.confirm_signup(confirm_token(shop, contact_id), EVIDENCE, NOW + A_DAY)
    assert (answer, states(shop, contact_id)) == (Expired(), {shop.topic_id: "withdrawn"})


def refuse(shop, contact_id, at):
    event_id = uuid.uuid4()
    with db.transaction(shop.workspace_id):
        suppression.refuse(
            [
                suppression.NewRefusal(
                    contact_id=contact_id, scope=Scope.ALL, at=at, via="page", event_id=event_id
                )
            ]
        )
        taken_back = consent.Withdrawal(
            contact_id=contact_id, method=Method.PAGE, event_id=event_id, entry_id=None, at=at
        )
        consent.withdraw([taken_back])


def test_only_the_confirmation_lifts_a_suppression():
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
    with db.transaction(shop.workspace_id):
        suppression.suppress([pair], "erased", now=NOW - A_DAY)
    contact_id = ask(shop, address, now=NOW)
    assert suppressions.suppressed(shop.workspace_id, [pair])
    services.confirm_signup(confirm_token(shop, contact_id), EVIDENCE, NOW)
    assert not suppressions.suppressed(shop.workspace_id, [pair])
    assert "suppression.lifted" in [entry.kind for entry in entries(shop, contact_id)]


def test_that_was_not_me_ends_the_request_and_stops_the_asking():
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    contact_id = ask(shop, address, now=NOW)
    token = confirm_token(shop, contact_id)
    assert services.decline_signup(token, EVIDENCE, NOW)
    assert services.confirm_signup(token, EVIDENCE, NOW) == Expired()
    ask(shop, address, now=NOW + 29 * A_DAY)
    assert (states(shop, contact_id), len(mailings(shop))) == ({shop.topic_id: "withdrawn"}, 1)


def test_that_was_not_me_takes_nothing_else_away():
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    contact_id = a_reader(shop, address, topic_id=shop.other_topic_id)
    ask(shop, address, now=NOW)
    services.decline_signup(confirm_token(shop, contact_id), EVIDENCE, NOW)
    assert states(shop, contact_id) == {shop.topic_id: "withdrawn", shop.other_topic_id: "active"}


def test_without_the_vault_nothing_is_agreed_to_and_nothing_written():
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away), pytest.raises(VaultAway):
        ask(shop, address)
    assert (contact_of(shop, address), mailings(shop)) == (None, [])


def test_that_was_not_me_works_without_the_vault():
    shop = a_shop()
    a_form(shop)
    contact_id = ask(shop, a_stranger(), now=NOW)
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        assert services.decline_signup(confirm_token(shop, contact_id), EVIDENCE, NOW)
    assert states(shop, contact_id) == {shop.topic_id: "withdrawn"}


def test_an_expired_consent_is_asked_for_anew():
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    contact_id = a_reader(shop, address, at=NOW - 10 * A_DAY, expires_at=NOW - A_DAY)
    ask(shop, address, now=NOW)
    assert newest_request(shop, contact_id).topic_ids == [shop.topic_id]


def test_forgetting_leaves_no_request():
    shop = a_shop()
    a_form(shop)
    contact_id = ask(shop, a_stranger())
    with db.transaction(shop.workspace_id):
        assert services.forget(contact_id) == {
            "signup_request": 1,
            "same_person": 0,
            "paper_sheet": 0,
        }
    assert selectors.requests_of(shop.workspace_id, contact_id) == []


def test_a_consent_that_was_withdrawn_is_asked_for_anew():
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    contact_id = a_reader(shop, address, at=NOW - 2 * A_DAY)
    refuse(shop, contact_id, NOW - A_DAY)
    agree(shop, contact_id, topic_id=shop.other_topic_id, at=NOW)
    ask(shop, address, topic_ids=(shop.topic_id, shop.other_topic_id), now=NOW + A_DAY)
    assert newest_request(shop, contact_id).topic_ids == [shop.topic_id]


def test_the_counter_of_questions_is_swept_after_30_days():
    shop = a_shop()
    a_form(shop)
    ask(shop, a_stranger(), now=NOW - 40 * A_DAY)
    assert services.sweep_throttle(now=NOW) >= 1


def verdict_on_news(shop, contact_id, now):
    question = Question(
        message_class=MessageClass.ADVERTISING,
        ads=Ads.MAIN,
        topic_id=shop.topic_id,
        channel=Channel.EMAIL,
        sender_id=shop.sender_id,
        subject="news",
    )
    return deliveries.verdict(shop.workspace_id, contact_id, question, now=now)[0]


def verdict_on_the_mail(shop, contact_id, now=NOW):
    question = Question(
        message_class=MessageClass.CONSENT_REQUEST,
        ads=Ads.NONE,
        topic_id=shop.topic_id,
        channel=Channel.EMAIL,
        sender_id=shop.sender_id,
        subject=mailings(shop, "confirmation")[-1][2],
    )
    verdict, _ = deliveries.verdict(shop.workspace_id, contact_id, question, now=now + timedelta(seconds=1))
    return verdict


@pytest.mark.parametrize("before", ["stranger", "refused", "erased"])
def test_the_gate_lets_the_question_out_to_whoever_asked_by_their_own_form(before):
    shop = a_shop()
    a_form(shop)
    address = a_stranger()
    if before == "refused":
        refuse(shop, a_reader(shop, address), NOW - timedelta(hours=1))
    if before == "erased":
        with db.transaction(shop.workspace_id):
            pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
            suppression.suppress([pair], "erased", now=NOW - A_DAY)
    contact_id = ask(shop, address, now=NOW)
    assert isinstance(verdict_on_the_mail(shop, contact_id), Permit)


@pytest.mark.parametrize("before", ["refused", "erased"])
def test_after_a_no_even_a_single_opt_in_topic_asks_the_owner_of_the_address(before):
    shop = a_shop()
    single = a_single_topic(shop)
    a_form(shop, topic_ids=(single,))
    address = a_stranger()
    if before == "refused":
        refuse(shop, a_reader(shop, address), NOW - timedelta(hours=1))
    else:
        with db.transaction(shop.workspace_id):
            pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
            suppression.suppress([pair], "erased", now=NOW - A_DAY)
    contact_id = ask(shop, address, topic_ids=(single,), now=NOW)
    assert states(shop, contact_id)[single] == "pending"
    assert [mail[1] for mail in mailings(shop)] == ["confirmation"]


def test_for_a_stranger_who_cannot_be_asked_not_even_a_key_is_made():
    from shodaku.ledger import services as keys

    shop, other = a_shop(), a_shop()
    a_form(shop)
    a_form(other)
    address = a_stranger()
    assert ask(shop, address, now=NOW)
    before = keys.count_keys()
    for _ in range(3):
        assert ask(other, address, now=NOW) is None
    assert keys.count_keys() == before


def test_whoever_was_erased_between_two_looks_is_taken_in_as_a_stranger(monkeypatch):
    from shodaku.signup import asking

    shop, address = a_shop(), a_stranger()
    a_form(shop)
    real, looks = asking.contacts_known.claimed, []

    def claimed(workspace_id, channel, tokens):
        looks.append(tokens)
        return {tokens[0]: 2**40} if len(looks) == 1 else real(workspace_id, channel, tokens)

    monkeypatch.setattr(asking.contacts_known, "claimed", claimed)
    contact_id = ask(shop, address)
    assert states(shop, contact_id) == {shop.topic_id: "pending"}
