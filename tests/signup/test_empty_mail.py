"""An empty mail is a request; only the press on the page where the wording stands is the consent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.console.desk import at_desk, text_of, url
from tests.optout.test_listening import Clock, a_door, hand_in
from tests.optout.ways import a_letter, an_address, desk, scopes
from tests.people import a_reader, a_shop
from tests.signup.forms import a_form, confirm_token, contact_of, mailings, newest_request

from shodaku.accounts.domain import Role
from shodaku.consent import selectors as consents
from shodaku.erasure import lapsing
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.optout import services as optout
from shodaku.optout.domain import Envelope, Heard
from shodaku.signup import selectors, services
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.usefixtures("database")
SERVER = "mx.aoi.example"
NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - a test is an edge


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def form(shop):
    return a_form(shop)


@pytest.fixture
def join(shop, form):
    """The address of the form."""
    return services.open_form_mail(shop.workspace_id, form.form_id, SERVER, staff_id=None, now=NOW)


def vouched(result="pass", server=SERVER):
    return f"Authentication-Results: {server}; dmarc={result}"


def writes(shop, join, sender, *, text="", head=None, now=NOW, envelope=None):
    head = (vouched(),) if head is None else head
    raw = a_letter(text, sender=sender, to=join, head=head)
    return optout.receive_mail(shop.workspace_id, raw, now, envelope or Envelope(sender, (join,)))


def pressed(shop, contact_id, **ticked):
    path = f"/confirm/{confirm_token(shop, contact_id)}"
    return Client(headers={"user-agent": "Lynx"}).post(path, {"answer": "receive", **ticked})


def entries(shop, contact_id):
    return {each.kind: each.fields for each in ledger.history(shop.workspace_id, contact_id)}


def test_an_empty_mail_is_answered_by_a_question_and_is_no_consent(shop, join):
    sender = an_address()
    assert writes(shop, join, sender) is Heard.ASKED
    contact_id = contact_of(shop, sender)
    (mail,) = mailings(shop)
    assert (mail[1], mail[5]) == ("confirmation", "consent_request")
    assert "まだ登録されていません" in mail[3]
    assert "{{ confirm }}" in mail[3]
    assert consents.held(shop.workspace_id, contact_id) == []
    assert newest_request(shop, contact_id).way == "mail"


def test_the_evidence_of_the_request_says_which_mail_it_was_and_who_vouched(shop, form, join):
    sender = an_address()
    writes(shop, join, sender, head=(vouched(), "Message-ID: <abc@mail.example>"))
    fields = entries(shop, contact_of(shop, sender))["consent.requested"]
    wording = selectors.form_version(shop.workspace_id, form.form_id, 1).published.wording("ja")
    expected = {
        "method": "empty-mail",
        "address": sender,
        "sent_to": join,
        "message_id": "<abc@mail.example>",
        "authentication": f"{SERVER}; dmarc=pass",
        "wording_sha256": wording.sha256,
        "wording_version": wording.version,
        "policy_version": "1",
    }
    assert {name: fields.get(name) for name in expected} == expected
    assert "topics" not in fields


def test_the_page_shows_the_whole_wording_with_no_box_ticked_and_looking_changes_nothing(shop, form, join):
    sender = an_address()
    writes(shop, join, sender)
    contact_id = contact_of(shop, sender)
    page = text_of(Client().get(f"/confirm/{confirm_token(shop, contact_id)}"))
    wording = selectors.form_version(shop.workspace_id, form.form_id, 1).published.wording("ja")
    for part in (wording.title, *(box.text for box in wording.boxes), *(term.text for term in wording.terms)):
        assert part in page
    assert " checked" not in page
    assert consents.held(shop.workspace_id, contact_id) == []


def test_only_what_is_ticked_on_the_page_is_agreed_to(shop, join):
    sender = an_address()
    writes(shop, join, sender)
    contact_id = contact_of(shop, sender)
    answer = pressed(shop, contact_id, topics=[shop.other_topic_id])
    assert answer.status_code == 200
    (held,) = consents.held(shop.workspace_id, contact_id)
    assert (held.topic_id, held.state, held.confirmed) == (shop.other_topic_id, "active", True)
    fields = entries(shop, contact_id)["consent.confirmed"]
    assert fields["topic_ids"] == [str(shop.other_topic_id)]
    assert (fields["method"], fields["url"]) == ("web-double", "http://testserver/confirm")
    assert (fields["purpose"], fields["frequency"]) == (["商品の案内"], ["4/week"])
    assert fields["request_entry"] == newest_request(shop, contact_id).entry_id
    assert fields["browser"] == "Lynx"


@pytest.mark.parametrize("ticked", [{}, {"topics": ["987654"]}, {"topics": ["x"]}])
def test_without_a_tick_nothing_is_recorded_and_the_page_says_so(shop, join, ticked):
    sender = an_address()
    writes(shop, join, sender)
    contact_id = contact_of(shop, sender)
    answer = pressed(shop, contact_id, **ticked)
    assert answer.status_code == 422
    assert consents.held(shop.workspace_id, contact_id) == []
    assert pressed(shop, contact_id, topics=[shop.topic_id]).status_code == 200


def test_the_link_is_used_once(shop, join):
    sender = an_address()
    writes(shop, join, sender)
    contact_id = contact_of(shop, sender)
    pressed(shop, contact_id, topics=[shop.topic_id])
    again = pressed(shop, contact_id, topics=[shop.other_topic_id])
    assert "すでに登録されています" in text_of(again)
    assert [held.topic_id for held in consents.held(shop.workspace_id, contact_id)] == [shop.topic_id]


def test_that_was_not_me_ends_the_request_and_takes_away_nothing(shop, join):
    sender = an_address()
    contact_id = a_reader(shop, sender)
    before = consents.held(shop.workspace_id, contact_id)
    assert writes(shop, join, sender) is Heard.ASKED  # the other topic is left
    path = f"/confirm/{confirm_token(shop, contact_id)}"
    Client().post(path, {"answer": "decline"})
    assert newest_request(shop, contact_id).state == "declined"
    assert consents.held(shop.workspace_id, contact_id) == before


@pytest.mark.parametrize(
    "head",
    [
        (),
        (vouched("fail"),),
        (vouched(server="mx.evil.example"),),
        (vouched("fail"), vouched()),  # a second one came with the mail
        (f"Authentication-Results: {SERVER}; dmarc=pass header.from=else.example",),
    ],
)
def test_a_sender_whom_our_server_does_not_vouch_for_gets_no_answer_and_leaves_no_trace(
    shop, form, join, head
):
    sender = an_address()
    assert writes(shop, join, sender, head=head) is Heard.UNPROVED
    assert (contact_of(shop, sender), mailings(shop), desk(shop)) == (None, [], [])
    kept = services.form_mail(shop.workspace_id, form.form_id)
    assert (kept.asked, kept.unproved, kept.unproved_at) == (0, 1, NOW)


@pytest.mark.parametrize(
    "head",
    [
        ("Auto-Submitted: auto-replied",),
        ("Precedence: bulk",),
        ("Precedence: list",),
        ("Return-Path: <>",),
        ("X-Autoreply: yes",),
    ],
)
def test_a_program_is_never_answered(shop, join, head):
    sender = an_address()
    assert writes(shop, join, sender, head=(vouched(), *head)) is Heard.AUTOMATIC
    assert (contact_of(shop, sender), mailings(shop)) == (None, [])


def test_the_null_return_path_is_never_answered(shop, join):
    sender = an_address()
    assert writes(shop, join, sender, envelope=Envelope("", (join,))) is Heard.AUTOMATIC
    assert mailings(shop) == []


def test_a_mail_from_an_address_of_the_house_goes_round_no_circle(shop, join):
    for own in (join, "news@aoi.example"):
        assert writes(shop, join, own) is Heard.NOTED
    assert mailings(shop) == []


def test_one_answer_a_sender_and_day(shop, join):
    sender = an_address()
    assert writes(shop, join, sender) is Heard.ASKED
    assert writes(shop, join, sender, now=NOW + timedelta(hours=2)) is Heard.NOTED
    name, _, domain = sender.partition("@")
    assert writes(shop, join, f"{name}+tag@{domain}", now=NOW + timedelta(hours=3)) is Heard.NOTED
    assert len(mailings(shop)) == 1
    assert writes(shop, join, sender, now=NOW + timedelta(days=4)) is Heard.ASKED  # the link is over by then


@pytest.mark.parametrize("text", ["", "登録お願いします", "hello =?x?= \x00", "\u202e" * 50])
def test_what_the_mail_says_does_not_matter(shop, join, text):
    assert writes(shop, join, an_address(), text=text) is Heard.ASKED


@pytest.mark.parametrize("charset", ["iso-2022-jp", "shift_jis", "utf-7", "no-such-charset"])
def test_any_charset_is_as_good(shop, join, charset):
    sender = an_address()
    raw = (
        f"From: =?ISO-2022-JP?B?GyRCOzMbKEI=?= <{sender}>\r\nTo: {join}\r\n{vouched()}\r\n"
        f"Subject: =?x-unknown?Q?=FF?=\r\nContent-Type: text/plain; charset={charset}\r\n\r\n"
    ).encode() + b"\x1b$B\xff\x80\r\n"
    heard = optout.receive_mail(shop.workspace_id, raw, NOW, Envelope(sender, (join,)))
    assert heard is Heard.ASKED


def test_a_no_that_comes_to_the_address_is_a_no(shop, join):
    sender = an_address()
    contact_id = a_reader(shop, sender)
    assert writes(shop, join, sender, text="配信停止") is Heard.STOPPED
    assert scopes(shop, contact_id) == ["all"]
    assert mailings(shop, "confirmation") == []


def test_two_senders_in_one_mail_are_nobody(shop, join):
    assert writes(shop, join, "a@mail.example, b@mail.example") is Heard.UNPROVED


def test_who_receives_all_of_it_already_is_not_asked(shop):
    form = a_form(shop, topic_ids=(shop.topic_id,))
    join = services.open_form_mail(shop.workspace_id, form.form_id, SERVER, staff_id=None, now=NOW)
    sender = an_address()
    a_reader(shop, sender)
    assert writes(shop, join, sender, now=NOW + timedelta(minutes=5)) is Heard.NOTED
    assert mailings(shop, "confirmation") == []


def test_a_blocked_domain_is_not_asked(shop, join):
    suppression.block(shop.workspace_id, "*@example.jp", reason="x", by="staff:1", now=NOW)
    assert writes(shop, join, an_address()) is Heard.NOTED
    assert mailings(shop) == []


def test_who_opts_out_before_the_press_is_not_registered_by_it(shop, join):
    from shodaku.consent.domain import Method
    from shodaku.optout.domain import OptOut, OptOutScope

    sender = an_address()
    writes(shop, join, sender)
    contact_id = contact_of(shop, sender)
    no = OptOut(
        workspace_id=shop.workspace_id, contact_id=contact_id, scope=OptOutScope.ALL, via=Method.TELEPHONE
    )
    optout.opt_out(no, NOW + timedelta(minutes=1))
    pressed(shop, contact_id, topics=[shop.topic_id])
    assert consents.held(shop.workspace_id, contact_id) == []


def test_a_stranger_who_never_pressed_is_forgotten_by_the_clock(shop, join):
    sender = an_address()
    writes(shop, join, sender)
    lapsing.forget_strangers(shop.workspace_id, now=NOW + timedelta(days=400))
    assert contact_of(shop, sender) is None


def test_through_our_own_door_by_smtp(shop, form):
    clock = Clock()
    join = services.open_form_mail(shop.workspace_id, form.form_id, SERVER, staff_id=None, now=clock())
    sender, forged = an_address(), an_address()
    with a_door(clock) as port:
        hand_in(port, join.upper(), a_letter(sender=sender, to=join, head=[vouched()]), sender)
        hand_in(port, join, a_letter(sender=forged, to=join, head=[vouched("fail")]), forged)
        hand_in(port, join, a_letter(sender=forged, to=join, head=[vouched()]), "")
    assert [mail[1] for mail in mailings(shop)] == ["confirmation"]
    assert contact_of(shop, sender) is not None
    assert contact_of(shop, forged) is None


def test_while_the_words_of_the_form_are_withdrawn_nobody_is_answered(shop, form, join):
    services.withdraw_version(shop.workspace_id, form.form_id, form.version, None, NOW)
    address = an_address()
    writes(shop, join, address)
    assert (contact_of(shop, address), mailings(shop)) == (None, [])


def test_a_closed_address_is_refused_and_opened_again_it_is_the_same(shop, form, join):
    assert services.close_form_mail(shop.workspace_id, form.form_id, now=NOW)
    assert not services.close_form_mail(shop.workspace_id, form.form_id, now=NOW)
    sender = an_address()
    assert writes(shop, join, sender) is not Heard.ASKED
    assert contact_of(shop, sender) is None
    again = services.open_form_mail(shop.workspace_id, form.form_id, SERVER, staff_id=None, now=NOW)
    assert again == join


def test_the_address_of_one_shop_is_none_of_another(shop, join):
    other = a_shop()
    sender = an_address()
    assert writes(other, join, sender) is not Heard.ASKED
    assert (contact_of(other, sender), mailings(other)) == (None, [])


def test_a_form_that_is_not_published_has_no_address(shop):
    new = services.NewForm(slug="later", name="x", sender_id=shop.sender_id)
    form_id = services.create_form(shop.workspace_id, new, NOW)
    with pytest.raises(services.NotPublished):
        services.open_form_mail(shop.workspace_id, form_id, SERVER, staff_id=None, now=NOW)
    with pytest.raises(services.NoForm):
        services.open_form_mail(shop.workspace_id, 987_654, SERVER, staff_id=None, now=NOW)


def test_timeline_and_proof_show_the_mail_and_the_press(shop, join):
    sender = an_address()
    writes(shop, join, sender)
    contact_id = contact_of(shop, sender)
    pressed(shop, contact_id, topics=[shop.topic_id])
    page = text_of(at_desk(shop).get(url(shop, "contact", contact_id)))
    assert "empty mail to the address of a form" in page
    assert "sign-up form, confirmed by mail" in page
    ledger_services.sequence(shop.workspace_id, now=NOW)
    bundle = services.prove(shop.workspace_id, contact_id, by="staff:1", now=NOW, attach=True)
    asked, agreed = (entries(shop, contact_id)[kind] for kind in ("consent.requested", "consent.confirmed"))
    assert asked["wording_sha256"] == agreed["wording_sha256"]
    assert {asked["wording_sha256"], asked["policy_sha256"], asked["form_sha256"]} <= set(
        bundle.content["attachments"]
    )


def test_at_the_desk_an_address_is_opened_shown_for_posters_and_closed(shop, form):
    browser = at_desk(shop, Role.MARKETER)
    wrong = browser.post(url(shop, "form_mail", form.form_id), {"checked_by": "mx aoi"}, follow=True)
    assert "Name the mail server" in text_of(wrong)
    page = text_of(browser.post(url(shop, "form_mail", form.form_id), {"checked_by": SERVER}, follow=True))
    address = services.form_mail(shop.workspace_id, form.form_id).address
    assert address in page
    assert f"「{address}」に空メールを送ってください" in page
    assert f"Send an empty mail to {address}" in page
    browser.post(url(shop, "form_mail_close", form.form_id))
    assert services.form_mail(shop.workspace_id, form.form_id).closed_at is not None
    assert at_desk(shop, Role.CLERK).post(url(shop, "form_mail", form.form_id)).status_code == 403
