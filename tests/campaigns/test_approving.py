"""A launch to many needs two persons: what is approved is one content, for at most so many people."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.campaigns.test_services import a_draft
from tests.people import a_reader, a_shop

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services
from shodaku.campaigns.domain import NewCampaign, needs_second_person
from shodaku.campaigns.services import (
    ApprovalNeeded,
    Approved,
    Asked,
    ContentChanged,
    Launched,
    MorePeople,
)
from shodaku.kit import db
from shodaku.ledger import selectors as ledger

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    """Three readers, two members of its staff, and a launch to more than two people needs both."""
    shop = a_shop()
    for _ in range(3):
        a_reader(shop, at=NOW - A_DAY)
    return shop


@pytest.fixture
def author(shop):
    return a_member(shop, Role.MARKETER)


@pytest.fixture
def second(shop, author):
    second = a_member(shop, Role.COMPLIANCE)
    accounts.need_two_persons(shop.workspace_id, 2)
    return second


def a_member(shop, role):
    number = accounts.create_staff(f"m-{uuid.uuid4().hex[:8]}@aoi.example", "森", "Long enough 2026", now=NOW)
    accounts.join(shop.workspace_id, number, role, now=NOW)
    return number


def counted(shop, campaign_id):
    return services.count(shop.workspace_id, campaign_id, now=NOW).preflight_id


def ask(shop, campaign_id, author, note="", at=NOW):
    return services.ask_approval(
        shop.workspace_id, campaign_id, counted(shop, campaign_id), note, staff_id=author, now=at
    )


def approve(shop, campaign_id, asked, second, at=NOW):
    return services.approve(shop.workspace_id, campaign_id, asked.approval_id, staff_id=second, now=at)


def launch(shop, campaign_id, staff_id=None):
    return services.launch(
        shop.workspace_id, campaign_id, counted(shop, campaign_id), staff_id=staff_id, now=NOW
    )


def edit(shop, campaign_id, **changes):
    kept = selectors.campaign(shop.workspace_id, campaign_id)
    letter = NewCampaign(name=kept.name, topic_id=kept.topic_id, subject=kept.subject, text=kept.text)
    services.edit(shop.workspace_id, campaign_id, replace(letter, **changes), staff_id=None, now=NOW)


def state(shop, campaign_id):
    return selectors.approval(shop.workspace_id, campaign_id).state


@pytest.mark.parametrize(
    ("people", "above", "needed"),
    [(1, None, False), (10**6, None, False), (2, 2, False), (3, 2, True), (0, 0, False), (1, 0, True)],
)
def test_more_people_than_the_number_need_a_second_person(people, above, needed):
    assert needs_second_person(people, above) is needed


def test_without_a_number_one_person_is_enough(shop, author):
    assert launch(shop, a_draft(shop), author) == Launched(
        selectors.campaigns(shop.workspace_id)[0].mailing_id, 3
    )


def test_nobody_sends_to_many_alone_not_even_from_the_command_line(shop, author, second):
    campaign_id = a_draft(shop)
    assert launch(shop, campaign_id, author) == ApprovalNeeded(3, 2)
    assert launch(shop, campaign_id) == ApprovalNeeded(3, 2)
    assert selectors.campaign(shop.workspace_id, campaign_id).mailing_id is None


def test_to_few_people_one_person_sends(shop, author, second):
    accounts.need_two_persons(shop.workspace_id, 3)
    assert isinstance(launch(shop, a_draft(shop), author), Launched)


def test_what_a_second_person_approved_is_sent_and_the_ledger_says_by_whom(shop, author, second):
    campaign_id = a_draft(shop)
    asked = ask(shop, campaign_id, author, "冬のお知らせです。")
    assert (asked.people, state(shop, campaign_id)) == (3, "asked")
    assert approve(shop, campaign_id, asked, second) == Approved(asked.approval_id, 3)
    assert isinstance(launch(shop, campaign_id, author), Launched)
    assert state(shop, campaign_id) == "used"
    kinds = [entry.kind for entry in ledger.history(shop.workspace_id, 0)]
    assert [kind for kind in kinds if kind.startswith("admin.approval")] == [
        "admin.approval.asked",
        "admin.approval.given",
    ]


def test_nobody_approves_what_they_asked_for_themselves(shop, second):
    owner = a_member(shop, Role.OWNER)
    campaign_id = a_draft(shop)
    asked = ask(shop, campaign_id, owner)
    with pytest.raises(services.OwnRequest):
        approve(shop, campaign_id, asked, owner)
    assert launch(shop, campaign_id, owner) == ApprovalNeeded(3, 2)


def test_the_database_itself_takes_no_yes_of_the_one_who_asked(shop, author, second):
    campaign_id = a_draft(shop)
    ask(shop, campaign_id, author)
    with pytest.raises(psycopg.errors.CheckViolation), db.transaction(shop.workspace_id) as connection:
        connection.execute("update launch_approval set state = 'approved', decided_by = asked_by")


@pytest.mark.parametrize("role", [Role.CLERK, Role.DEVELOPER])
def test_who_has_no_such_role_approves_nothing(shop, author, second, role):
    campaign_id = a_draft(shop)
    asked = ask(shop, campaign_id, author)
    with pytest.raises(services.NoApprover):
        approve(shop, campaign_id, asked, a_member(shop, role))


def test_somebody_of_another_workspace_approves_nothing(shop, author, second):
    campaign_id = a_draft(shop)
    asked = ask(shop, campaign_id, author)
    with pytest.raises(services.NoApprover):
        approve(shop, campaign_id, asked, a_member(a_shop(), Role.OWNER))


@pytest.mark.parametrize(
    "change", [{"subject": "別の件名"}, {"text": "別の文"}, {"click_links": True}, {"starts_at": NOW + A_DAY}]
)
def test_any_change_after_the_yes_ends_it(shop, author, second, change):
    campaign_id = a_draft(shop)
    approve(shop, campaign_id, ask(shop, campaign_id, author), second)
    edit(shop, campaign_id, **change)
    assert state(shop, campaign_id) == "void"
    assert launch(shop, campaign_id, author) == ApprovalNeeded(3, 2)


@pytest.mark.parametrize(
    "change",
    [
        "update sender set formal_name = '株式会社べつの店'",  # stands in the legal display
        "update sender set display_name = 'べつの店'",  # stands in the From line alone
        "update sender set from_address = 'shop@aoi.example'",
    ],
)
def test_a_change_that_only_the_digest_knows_ends_it_too(shop, author, second, change):
    """Who sends is no part of the draft; it is changed in the settings of the sender."""
    campaign_id = a_draft(shop)
    approve(shop, campaign_id, ask(shop, campaign_id, author), second)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(change)
    assert state(shop, campaign_id) == "approved"
    assert launch(shop, campaign_id, author) == ApprovalNeeded(3, 2)


def test_what_was_changed_after_it_was_asked_for_is_not_approved(shop, author, second):
    campaign_id = a_draft(shop)
    asked = ask(shop, campaign_id, author)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("update sender set formal_name = '株式会社べつの店'")
    assert approve(shop, campaign_id, asked, second) == ContentChanged()
    edit(shop, campaign_id, subject="別の件名")
    with pytest.raises(services.NotAsked):
        approve(shop, campaign_id, asked, second)


def test_a_name_for_ourselves_is_no_change(shop, author, second):
    campaign_id = a_draft(shop)
    approve(shop, campaign_id, ask(shop, campaign_id, author), second)
    edit(shop, campaign_id, name="冬の号")
    assert isinstance(launch(shop, campaign_id, author), Launched)


def test_counting_again_keeps_the_yes_for_no_more_people_than_it_was_given_for(shop, author, second):
    campaign_id = a_draft(shop)
    approve(shop, campaign_id, ask(shop, campaign_id, author), second)
    a_reader(shop, at=NOW - A_DAY)
    assert launch(shop, campaign_id, author) == MorePeople(3, 4)


def test_more_people_than_were_asked_for_are_not_approved(shop, author, second):
    campaign_id = a_draft(shop)
    asked = ask(shop, campaign_id, author)
    a_reader(shop, at=NOW - A_DAY)
    counted(shop, campaign_id)
    assert approve(shop, campaign_id, asked, second) == MorePeople(3, 4)


def test_sent_back_with_words_it_is_changed_and_asked_for_again(shop, author, second):
    campaign_id = a_draft(shop)
    asked = ask(shop, campaign_id, author)
    services.send_back(
        shop.workspace_id, campaign_id, asked.approval_id, "件名に\n日付を", staff_id=second, now=NOW
    )
    (returned,) = selectors.returned_approvals(shop.workspace_id, author)
    assert (returned.words, returned.decided_by) == ("件名に\n日付を", second)
    with pytest.raises(services.NotAsked):
        approve(shop, campaign_id, asked, second)
    edit(shop, campaign_id, subject="11月25日のお便り")
    assert selectors.returned_approvals(shop.workspace_id, author)
    again = ask(shop, campaign_id, author)
    assert selectors.returned_approvals(shop.workspace_id, author) == []
    assert isinstance(approve(shop, campaign_id, again, second), Approved)


def test_nothing_is_sent_back_without_a_word(shop, author, second):
    campaign_id = a_draft(shop)
    asked = ask(shop, campaign_id, author)
    with pytest.raises(services.WordsNeeded):
        services.send_back(shop.workspace_id, campaign_id, asked.approval_id, " \n", staff_id=second, now=NOW)


@pytest.mark.parametrize(("note", "kept"), [("あ" * 500, True), ("あ" * 501, False), ("a\x00b", False)])
def test_words_have_a_length_and_no_control_characters(shop, author, second, note, kept):
    campaign_id = a_draft(shop)
    if kept:
        assert isinstance(ask(shop, campaign_id, author, note), Asked)
    else:
        with pytest.raises(services.WordsTooLong):
            ask(shop, campaign_id, author, note)


def test_what_was_taken_back_is_not_approved_and_a_yes_taken_back_sends_nothing(shop, author, second):
    campaign_id = a_draft(shop)
    asked = ask(shop, campaign_id, author)
    services.take_back(shop.workspace_id, campaign_id, asked.approval_id, staff_id=author, now=NOW)
    with pytest.raises(services.NotAsked):
        approve(shop, campaign_id, asked, second)
    again = ask(shop, campaign_id, author)
    approve(shop, campaign_id, again, second)
    services.take_back(shop.workspace_id, campaign_id, again.approval_id, staff_id=author, now=NOW)
    assert launch(shop, campaign_id, author) == ApprovalNeeded(3, 2)


def test_only_who_asked_takes_it_back(shop, author, second):
    campaign_id = a_draft(shop)
    asked = ask(shop, campaign_id, author)
    with pytest.raises(services.NotAsked):
        services.take_back(shop.workspace_id, campaign_id, asked.approval_id, staff_id=second, now=NOW)


def test_asking_again_ends_what_was_asked_before(shop, author, second):
    campaign_id = a_draft(shop)
    first = ask(shop, campaign_id, author)
    ask(shop, campaign_id, author)
    with pytest.raises(services.NotAsked):
        approve(shop, campaign_id, first, second)
    assert len(selectors.waiting_approvals(shop.workspace_id)) == 1


def test_a_copy_has_no_yes(shop, author, second):
    campaign_id = a_draft(shop)
    approve(shop, campaign_id, ask(shop, campaign_id, author), second)
    copied = services.copy(shop.workspace_id, campaign_id, staff_id=author, now=NOW)
    assert launch(shop, copied, author) == ApprovalNeeded(3, 2)


def test_what_was_sent_waits_for_nobody(shop, author, second):
    campaign_id = a_draft(shop)
    ask(shop, campaign_id, author)
    accounts.need_two_persons(shop.workspace_id, None)
    launch(shop, campaign_id, author)
    assert selectors.waiting_approvals(shop.workspace_id) == []


def test_where_one_person_alone_works_no_second_one_is_demanded():
    shop = a_shop()
    a_member(shop, Role.OWNER)
    a_member(shop, Role.CLERK)  # who approves nothing
    with pytest.raises(accounts.NoSecondPerson):
        accounts.need_two_persons(shop.workspace_id, 0)
    a_member(shop, Role.COMPLIANCE)
    accounts.need_two_persons(shop.workspace_id, 0)
    accounts.need_two_persons(shop.workspace_id, None)
