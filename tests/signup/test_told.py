"""What somebody tells of themselves is kept when they confirm it, is theirs to copy, and goes with them."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from django.test import Client, override_settings
from psycopg.types.json import Jsonb
from tests.erasure.test_sealing import erase
from tests.people import a_contact, a_shop
from tests.signup.forms import (
    EVIDENCE,
    a_form,
    confirm_token,
    contact_of,
    newest_request,
    page_of,
    posted,
)

from shodaku.complaints import own_record
from shodaku.contacts import selectors as contacts
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.signup import selectors, services
from shodaku.signup.domain import AskedField, FieldKind, as_json, form_sha256, standard_field

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
COLOUR = AskedField(
    kind=FieldKind.CHOICE,
    label="好きな色",
    label_en="Colour",
    choices=("赤", "青"),
    choices_en=("Red", "Blue"),
)
ASKED = (
    standard_field(FieldKind.FAMILY_NAME, required=True),
    standard_field(FieldKind.GIVEN_NAME, required=False),
    standard_field(FieldKind.FAMILY_KANA, required=False),
    standard_field(FieldKind.MOBILE, required=False),
    standard_field(FieldKind.BIRTHDAY, required=False),
    standard_field(FieldKind.PREFECTURE, required=False),
    COLOUR,
)
TOLD = {
    "family_name": "髙﨑",
    "given_name": "花子",
    "family_kana": "たかさき",
    "birthday": "昭和60年4月1日",
    "prefecture": "東京都",
    "own_1": "青",
}


@pytest.fixture(autouse=True)
def quick():
    with override_settings(SIGNUP_FORM_SECONDS_MIN=0):
        yield


@pytest.fixture
def shop():
    shop = a_shop()
    a_form(shop, ask_name=False, fields=ASKED)
    return shop


def a_stranger():
    return f"hanako-{uuid.uuid4().hex[:10]}@example.jp"


def a_number():
    return f"090{uuid.uuid4().int % 90_000_000 + 10_000_000}"


def answers_kept(shop, contact_id):
    with db.transaction(shop.workspace_id) as connection:
        return [
            row[0]
            for row in connection.execute(
                "select answers::text from signup_request where workspace_id = %s and contact_id = %s",
                [shop.workspace_id, contact_id],
            )
        ]


def test_answers_are_the_contacts_when_its_owner_confirms_and_not_before(shop):
    address = a_stranger()
    assert posted(shop, Client(), email=address, mobile=a_number(), **TOLD).status_code == 200
    contact_id = contact_of(shop, address)
    assert contacts.details(shop.workspace_id, contact_id) == contacts.Details(None, {})
    services.confirm_signup(confirm_token(shop, contact_id), EVIDENCE, NOW)
    person = contacts.contact(shop.workspace_id, contact_id)
    assert (person.family_name, person.given_name, person.kana) == ("髙﨑", "花子", "たかさき")
    assert contacts.details(shop.workspace_id, contact_id) == contacts.Details(
        date(1985, 4, 1), {"都道府県": "東京都", "好きな色": "青"}
    )
    assert {each.channel for each in contacts.addresses(shop.workspace_id, contact_id)} == {"email", "sms"}
    assert answers_kept(shop, contact_id) == ["{}"]
    assert contact_id in {found.contact_id for found in contacts.search(shop.workspace_id, "ﾀｶｻｷ")}


def test_somebody_who_is_known_is_not_described_by_who_types_in_their_address(shop):
    address = a_stranger()
    contact_id = a_contact(shop, address, name="山田 太郎")
    posted(shop, Client(), email=address, **TOLD)
    assert contacts.contact(shop.workspace_id, contact_id).name == "山田 太郎"
    assert contacts.details(shop.workspace_id, contact_id).attributes == {}
    services.decline_signup(confirm_token(shop, contact_id), EVIDENCE, NOW)
    assert answers_kept(shop, contact_id) == ["{}"]
    assert contacts.details(shop.workspace_id, contact_id).attributes == {}


def test_a_number_that_is_somebody_elses_stays_theirs(shop):
    number, first, second = a_number(), a_stranger(), a_stranger()
    for address in (first, second):
        posted(shop, Client(), email=address, mobile=number, **TOLD)
        services.confirm_signup(confirm_token(shop, contact_of(shop, address)), EVIDENCE, NOW)
    channels = [
        {each.channel for each in contacts.addresses(shop.workspace_id, contact_of(shop, address))}
        for address in (first, second)
    ]
    assert channels == [{"email", "sms"}, {"email"}]


def test_a_number_that_was_erased_with_its_person_is_not_remembered_again(shop):
    number, first, second = a_number(), a_stranger(), a_stranger()
    posted(shop, Client(), email=first, mobile=number, **TOLD)
    gone = contact_of(shop, first)
    services.confirm_signup(confirm_token(shop, gone), EVIDENCE, NOW)
    erase(shop, gone)
    posted(shop, Client(), email=second, mobile=number, **TOLD)
    known = contact_of(shop, second)
    services.confirm_signup(confirm_token(shop, known), EVIDENCE, NOW)
    assert {each.channel for each in contacts.addresses(shop.workspace_id, known)} == {"email"}


def test_answers_stand_in_the_copy_of_ones_own_data_and_go_with_the_person(shop):
    address = a_stranger()
    posted(shop, Client(), email=address, **TOLD)
    contact_id = contact_of(shop, address)
    waiting = own_record.record_without_words(shop.workspace_id, contact_id, NOW)
    assert waiting.told_unconfirmed[0]["others"] == {"都道府県": "東京都", "好きな色": "青"}
    services.confirm_signup(confirm_token(shop, contact_id), EVIDENCE, NOW)
    record = own_record.record_without_words(shop.workspace_id, contact_id, NOW)
    assert (record.kana, record.told, record.told_unconfirmed) == (
        "たかさき",
        {"都道府県": "東京都", "好きな色": "青"},
        (),
    )
    erase(shop, contact_id)
    with db.transaction(shop.workspace_id) as connection:
        left = connection.execute(
            "select count(*) from contact where workspace_id = %s and attributes::text like %s",
            [shop.workspace_id, "%東京都%"],
        ).fetchone()
    assert left == (0,)
    assert answers_kept(shop, contact_id) == []


def test_answers_are_no_part_of_the_evidence_which_outlives_an_erasure(shop):
    address = a_stranger()
    posted(shop, Client(), email=address, **TOLD)
    contact_id = contact_of(shop, address)
    services.confirm_signup(confirm_token(shop, contact_id), EVIDENCE, NOW)
    said = [str(entry.fields) for entry in ledger.history(shop.workspace_id, contact_id)]
    assert [text for text in said if "東京都" in text or "1985-04-01" in text] == []
    form = selectors.form(shop.workspace_id, "join")
    version = selectors.form_version(shop.workspace_id, form.form_id, 1)
    assert [text for text in said if version.sha256 in text] == said


def test_what_nobody_confirmed_in_time_is_told_to_nobody(shop):
    address = a_stranger()
    posted(shop, Client(), email=address, **TOLD)
    contact_id = contact_of(shop, address)
    until = newest_request(shop, contact_id).expires_at
    assert services.sweep_answers(shop.workspace_id, now=until) == 0
    assert services.sweep_answers(shop.workspace_id, now=until + timedelta(seconds=1)) == 1
    assert answers_kept(shop, contact_id) == ["{}"]


def test_the_page_says_what_must_be_filled_and_what_it_is_for(shop):
    page = Client().get(f"{page_of(shop)}?lang=ja").content.decode()
    assert "そのほかの項目の使いみち" in page
    assert '<option value="" selected>' in page  # nothing is chosen for anybody
    form = selectors.form(shop.workspace_id, "join")
    wording = selectors.shown(shop.workspace_id, form.form_id, 1, "en").published.wording("en")
    assert wording.fields[0].title == "Family name"
    assert wording.fields[0].text == "required"
    assert "＿ Colour\noptional / Red / Blue" in wording.text


def test_after_a_fault_every_answer_still_stands(shop):
    answer = posted(shop, Client(), email=a_stranger(), **{**TOLD, "birthday": "あした", "family_name": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "この日付は読み取れません" in page
    assert "この項目に入力してください" in page
    for kept in ('value="花子"', 'value="たかさき"', '<option value="東京都" selected>', 'value="あした"'):
        assert kept in page
    assert '<option value="青" selected>' in page


def test_a_form_that_asks_nothing_more_has_the_words_it_always_had():
    from tests.signup.test_domain import SHOWN

    from shodaku.signup.domain import FormDefinition, wording_of

    published = SHOWN.published
    wording = wording_of(FormDefinition(title="便り"), published.topics, published.sender, "ja")
    assert (wording.fields, len(wording.terms)) == ((), 4)


def test_the_desk_sees_what_a_person_told(shop):
    from tests.console.desk import at_desk, text_of, url

    address = a_stranger()
    posted(shop, Client(), email=address, **TOLD)
    contact_id = contact_of(shop, address)
    place = url(shop, "contact", contact_id)
    assert "東京都</dd>" not in text_of(at_desk(shop).get(place))
    services.confirm_signup(confirm_token(shop, contact_id), EVIDENCE, NOW)
    page = text_of(at_desk(shop).get(place))
    for kept in ("1985-04-01", "都道府県", "東京都", "好きな色", "青", "たかさき"):
        assert kept in page


def as_if_published_before_forms_asked_more(database, shop):
    """The stored version without what came later; its hash, which its consents name."""
    form = selectors.form(shop.workspace_id, "join")
    stored = as_json(selectors.form_version(shop.workspace_id, form.form_id, 1).published)
    for part, later in LATER.items():
        for name in later:
            del stored[part][name]
    for wording in stored["wordings"].values():
        del wording["fields"]
    sha256 = form_sha256(stored)
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        owner.execute(
            "update form_version set definition = %s, sha256 = %s where workspace_id = %s",
            [Jsonb(stored), sha256, shop.workspace_id],
        )
    return sha256


LATER = {
    "definition": (
        "fields",
        "fields_purpose",
        "fields_purpose_en",
        "incentive_en",
        "incentive_condition",
        "incentive_condition_en",
    ),
    "sender": ("from_domain",),
}


def test_a_consent_on_an_older_version_names_the_hash_that_version_is_stored_under(database):
    shop = a_shop()
    a_form(shop)
    sha256 = as_if_published_before_forms_asked_more(database, shop)
    page = Client().get(page_of(shop))
    assert page.status_code == 200
    address = a_stranger()
    assert posted(shop, Client(), email=address, name="山田 花子").status_code == 200
    (entry,) = ledger.history(shop.workspace_id, contact_of(shop, address))
    assert entry.fields["form_sha256"] == sha256
    assert sha256 in selectors.shown_by_hash(shop.workspace_id, [sha256])
