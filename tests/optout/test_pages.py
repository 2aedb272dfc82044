"""What one's own pages offer besides a full stop: a channel, fewer messages, a day, a complaint, a word."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from tests.optout.serving import Cable, a_server
from tests.people import a_contact, a_reader, a_shop, agree
from tests.sendings import sent
from tests.signup.forms import a_form, ask, confirm_token, contact_of, link, newest_request

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import OptOutRule
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import Frequency, Method, Period
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as deliveries
from shodaku.kit import db, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.optout import reasons, selectors
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.optout.reasons import OptOutReason
from shodaku.optout.services import opt_out
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
TOKYO = ZoneInfo("Asia/Tokyo")
TODAY = NOW.astimezone(TOKYO).date()


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True)


def token_of(shop, contact_id, purpose=Purpose.DELIVERY, subject_id=0):
    return link(Token(shop.workspace_id, subject_id, contact_id, purpose))


def stop_page(shop, contact_id, subject_id=0):
    return f"/o/{token_of(shop, contact_id, subject_id=subject_id)}"


def choices_page(shop, contact_id):
    return f"/p/{token_of(shop, contact_id, Purpose.PREFERENCE)}"


def text_of(response):
    return response.content.decode().replace("<wbr>", "")


def states(shop, contact_id):
    held = consents.held(shop.workspace_id, contact_id)
    return {(each.topic_id, each.channel): each.state for each in held}


def refusals(shop, contact_id):
    return [each.scope for each in suppressions.refusals(shop.workspace_id, contact_id)]


def answer_of(shop, contact_id, topic_id=None, channel=Channel.EMAIL):
    question = deliveries.question_of_topic(shop.workspace_id, topic_id or shop.topic_id, channel)
    verdict, _ = deliveries.verdict(shop.workspace_id, contact_id, question, now=datetime.now(UTC))  # noqa: TID251 - a test is an edge
    return verdict.reason.value


def agree_to_texts(shop, contact_id, topic_id=None):
    """A number that is theirs, and a confirmed consent to texts about a topic."""
    number, event_id = f"+8180{uuid.uuid4().int % 10**8:08}", uuid.uuid4()
    pair = suppression.tokens(shop.workspace_id, Channel.SMS, number)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "insert into address (workspace_id, contact_id, channel, value, key, wire, token, broad_token,"
            " created_at) values (%s, %s, 'sms', %s, %s, %s, %s, %s, %s)",
            [shop.workspace_id, contact_id, *[number] * 3, pair.strict, pair.broad, NOW],
        )
        act = ledger_services.Act(contact_id, event_id, "consent.confirmed", NOW, {"channel": "sms"})
        entry_id = ledger_services.append(act)
        consent.record(
            [
                consent.NewEvent(
                    contact_id=contact_id,
                    topic_id=topic_id or shop.topic_id,
                    channel=Channel.SMS,
                    kind=kind,
                    method=Method.PAPER,
                    at=NOW,
                    event_id=event_id,
                    entry_id=entry_id,
                )
                for kind in (consent.EventKind.REQUESTED, consent.EventKind.CONFIRMED)
            ]
        )


def a_mail(shop, contact_id, days_ago=0):
    """The shop's newsletter left for the person; its number stands in the links."""
    return sent(shop, contact_id, NOW - timedelta(days=days_ago), topic_id=shop.topic_id)


def less_often(shop, contact_id, most):
    no = OptOut(
        workspace_id=shop.workspace_id,
        contact_id=contact_id,
        scope=OptOutScope.LESS_OFTEN,
        topic_id=shop.topic_id,
        most=most,
        via=Method.PREFERENCE,
    )
    return opt_out(no, datetime.now(UTC))  # noqa: TID251 - a test is an edge


MONTHLY = Frequency(1, Period.MONTH)


def test_one_channel_is_offered_only_to_whom_two_bring_something(shop, browser):
    both, mail_alone = a_reader(shop), a_reader(shop)
    agree_to_texts(shop, both)
    assert re.findall(r'value="(channel:\w+)"', text_of(browser.get(stop_page(shop, both)))) == [
        "channel:email",
        "channel:sms",
    ]
    assert "channel:" not in text_of(browser.get(stop_page(shop, mail_alone)))


def test_leaving_one_channel_ends_every_topic_on_it_and_nothing_on_the_other(shop, browser):
    person = a_reader(shop)
    agree(shop, person, topic_id=shop.other_topic_id)
    agree_to_texts(shop, person)
    page = text_of(browser.post(stop_page(shop, person), {"scope": "channel:email"}))
    assert re.search(r"S-\d{4}-\d\d-\d\d-\d{6}", page)
    assert states(shop, person) == {
        (shop.topic_id, "email"): "withdrawn",
        (shop.other_topic_id, "email"): "withdrawn",
        (shop.topic_id, "sms"): "active",
    }
    assert refusals(shop, person) == []
    assert answer_of(shop, person) != "OK_CONSENT"
    assert answer_of(shop, person, channel=Channel.SMS) in ("OK_CONSENT", "QUIET_HOURS")


def test_leaving_the_last_channel_is_leaving(shop, browser):
    person = a_reader(shop)
    browser.post(stop_page(shop, person), {"scope": "channel:email"})
    assert refusals(shop, person) == ["all"]


def test_a_channel_that_does_not_exist_stops_everything(shop, browser):
    person = a_reader(shop)
    agree_to_texts(shop, person)
    browser.post(stop_page(shop, person), {"scope": "channel:pigeon"})
    assert refusals(shop, person) == ["all"]


def test_less_often_is_obeyed_by_the_gate_from_then_on(shop, browser):
    person = a_reader(shop, at=NOW - timedelta(days=40))
    mailing_id = a_mail(shop, person, days_ago=3)
    assert answer_of(shop, person) == "OK_CONSENT"
    page = text_of(browser.get(stop_page(shop, person, mailing_id)))
    assert (
        re.findall(r'<option value="([^"]+)"', page)
        == ["1/day", "1/week", "2/month", "1/month", "4/year", "1/year"][1:]
    )
    done = text_of(
        browser.post(stop_page(shop, person, mailing_id), {"scope": "less_often", "most": "1/month"})
    )
    assert "月1回まで" in done
    assert answer_of(shop, person) == "CONSENT_FREQUENCY"
    assert states(shop, person) == {(shop.topic_id, "email"): "active"}
    assert refusals(shop, person) == []


def test_less_often_counts_only_within_its_window(shop):
    person = a_reader(shop, at=NOW - timedelta(days=80))
    a_mail(shop, person, days_ago=40)
    less_often(shop, person, MONTHLY)
    assert answer_of(shop, person) == "OK_CONSENT"


def test_only_the_persons_own_confirmation_makes_it_more_again(shop, browser):
    person = a_reader(shop, at=NOW - timedelta(days=40))
    a_mail(shop, person, days_ago=3)
    less_often(shop, person, MONTHLY)
    url = choices_page(shop, person)
    page = text_of(browser.get(url))
    assert '<option value="" selected>月1回まで</option>' in page
    saved = text_of(
        browser.post(
            url,
            {
                "topics": [shop.topic_id],
                "shown": str(shop.topic_id),
                "days": "0",
                f"often_{shop.topic_id}": "promised",
            },
        )
    )
    assert "メール" in saved
    assert answer_of(shop, person) == "CONSENT_FREQUENCY"  # a question is no answer
    confirm = confirm_token(shop, person, newest_request(shop, person).request_id)
    browser.post(f"/confirm/{confirm}", {"answer": "receive"})
    assert answer_of(shop, person) == "OK_CONSENT"


def test_what_anybody_can_type_into_a_form_makes_nothing_more_often(shop):
    """A topic without a confirmation is asked about by mail, once its reader wants it less often."""
    single = consent.create_topic(
        shop.workspace_id,
        consent.NewTopic(
            slug="diary",
            name="日記",
            name_en="Diary",
            content="日々の話",
            purpose="商品の案内",
            frequency=Frequency(4, Period.WEEK),
            sender_id=shop.sender_id,
            double_opt_in=False,
        ),
        now=NOW,
    )
    a_form(shop, topic_ids=(single,))
    address = f"diary-{uuid.uuid4().hex[:8]}@example.jp"
    person = ask(shop, address, topic_ids=(single,), now=NOW - timedelta(days=3))
    no = OptOut(
        workspace_id=shop.workspace_id,
        contact_id=person,
        scope=OptOutScope.LESS_OFTEN,
        topic_id=single,
        most=MONTHLY,
        via=Method.PAGE,
    )
    opt_out(no, NOW - timedelta(days=2))
    ask(shop, address, topic_ids=(single,))
    assert consents.narrowed(shop.workspace_id, person) == {(single, Channel.EMAIL): MONTHLY.limit}
    assert newest_request(shop, person).topic_ids == [single]


def test_to_change_ones_address_is_not_to_want_more(shop, browser):
    person = a_reader(shop)
    less_often(shop, person, MONTHLY)
    address = f"new-{uuid.uuid4().hex[:10]}@example.jp"
    browser.post(f"{choices_page(shop, person)}/address", {"address": address})
    moved = contact_of(shop, address)
    browser.post(f"/confirm/{confirm_token(shop, moved)}", {"answer": "receive"})
    assert states(shop, moved) == {(shop.topic_id, "email"): "active"}
    assert consents.narrowed(shop.workspace_id, moved) == {(shop.topic_id, Channel.EMAIL): MONTHLY.limit}


def test_an_audit_and_a_replay_of_the_events_keep_the_wish(shop):
    person = a_reader(shop)
    less_often(shop, person, MONTHLY)
    agree(shop, person, topic_id=shop.other_topic_id)  # folds the person anew
    assert consents.narrowed(shop.workspace_id, person) == {(shop.topic_id, Channel.EMAIL): MONTHLY.limit}


@pytest.mark.parametrize(("days", "held"), [(1, True), (366, True), (0, False), (-1, False), (367, False)])
def test_a_break_ends_on_a_day_between_tomorrow_and_one_year_from_now(shop, browser, days, held):
    person = a_reader(shop)
    day = TODAY + timedelta(days=days)
    said = {"topics": [shop.topic_id], "shown": str(shop.topic_id), "days": "date", "until": str(day)}
    answer = browser.post(choices_page(shop, person), said)
    ends = [each.until for each in suppressions.refusals(shop.workspace_id, person)]
    midnight = datetime(day.year, day.month, day.day, tzinfo=TOKYO)
    assert (answer.status_code, ends) == ((200, [midnight]) if held else (422, []))


def test_a_break_without_its_day_loses_nothing_that_was_said(shop, browser):
    person = a_reader(shop)
    said = {"topics": [], "shown": str(shop.topic_id), "days": "date", "until": ""}
    answer = browser.post(choices_page(shop, person), said)
    page = text_of(answer)
    assert answer.status_code == 422
    assert re.findall(r'name="topics" value="\d+"( checked)?', page) == ["", ""]
    assert states(shop, person) == {(shop.topic_id, "email"): "active"}


def test_a_box_for_texts_exists_where_texts_come_and_is_taken_away_alone(shop, browser):
    person = a_reader(shop)
    agree_to_texts(shop, person)
    url = choices_page(shop, person)
    page = text_of(browser.get(url))
    assert re.findall(r'name="texts" value="(\d+)" checked', page) == [str(shop.topic_id)]
    said = {
        "topics": [shop.topic_id],
        "shown": str(shop.topic_id),
        "shown_texts": str(shop.topic_id),
        "days": "0",
    }
    assert "SMS" in text_of(browser.post(url, said))
    assert states(shop, person) == {(shop.topic_id, "email"): "active", (shop.topic_id, "sms"): "withdrawn"}
    assert 'name="texts"' not in text_of(browser.get(url))


def test_a_topic_that_is_taken_away_on_each_of_its_channels_is_refused(shop, browser):
    person = a_reader(shop)
    agree(shop, person, topic_id=shop.other_topic_id)
    agree_to_texts(shop, person)
    shown = {"shown": f"{shop.topic_id},{shop.other_topic_id}", "shown_texts": str(shop.topic_id)}
    browser.post(choices_page(shop, person), {"topics": [shop.other_topic_id], "days": "0", **shown})
    assert refusals(shop, person) == ["topic"]
    assert states(shop, person)[shop.other_topic_id, "email"] == "active"


def test_the_page_after_saving_says_what_was_changed(shop, browser):
    person = a_reader(shop)
    agree(shop, person, topic_id=shop.other_topic_id)
    url = f"{choices_page(shop, person)}?lang=en"
    said = {
        "topics": [shop.topic_id],
        "shown": f"{shop.topic_id},{shop.other_topic_id}",
        "days": "30",
        f"often_{shop.topic_id}": "1/month",
    }
    page = text_of(browser.post(url, said))
    assert "“Sale flash” has stopped." in page
    assert "“Monthly shop news” comes at most once a month from now on." in page
    assert "Nothing is sent to you before" in page
    nothing = {"topics": [shop.topic_id], "shown": str(shop.topic_id), "days": "0"}
    assert "Nothing was changed." in text_of(browser.post(url, nothing))


@pytest.mark.parametrize(
    "said", [{"topics": "999999"}, {"topics": "x"}, {"days": "31"}, {"often": "1/second"}]
)
def test_a_choice_that_is_not_on_the_page_is_refused_and_changes_nothing(shop, browser, said):
    person = a_reader(shop)
    wrong = {f"often_{shop.topic_id}" if name == "often" else name: value for name, value in said.items()}
    form = {"topics": [shop.topic_id], "shown": str(shop.topic_id), "days": "0", **wrong}
    before = states(shop, person)
    assert browser.post(choices_page(shop, person), form).status_code == 422
    assert (states(shop, person), refusals(shop, person)) == (before, [])


def test_the_way_from_the_choices_to_an_erasure_presses_nothing(shop, browser):
    person = a_reader(shop)
    page = text_of(browser.get(choices_page(shop, person)))
    (erase,) = re.findall(r'href="(/o/[^"]+\?scope=erase)"', page)
    assert re.findall(r'value="([\w:]+)" checked', text_of(browser.get(erase))) == ["erase"]
    assert refusals(shop, person) == []


def test_the_sender_explains_before_and_after_in_the_language_of_the_page(shop, browser):
    accounts.change_opt_out_rule(
        shop.workspace_id,
        OptOutRule.STOP,
        "前の説明",
        note_en="Words before",
        after="後の説明",
        after_en="Words after",
    )
    person = a_reader(shop)
    url = stop_page(shop, person)
    assert "前の説明" in text_of(browser.get(f"{url}?lang=ja"))
    assert '<span lang="en">Words before</span>' in text_of(browser.get(f"{url}?lang=en"))
    assert "Words after" in text_of(browser.post(f"{url}?lang=en", {"scope": "all"}))
    assert "後の説明" in text_of(browser.post(f"{url}?lang=ja", {"scope": "all"}))


def test_an_explanation_in_one_language_stands_on_the_page_in_the_other_and_says_which_it_is(shop, browser):
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.STOP, "前の説明")
    page = text_of(browser.get(f"{stop_page(shop, a_reader(shop))}?lang=en"))
    assert '<span lang="ja">前の説明</span>' in page


@pytest.mark.parametrize("rule", OptOutRule)
def test_without_words_of_the_sender_the_page_says_what_the_rule_means(shop, browser, rule):
    accounts.change_opt_out_rule(shop.workspace_id, rule, "")
    page = text_of(browser.get(f"{stop_page(shop, a_reader(shop))}?lang=en"))
    said = {
        OptOutRule.STOP: "at any time, free of charge",
        OptOutRule.STOP_ALL: "on no channel",
        OptOutRule.ERASE: "is forgotten by us, purchases included",
    }
    assert [each for each in said if said[each] in page] == [rule]


def test_the_page_names_the_notices_that_end_with_everything_before_and_after(shop, browser):
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.STOP_ALL, "", ends=["product_update"])
    url = f"{stop_page(shop, a_reader(shop))}?lang=en"
    assert "If everything stops: news about products that you have" in text_of(browser.get(url))
    done = text_of(browser.post(url, {"scope": "all"}))
    assert "These end too: news about products that you have." in done


def test_the_words_of_a_sender_full_of_markup_stay_text(shop, browser):
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.STOP, "<script>x</script>", after="<b>y</b>")
    url = stop_page(shop, a_reader(shop))
    assert b"<script" not in browser.get(url).content
    assert b"<b>y" not in browser.post(url, {"scope": "all"}).content


def question_in(page):
    return re.search(r'name="question" value="([^"]+)"', page)[1]


def counted(shop):
    return [
        (each.topic_id, each.reason, each.count) for each in selectors.reason_counts(shop.workspace_id, TODAY)
    ]


def test_why_is_asked_only_after_the_act_and_counted_once_without_anybody(database, shop, browser):
    person = a_reader(shop)
    url = stop_page(shop, person, a_mail(shop, person))
    assert 'name="reason"' not in text_of(browser.get(url))
    page = text_of(browser.post(url, {"scope": "topic"}))
    answer = {"question": question_in(page), "reason": "too_often"}
    for _ in range(2):
        assert browser.post(f"{url}/reason", answer).status_code == 200
    assert counted(shop) == [(shop.topic_id, OptOutReason.TOO_OFTEN, 1)]
    with db.transaction(shop.workspace_id) as connection:
        columns = connection.execute(
            "select column_name from information_schema.columns where table_name = any(%s)",
            [["opt_out_reason", "opt_out_question"]],
        ).fetchall()
    assert not {"contact_id", "address", "token"} & {name for (name,) in columns}


def test_two_people_with_one_reason_are_two(shop, browser):
    for _ in range(2):
        url = stop_page(shop, a_reader(shop))
        page = text_of(browser.post(url, {"scope": "all"}))
        browser.post(f"{url}/reason", {"question": question_in(page), "reason": "other"})
    assert counted(shop) == [(None, OptOutReason.OTHER, 2)]


@pytest.mark.parametrize("form", [{"reason": "because"}, {"question": "x"}, {"question": ""}, {"reason": ""}])
def test_an_answer_that_was_not_asked_for_is_counted_nowhere(shop, browser, form):
    url = stop_page(shop, a_reader(shop))
    page = text_of(browser.post(url, {"scope": "all"}))
    browser.post(f"{url}/reason", {"question": question_in(page), "reason": "other", **form})
    assert counted(shop) == []


def test_an_answer_is_taken_for_an_hour(shop):
    asked = reasons.question(shop.workspace_id, None, NOW)
    hour = timedelta(hours=1)
    assert not reasons.answer(asked, OptOutReason.OTHER, NOW + hour + timedelta(seconds=2), TOKYO)
    assert not reasons.answer(asked, OptOutReason.OTHER, NOW - timedelta(seconds=2), TOKYO)
    assert counted(shop) == []
    assert reasons.answer(asked, OptOutReason.OTHER, NOW + hour - timedelta(seconds=2), TOKYO)
    assert counted(shop) == [(None, OptOutReason.OTHER, 1)]


def test_a_break_and_fewer_messages_are_not_asked_about(shop, browser):
    person = a_reader(shop)
    url = stop_page(shop, person, a_mail(shop, person))
    for form in ({"scope": "until", "days": "30"}, {"scope": "less_often", "most": "1/month"}):
        assert 'name="reason"' not in text_of(browser.post(url, form))


def test_an_erasure_gives_the_way_to_its_certificate_once(shop, browser):
    url = f"{stop_page(shop, a_reader(shop))}?lang=en"
    first, second = (text_of(browser.post(url, {"scope": "erase"})) for _ in range(2))
    assert len(re.findall(r'href="(/e/[^"]+)"', first)) == 1
    assert "/e/" not in second


def complaint(**said):
    return {"grievance": "never_agreed", "text": "だれかが私の名をかたりました。", **said}


def desk(shop):
    return [
        (each.contact_id, each.via, each.entry_id) for each in deliveries.inbound_messages(shop.workspace_id)
    ]


def test_a_complaint_waits_at_the_desk_with_its_words_sealed_for_the_person(shop, browser):
    person = a_reader(shop)
    url = f"/w/{token_of(shop, person)}/complaint"
    assert url in text_of(browser.get(url.removesuffix("/complaint")))
    for _ in range(2):  # pressed twice
        answer = browser.post(url, complaint())
        assert answer.status_code == 200
    ((whose, via, entry_id),) = desk(shop)
    (entry,) = [each for each in ledger.history(shop.workspace_id, person) if each.entry_id == entry_id]
    assert (whose, via, entry.fields["grievance"]) == (person, "page", "never_agreed")
    assert entry.fields["text"] == complaint()["text"]
    assert refusals(shop, person) == []  # nobody asked to stop
    assert "止めていません" in text_of(answer) or "Nothing was stopped." in text_of(answer)


def test_a_complaint_that_wants_it_stops_all_advertising_at_once(shop, browser):
    person = a_reader(shop)
    url = f"/w/{token_of(shop, person)}/complaint?lang=en"
    assert 'name="stop"' in text_of(browser.get(url))
    assert "checked" not in text_of(browser.get(url))
    page = text_of(browser.post(url, complaint(stop="on")))
    assert refusals(shop, person) == ["all"]
    assert re.search(r"S-\d{4}-\d\d-\d\d-\d{6}", page)
    assert len(desk(shop)) == 1


@pytest.mark.parametrize("said", [{"grievance": ""}, {"grievance": "dull"}, {"text": "あ" * 1_001}])
def test_a_complaint_that_cannot_be_taken_loses_no_word(shop, browser, said):
    person = a_reader(shop)
    answer = browser.post(f"/w/{token_of(shop, person)}/complaint", complaint(**said))
    assert answer.status_code == 422
    assert complaint(**said)["text"] in text_of(answer)
    assert desk(shop) == []


def test_the_longest_complaint_is_taken_whole(shop, browser):
    person = a_reader(shop)
    browser.post(f"/w/{token_of(shop, person)}/complaint", complaint(text="あ" * 1_000))
    ((_, _, entry_id),) = desk(shop)
    (entry,) = [each for each in ledger.history(shop.workspace_id, person) if each.entry_id == entry_id]
    assert entry.fields["text"] == "あ" * 1_000


def test_the_sixth_complaint_of_a_day_is_told_another_way(shop, browser):
    person = a_reader(shop)
    url = f"/w/{token_of(shop, person)}/complaint"
    statuses = [browser.post(url, complaint(text=f"{number}回目")).status_code for number in range(6)]
    assert statuses == [200] * 5 + [429]
    assert len(desk(shop)) == 5


def test_a_complaint_is_erased_with_its_person(shop, browser):
    person = a_reader(shop)
    browser.post(f"/w/{token_of(shop, person)}/complaint", complaint())
    with db.transaction(shop.workspace_id):
        from shodaku.delivery import services as delivery

        delivery.forget(person)
    assert desk(shop) == []


PAGES = (
    ("/o/{}", Purpose.DELIVERY),
    ("/w/{}", Purpose.DELIVERY),
    ("/w/{}/complaint", Purpose.DELIVERY),
    ("/p/{}", Purpose.PREFERENCE),
    ("/p/{}/address", Purpose.PREFERENCE),
)


@pytest.fixture
def bad_tokens(shop):
    """Cut off, altered, forged, of another purpose, of another key, of nobody, of somebody erased."""
    gone = a_contact(shop)
    with db.transaction(shop.workspace_id):
        contacts.forget(gone)
    foreign = LinkKeys(dict.fromkeys(runtime.current().ring(KeyPurpose.LINK).epochs, b"f" * 32))

    def of(purpose):
        good = token_of(shop, a_reader(shop), purpose)
        other = Purpose.CONFIRMATION
        return [
            good[:-1],
            good[:-2] + ("AA" if good[-2:] != "AA" else "BA"),
            "A" * 42,
            "..%2f" + good,
            token_of(shop, a_reader(shop), other),
            url_form(foreign.make(Token(shop.workspace_id, 0, gone, purpose))),
            link(Token(999_999, 0, 1, purpose)),
            link(Token(shop.workspace_id, 0, 999_999_999, purpose)),
            token_of(shop, gone, purpose),
        ]

    return of


@pytest.mark.parametrize(("path", "purpose"), PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_link_that_is_nobodys_gets_the_same_page(shop, browser, bad_tokens, path, purpose, method):
    answers = {
        (
            answer.status_code,
            answer.content.replace(token.encode(), b""),
            tuple(sorted(answer.headers.items())),
        )
        for token in bad_tokens(purpose)
        if "%" not in token
        for answer in [getattr(browser, method)(path.format(token))]
    }
    statuses = {(status, body) for status, body, _ in answers}
    assert len(statuses) == 1
    assert len({tuple(name for name, _ in headers) for _, _, headers in answers}) == 1


@pytest.mark.parametrize(("path", "purpose"), PAGES)
def test_a_forged_link_costs_the_same_look_as_an_erased_persons(shop, browser, path, purpose, monkeypatch):
    gone = a_contact(shop)
    with db.transaction(shop.workspace_id):
        contacts.forget(gone)
    asked = []
    real = db.sql
    monkeypatch.setattr(db, "sql", lambda package, name: asked.append((package, name)) or real(package, name))
    browser.get(path.format("A" * 42))
    forged, asked[:] = list(asked), []
    browser.get(path.format(token_of(shop, gone, purpose)))
    assert asked == forged != []


def test_choices_say_so_while_the_database_is_away_and_the_way_to_stop_stays_open(database, shop, tmp_path):
    person = a_reader(shop)
    real = urlsplit(database.application)
    cable = Cable(real.port)
    through = database.application.replace(f":{real.port}/", f":{cable.port}/")
    path = choices_page(shop, person)
    with a_server(database, home=tmp_path, url=through) as server:
        assert server.ask("GET", path)[0] == 200
        cable.cut()
        status, _, body = server.ask("GET", path)
        (stop,) = re.findall(rb'href="(/o/[\w-]+)"', body)
        assert status == 503
        assert b'value="all"' in server.ask("GET", stop.decode())[2]
        forged = server.ask(
            "POST", "/o/" + "A" * 42, b"scope=all", {"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert (forged[0], b"R-" in forged[2]) == (200, False)


def test_months_are_those_of_the_workspaces_clock(shop):
    last_hour_of_utc = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
    asked = reasons.question(shop.workspace_id, None, last_hour_of_utc)
    reasons.answer(asked, OptOutReason.OTHER, last_hour_of_utc, TOKYO)
    (row,) = selectors.reason_counts(shop.workspace_id, date(2026, 12, 15))
    assert row.month == date(2026, 12, 1)
