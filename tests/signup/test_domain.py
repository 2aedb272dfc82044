"""What a published form says, and what it takes."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.contacts.domain import AddressError, UnfitName
from shodaku.content.render import Draft, SenderIdentity, compile_message
from shodaku.kit.links import LinkKeys, Purpose
from shodaku.signup.domain import (
    ASKED_A_DAY_MAX,
    ASKED_A_MONTH_MAX,
    EmptyForm,
    Field,
    FormDefinition,
    OfferedTopic,
    Published,
    RequestState,
    Shown,
    ShownSender,
    SignupFault,
    SignupRequest,
    Standing,
    Typed,
    as_json,
    form_sha256,
    from_json,
    may_ask,
    parse_signup,
    standing,
    wording_of,
)
from shodaku.signup.letters import confirmation, moved, welcome

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TOPIC = OfferedTopic(
    topic_id=1,
    name="月刊ショップだより",
    name_en="Monthly shop news",
    content="新商品のご案内",
    purpose="商品の案内",
    frequency_max=1,
    frequency_per="month",
    double_opt_in=True,
    valid_months=24,
)
SENDER = ShownSender(
    sender_id=1,
    formal_name="株式会社あおい雑貨",
    display_name="あおい雑貨",
    postal_address="東京都中央区銀座2-1-5",
    complaint_contact="03-0000-0000 / support@aoi.example",
    privacy_policy_version="3",
    privacy_policy="個人情報は、選ばれた案内を送るためだけに使います。",
)
FORM = FormDefinition(title="お便りの申込み", title_en="Our mail", topic_ids=(1,))


def published():
    wordings = {language: wording_of(FORM, (TOPIC,), SENDER, language) for language in ("ja", "en")}
    return Published(definition=FORM, topics=(TOPIC,), sender=SENDER, wordings=wordings)


SHOWN = Shown(workspace_id=1, form_id=1, version=1, language="ja", published=published())


def typed(**changes):
    return dataclasses.replace(Typed(email="hanako@example.jp", name="山田 花子", topics=("1",)), **changes)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_form_names_content_frequency_purpose_sender_record_and_the_way_to_stop(language):
    text = wording_of(FORM, (TOPIC,), SENDER, language).text
    promised = (TOPIC.content, TOPIC.frequency.text(language), TOPIC.purpose, SENDER.formal_name)
    stop, kept = {"ja": ("停止", "3年間"), "en": ("stops it", "3 years")}[language]
    for said in (*promised, SENDER.postal_address, SENDER.privacy_policy, stop, kept, "IP"):
        assert said in text


def test_the_button_says_that_a_mail_asks_only_if_one_does():
    single = dataclasses.replace(TOPIC, double_opt_in=False)
    assert "確認メール" in wording_of(FORM, (TOPIC,), SENDER, "ja").button
    assert "確認メール" not in wording_of(FORM, (single,), SENDER, "ja").button


def test_a_form_without_topic_or_title_is_no_form():
    for form, topics in ((FORM, ()), (FormDefinition(title=" "), (TOPIC,))):
        with pytest.raises(EmptyForm):
            wording_of(form, topics, SENDER, "ja")


def test_a_definition_has_no_field_that_could_tick_a_box():
    names = {field.name for field in dataclasses.fields(FormDefinition)}
    assert not [name for name in names if "check" in name or "default" in name or "tick" in name]


def test_what_is_stored_reads_back_as_what_was_published():
    stored = json.loads(json.dumps(as_json(published())))
    assert from_json(stored) == published()
    assert form_sha256(stored) == form_sha256(as_json(published()))


def test_one_changed_word_is_another_form():
    other = dataclasses.replace(published(), sender=dataclasses.replace(SENDER, formal_name="株式会社あおい"))
    assert form_sha256(as_json(other)) != form_sha256(as_json(published()))


def test_an_ordinary_entry_is_a_request():
    request = parse_signup(typed(), SHOWN)
    assert isinstance(request, SignupRequest)
    assert (request.address.address, request.name, request.topics) == (
        "hanako@example.jp",
        "山田 花子",
        (TOPIC,),
    )


@pytest.mark.parametrize("topics", [(), ("2",), ("x",), ("1.0",), ("-1",), ("",), ("1" * 5_000,)])
def test_without_a_topic_of_this_form_nothing_is_asked_for(topics):
    assert parse_signup(typed(topics=topics), SHOWN) == {Field.TOPICS: SignupFault.NO_TOPIC}


@pytest.mark.parametrize(
    "name",
    ["Taro\r\nBcc: victim@example.net", "=?utf-8?q?Taro=0D=0ABcc:_v@example.net?=", "a\u2028b", "a\x00b"],
)
def test_a_name_with_header_characters_is_refused_with_a_sentence(name):
    faults = parse_signup(typed(name=name), SHOWN)
    assert isinstance(faults[Field.NAME], UnfitName)
    assert faults[Field.NAME].sentence("ja").endswith("。")


def test_all_faults_are_named_at_once():
    faults = parse_signup(typed(email="nobody", name="=?", topics=()), SHOWN)
    assert list(faults) == [Field.TOPICS, Field.EMAIL, Field.NAME]
    assert isinstance(faults[Field.EMAIL], AddressError)


def test_a_name_that_was_not_asked_for_is_not_taken():
    form = dataclasses.replace(published(), definition=dataclasses.replace(FORM, ask_name=False))
    request = parse_signup(typed(name="=?"), dataclasses.replace(SHOWN, published=form))
    assert request.name == ""


@given(st.lists(st.integers(0, 40 * 24 * 60), max_size=30))
def test_no_address_is_asked_twice_a_day_or_four_times_in_30_days(minutes):
    asked = []
    for minute in sorted(minutes):
        at = NOW + timedelta(minutes=minute)
        if may_ask(asked, at):
            asked.append(at)
    for at in asked:
        assert sum(at - timedelta(days=1) < other <= at for other in asked) <= ASKED_A_DAY_MAX
        assert sum(at - timedelta(days=30) < other <= at for other in asked) <= ASKED_A_MONTH_MAX


def test_after_exactly_a_day_the_address_may_be_asked_again():
    assert may_ask([NOW], NOW + timedelta(days=1))
    assert not may_ask([NOW], NOW + timedelta(days=1) - timedelta(seconds=1))


def test_a_link_answers_until_it_is_three_days_old():
    end = NOW + timedelta(days=3)
    assert standing(RequestState.REQUESTED, end, end) is Standing.OPEN
    assert standing(RequestState.REQUESTED, end, end + timedelta(seconds=1)) is Standing.EXPIRED
    assert standing(RequestState.CONFIRMED, end, NOW) is Standing.CONFIRMED
    assert standing(RequestState.DECLINED, end, NOW) is Standing.DECLINED
    assert standing(RequestState.WITHDRAWN, end, NOW) is Standing.DECLINED


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("letter", [confirmation, welcome, moved])
def test_every_mail_carries_the_full_display_in_text_and_html(letter, language):
    written = letter(SENDER, [TOPIC], language, NOW)
    for part in (written.text, written.html):
        for said in (
            SENDER.formal_name,
            SENDER.postal_address,
            "support@aoi.example",
            "{{ opt_out }}",
            "停止",
        ):
            assert said in part
    assert "\n" not in written.subject


def test_the_confirmation_mail_holds_its_link_and_its_end():
    written = confirmation(SENDER, [TOPIC], "ja", NOW)
    assert "\n{{ confirm }}\n" in written.text
    assert "2026年11月22日 3時00分まで" in written.text
    assert written.subject == "【あおい雑貨】受信の確認をお願いします"


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    ("letter", "purpose"),
    [(confirmation, Purpose.CONFIRMATION), (welcome, Purpose.NOTICE), (moved, Purpose.NOTICE)],
)
def test_every_mail_compiles_and_needs_no_value_of_the_person(language, letter, purpose):
    odd = dataclasses.replace(SENDER, formal_name="株式会社{{ name }}", display_name="{{ x }} あおい")
    written = letter(odd, [dataclasses.replace(TOPIC, name="{{ y }}")], language, NOW)
    compiled = compile_message(
        Draft(written.subject, written.text, written.html, ()),
        SenderIdentity("あおい雑貨", "news@aoi.example", "aoi.example", "https://mail.aoi.example"),
        workspace_id=1,
        subject_id=2,
        links=LinkKeys({0: bytes(16)}),
        purpose=purpose,
        list_id=None,
        one_click=False,
    )
    assert compiled.slots == ()
