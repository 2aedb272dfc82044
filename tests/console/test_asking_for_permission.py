"""People whose card came with an import are asked once, by a ready letter, under a permit of its own."""

from __future__ import annotations

import email
import email.policy
import io
import re
from datetime import timedelta

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.delivery.mailings import outcomes, send_now
from tests.delivery.sink import RunningSink
from tests.people import SENDER, a_contact, a_shop
from tests.signup.forms import a_form, contact_of

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services
from shodaku.campaigns.services import Launched, NotSendable
from shodaku.consent.domain import Method
from shodaku.imports import services as imports
from shodaku.imports.domain import Basis
from shodaku.imports.services import ImportOrder
from shodaku.kit import clock
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.optout.selectors import form_path
from shodaku.policy.domain import MessageClass, Reason
from shodaku.segments.domain import MayBeAskedFrom
from shodaku.signup import services as signup

LIST = "メール,氏名\nichi@card.example,山田 一\nni@card.example,山田 二\n"


@pytest.fixture
def shop(database):
    return a_shop()


def cards(shop, text=LIST, basis=Basis.CARD, **declared):
    said = {
        "evidence": "展示会の受付",
        "evidence_on": (clock.now() - timedelta(days=9)).date(),
        "country": "JP",
    }
    order = ImportOrder(file_name="list.csv", basis=basis, **said | declared)
    report = imports.bring_in(
        shop.workspace_id, io.BytesIO(text.encode()), order, dry_run=False, staff_id=None, now=clock.now()
    )
    return report.batch_id


def written(shop, batch_id, form, desk=None):
    """The draft that the button makes; its number."""
    answer = (desk or at_desk(shop)).post(url(shop, "import_ask", batch_id), {"form": form.form_id})
    return int(re.search(r"/campaigns/(\d+)/", answer["Location"])[1])


def launch(shop, campaign_id):
    now = clock.now()
    counted = services.count(shop.workspace_id, campaign_id, now=now)
    return services.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=now)


def mailing_of(shop, campaign_id):
    return selectors.campaign(shop.workspace_id, campaign_id).mailing_id


def test_the_ready_letter_goes_once_to_each_card_of_the_import_and_to_nobody_else(shop, database, tmp_path):
    form = a_form(shop)
    a_contact(shop, "stranger@card.example")
    batch_id = cards(shop)
    campaign_id = written(shop, batch_id, form)
    assert isinstance(launch(shop, campaign_id), Launched)
    with RunningSink() as sink:
        send_now(database, shop, mailing_of(shop, campaign_id), sink.port, home=tmp_path)
    assert sorted(each.recipient for each in sink.arrived) == ["ichi@card.example", "ni@card.example"]
    said = outcomes(database, shop, mailing_of(shop, campaign_id))
    assert {(outcome, reason) for outcome, reason, _ in said.values()} == {
        ("accepted", "OK_CARD_PERMISSION_REQUEST")
    }
    mail = email.message_from_bytes(sink.arrived[0].content, policy=email.policy.default)
    text = mail.get_body(("plain",)).get_content()
    assert f"http://testserver/f/{shop.slug}/join" in text
    assert SENDER.formal_name in text
    assert SENDER.postal_address in text

    again = written(shop, batch_id, form)
    answer = launch(shop, again)
    assert isinstance(answer, NotSendable)
    assert dict(answer.reasons) == {Reason.CONSENT_REQUEST_REPEATED: 2}


def test_who_said_no_is_not_asked(shop):
    form, batch_id = a_form(shop), cards(shop)
    campaign_id = written(shop, batch_id, form)
    counted = services.count(shop.workspace_id, campaign_id, now=clock.now())
    assert counted.sendable == 2
    assert selectors.campaign(shop.workspace_id, campaign_id).conditions == (MayBeAskedFrom(batch_id),)
    refusal = OptOut(
        workspace_id=shop.workspace_id,
        contact_id=contact_of(shop, "ichi@card.example"),
        scope=OptOutScope.ALL,
        via=Method.PAGE,
    )
    optout.opt_out(refusal, clock.now())
    assert services.count(shop.workspace_id, campaign_id, now=clock.now()).sendable == 1


def test_what_is_edited_stays_a_request_to_the_same_people(shop):
    form, batch_id = a_form(shop), cards(shop)
    desk = at_desk(shop)
    campaign_id = written(shop, batch_id, form, desk)
    page = text_of(desk.get(url(shop, "campaign", campaign_id)))
    assert "This is the one request for permission." in page
    assert 'name="source"' not in page
    before = selectors.campaign(shop.workspace_id, campaign_id)
    desk.post(
        url(shop, "campaign", campaign_id),
        {
            "topic": shop.topic_id,
            "subject": "お尋ね",
            "text": before.text,
            "source": "form",
            "open_pixel": "on",
        },
    )
    after = selectors.campaign(shop.workspace_id, campaign_id)
    assert (after.subject, after.message_class) == ("お尋ね", MessageClass.CONSENT_REQUEST)
    assert (after.conditions, after.open_pixel) == (before.conditions, False)


def test_an_advertisement_in_it_stops_it(shop):
    form, batch_id = a_form(shop), cards(shop)
    campaign_id = written(shop, batch_id, form)
    kept = selectors.campaign(shop.workspace_id, campaign_id)
    draft = services.NewCampaign(
        name=kept.name,
        topic_id=kept.topic_id,
        subject=kept.subject,
        text=f"{kept.text}\n\n[ad]\n冬のセール開催中\n[/ad]\n",
    )
    services.edit(shop.workspace_id, campaign_id, draft, staff_id=None, now=clock.now())
    answer = launch(shop, campaign_id)
    assert isinstance(answer, NotSendable)
    assert dict(answer.reasons) == {Reason.CONSENT_REQUEST_WITH_ADS: 2}


@pytest.mark.parametrize(
    ("declared", "sendable"),
    [
        ({"provision": "2026年10月、提携社より", "named_sender": SENDER.formal_name}, 2),
        ({"named_sender": SENDER.formal_name}, 0),
        ({"provision": "2026年10月、提携社より", "named_sender": "別の会社"}, 0),
    ],
)
def test_of_a_third_partys_list_only_the_proved_are_asked(shop, declared, sendable):
    form, batch_id = a_form(shop), cards(shop, basis=Basis.THIRD_PARTY, **declared)
    desk = at_desk(shop)
    offered = "Ask for permission" in text_of(desk.get(url(shop, "import", batch_id)))
    assert offered is (sendable > 0)
    if offered:
        campaign_id = written(shop, batch_id, form, desk)
        counted = services.count(shop.workspace_id, campaign_id, now=clock.now())
        assert counted.sendable == sendable
        assert "同意いただいたと伺い" in selectors.campaign(shop.workspace_id, campaign_id).text


def test_a_card_allows_to_ask_only_where_the_recipients_law_knows_cards(shop):
    form, batch_id = a_form(shop), cards(shop, country="US")
    counted = services.count(shop.workspace_id, written(shop, batch_id, form), now=clock.now())
    assert (counted.sendable, dict(counted.reasons)) == (0, {Reason.NO_BASIS: 2})


def test_without_a_published_form_the_page_says_what_is_missing(shop):
    batch_id = cards(shop)
    desk = at_desk(shop)
    assert "First publish a form on which they can agree." in text_of(desk.get(url(shop, "import", batch_id)))
    assert desk.post(url(shop, "import_ask", batch_id), {"form": 1})["Location"].endswith(f"/{batch_id}/")


def test_nobody_is_led_to_a_form_whose_words_are_withdrawn(shop):
    form, batch_id = a_form(shop), cards(shop)
    signup.withdraw_version(shop.workspace_id, form.form_id, form.version, None, clock.now())
    desk = at_desk(shop)
    assert "First publish a form on which they can agree." in text_of(desk.get(url(shop, "import", batch_id)))
    asked = desk.post(url(shop, "import_ask", batch_id), {"form": form.form_id})
    assert asked["Location"].endswith(f"/{batch_id}/")
    assert form_path(accounts.workspace(shop.workspace_id)) is None


def test_a_clerk_brings_lists_in_and_asks_nobody(shop):
    form, batch_id = a_form(shop), cards(shop)
    desk = at_desk(shop, Role.CLERK)
    assert desk.post(url(shop, "import_ask", batch_id), {"form": form.form_id}).status_code == 403
    assert "Ask for permission" not in text_of(desk.get(url(shop, "import", batch_id)))
