"""The page of one person tells the truth on them, and only as much as the reader may see."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_contact, a_reader, a_shop
from tests.sendings import sent

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import OptOutRule, Role
from shodaku.consent import selectors as consents
from shodaku.kit import db, runtime
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services
from shodaku.suppression import selectors as suppressions
from shodaku.suppression.domain import Scope

pytestmark = pytest.mark.usefixtures("database")
ADDRESS = "yamada.hanako@mail.example"


@pytest.fixture
def shop():
    return a_shop()


def entries_of(shop, kind):
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute(
            "select entry from ledger_entry where workspace_id = %s", [shop.workspace_id]
        )
        return [entry for (entry,) in rows.fetchall() if f'"kind":"{kind}"' in str(entry).replace(" ", "")]


def test_an_address_is_masked_until_somebody_asks_to_see_it(shop):
    reader = a_reader(shop, ADDRESS)
    page = text_of(at_desk(shop).get(url(shop, "contact", reader)))
    assert "y****@mail.example" in page
    assert ADDRESS not in page


def test_showing_an_address_is_in_the_ledger_before_it_is_on_the_screen(shop):
    reader = a_reader(shop, ADDRESS)
    answer = at_desk(shop).post(url(shop, "reveal", reader))
    assert ADDRESS in text_of(answer)
    assert "no-store" in answer["Cache-Control"]
    assert len(entries_of(shop, "admin.revealed")) == 1


def test_a_marketer_sees_no_full_address(shop):
    reader = a_reader(shop, ADDRESS)
    desk = at_desk(shop, Role.MARKETER)
    assert desk.post(url(shop, "reveal", reader)).status_code == 403
    assert url(shop, "reveal", reader) not in text_of(desk.get(url(shop, "contact", reader)))


def test_the_page_says_for_each_topic_whether_a_mail_may_go_now_and_why(shop):
    reader = a_reader(shop)
    page = text_of(at_desk(shop).get(url(shop, "contact", reader)))
    assert "A live, confirmed and evidenced consent covers this message." in page
    assert "Consent holds" in page
    assert "No consent" in page  # the other topic
    assert page.count("<b>Yes.</b>") == 1
    assert page.count("<b>No.</b>") == 1


def test_the_answer_points_at_the_entry_that_proves_it(shop):
    reader = a_reader(shop)
    page = text_of(at_desk(shop).get(url(shop, "contact", reader)))
    (entry,) = ledger.history(shop.workspace_id, reader)
    assert f'href="#entry-{entry.entry_id}"' in page
    assert page.count(f'id="entry-{entry.entry_id}"') == 1
    assert entry.hash[:4] in page


def test_the_page_speaks_japanese_to_a_japanese_reader(shop):
    reader = a_reader(shop)
    page = text_of(at_desk(shop, language="ja").get(url(shop, "contact", reader)))
    assert "有効な同意があるため、送信できます。" in page


def test_a_no_by_telephone_holds_at_once_and_stands_in_the_history(shop):
    reader = a_reader(shop)
    desk = at_desk(shop, Role.CLERK)
    answer = desk.post(url(shop, "refuse", reader), {"scope": "all", "via": "telephone"}, follow=True)
    assert re.search(r"Stopped\. Receipt S-[\d-]+", text_of(answer))
    assert [each.scope for each in suppressions.refusals(shop.workspace_id, reader)] == [Scope.ALL]
    assert "Opted out of all advertising" in text_of(answer)
    assert "<b>Yes.</b>" not in text_of(answer)


def test_a_no_to_one_topic_leaves_the_other(shop):
    reader = a_reader(shop)
    said = {"scope": "topic", "topic": shop.topic_id, "via": "paper"}
    at_desk(shop).post(url(shop, "refuse", reader), said)
    (refusal,) = suppressions.refusals(shop.workspace_id, reader)
    assert (refusal.scope, refusal.topic_id) == (Scope.TOPIC, shop.topic_id)


def test_erasing_asks_for_the_word_and_then_gives_a_receipt(shop):
    reader = a_reader(shop)
    desk = at_desk(shop)
    said = {"scope": "erase", "via": "staff"}
    refused = desk.post(url(shop, "refuse", reader), said)
    assert refused.status_code == 422
    assert suppressions.refusals(shop.workspace_id, reader) == []
    answer = desk.post(url(shop, "refuse", reader), {**said, "confirmed": "消去"}, follow=True)
    assert answer.request["PATH_INFO"] == url(shop, "erasures")
    assert "being erased" in text_of(answer)


def test_a_marketer_cannot_erase(shop):
    reader = a_reader(shop)
    said = {"scope": "erase", "via": "staff", "confirmed": "erase"}
    assert at_desk(shop, Role.MARKETER).post(url(shop, "refuse", reader), said).status_code == 422
    assert suppressions.refusals(shop.workspace_id, reader) == []


def test_where_an_opt_out_erases_the_clerk_is_told_and_types_the_word(shop):
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.ERASE, "")
    reader = a_reader(shop)
    desk = at_desk(shop, Role.CLERK)
    assert "Here this erases all that is known." in text_of(desk.get(url(shop, "contact", reader)))
    assert desk.post(url(shop, "refuse", reader), {"scope": "all", "via": "telephone"}).status_code == 422
    said = {"scope": "all", "via": "telephone", "confirmed": "erase"}
    assert desk.post(url(shop, "refuse", reader), said).status_code == 302


def test_who_is_not_here_is_answered_with_a_sentence(shop):
    answer = at_desk(shop).get(url(shop, "contact", 987_654_321))
    assert answer.status_code == 404
    assert "An erased person cannot be found by anything." in text_of(answer)


def test_a_person_of_another_shop_is_not_here(shop):
    stranger = a_reader(a_shop())
    desk = at_desk(shop)
    for answer in (desk.get(url(shop, "contact", stranger)), desk.post(url(shop, "reveal", stranger))):
        assert answer.status_code == 404


def test_without_the_key_store_the_page_stands_and_a_no_is_still_taken(shop):
    reader = a_reader(shop)
    desk = at_desk(shop)
    with runtime.replaced(
        dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    ):
        page = desk.get(url(shop, "contact", reader))
        revealed = desk.post(url(shop, "reveal", reader))
        stopped = desk.post(url(shop, "refuse", reader), {"scope": "all", "via": "telephone"})
    assert page.status_code == 200
    assert "The key store cannot be reached" in text_of(page)
    assert revealed.status_code == 503
    assert "The key store cannot be reached" in text_of(revealed)
    assert stopped.status_code == 302
    assert suppressions.refusals(shop.workspace_id, reader) != []


def test_a_contact_without_any_consent_is_told_as_known_and_no_more(shop):
    somebody = a_contact(shop, source="import")
    page = text_of(at_desk(shop).get(url(shop, "contact", somebody)))
    assert "First known here" in page
    assert page.count("<b>No.</b>") == 2


def test_an_ended_consent_is_shown_as_ended(shop):
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    reader = a_reader(shop, at=now - timedelta(days=40), expires_at=now - timedelta(days=1))
    page = text_of(at_desk(shop).get(url(shop, "contact", reader)))
    assert "Expired" in page
    assert consents.held(shop.workspace_id, reader)[0].expires_at < now


def test_every_kind_of_message_is_answered_with_picture_word_dates_rule_and_evidence(shop):
    reader = a_reader(shop, ADDRESS)
    desk = at_desk(shop, Role.DEVELOPER)
    assert url(shop, "standing", reader) in text_of(desk.get(url(shop, "contact", reader)))
    page = text_of(desk.get(url(shop, "standing", reader)))
    (entry,) = ledger.history(shop.workspace_id, reader)
    assert page.count("<caption") == 3  # two topics, and what is the same for all
    assert page.count('<th scope="row">') == 2 * 4 + 2
    assert re.search(r'data-tone="go"><svg[^>]*aria-hidden="true">.*?</svg>Yes</span>', page)
    assert re.search(r'data-tone="never"><svg[^>]*aria-hidden="true">.*?</svg>No</span>', page)
    assert "A live, confirmed and evidenced consent covers this message." in page
    assert '<span class="mute" lang="ja">有効な同意があるため、送信できます。</span>' in page
    assert f'href="{url(shop, "contact", reader)}#entry-{entry.entry_id}"' in page
    assert "特定電子メール法 3条1項1-4号" in page
    assert "no refusal" in page
    assert "rule pack 1.0" in page
    assert ADDRESS not in page
    assert "<script" not in page.partition("<main")[2].partition("</main>")[0]


def test_the_matrix_speaks_japanese_and_keeps_the_clock_of_the_shop(shop):
    at = datetime(2026, 11, 1, 20, 30, tzinfo=UTC)
    reader = a_reader(shop, at=at)
    page = text_of(at_desk(shop, language="ja").get(url(shop, "standing", reader)))
    assert "2026年11月2日 5:30" in page
    assert "配信停止の申し出なし" in page
    assert 'lang="en">A live, confirmed and evidenced consent' in page


def test_the_matrix_of_somebody_who_is_not_here_says_so(shop):
    assert at_desk(shop).get(url(shop, "standing", 987_654_321)).status_code == 404
    assert at_desk(shop).get(url(shop, "standing", a_reader(a_shop()))).status_code == 404


def test_a_no_is_answered_with_the_entry_that_proves_it(shop):
    reader = a_reader(shop)
    desk = at_desk(shop)
    desk.post(url(shop, "refuse", reader), {"scope": "all", "via": "telephone"})
    entry = ledger.history(shop.workspace_id, reader)[-1]
    page = text_of(desk.get(url(shop, "standing", reader)))
    assert f"#entry-{entry.entry_id}" in page
    assert "everything refused on" in page


def test_a_delivery_is_told_with_its_rule_and_the_pack_it_was_decided_by(shop):
    reader = a_reader(shop)
    sent(shop, reader, datetime.now(UTC), pack="1.0+")  # noqa: TID251 - a test is an edge
    page = text_of(at_desk(shop).get(url(shop, "contact", reader)))
    assert "SE-03, SE-08, PP-03 · rule pack 1.0+" in page


def places_in(page):
    return re.findall(r'href="[^"]*/ledger/\?index=(\d+)">Place [\d,]+ of the log</a>', page)


def test_each_act_shows_where_it_stands_in_the_log_or_that_it_is_being_recorded(shop):
    reader = a_reader(shop)
    desk = at_desk(shop)
    page = text_of(desk.get(url(shop, "contact", reader)))
    assert (places_in(page), "Being recorded" in page) == ([], True)
    services.sequence_all(shop.workspace_id, now=datetime.now(UTC))  # noqa: TID251 - a test is an edge
    page = text_of(desk.get(url(shop, "contact", reader)))
    (entry,) = ledger.history(shop.workspace_id, reader)
    assert set(places_in(page)) == {str(entry.index)}
    assert "Being recorded" not in page


def test_the_place_of_an_act_is_known_while_the_key_store_is_away_and_a_no_waits_for_it(shop):
    reader = a_reader(shop)
    services.sequence_all(shop.workspace_id, now=datetime.now(UTC))  # noqa: TID251 - a test is an edge
    desk = at_desk(shop)
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        desk.post(url(shop, "refuse", reader), {"scope": "all", "via": "telephone"})
        page = text_of(desk.get(url(shop, "contact", reader)))
    assert set(places_in(page)) == {"0"}
    assert "Being recorded: it waits for the key store." in page
