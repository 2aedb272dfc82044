"""Once more to those who did not open it, at the desk."""

from __future__ import annotations

import pytest
from tests.campaigns.test_again import MEASURED, readers, sent
from tests.chromium import SOUND, a_browser, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.people import a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop(database):
    shop = a_shop()
    readers(database, shop, 4, allowing=2)
    return shop


def test_a_draft_comes_of_it_once(database, shop, tmp_path):
    campaign_id = sent(database, shop, tmp_path)
    desk = at_desk(shop, Role.MARKETER)
    assert "Send again to those who did not open it" in text_of(desk.get(url(shop, "campaign", campaign_id)))
    place = url(shop, "campaign_again", campaign_id)
    refused = desk.post(place, {"subject": "11月のお便り"})
    assert refused.status_code == 422
    assert "Write another subject than that of the first mail." in text_of(refused)
    page = text_of(desk.post(place, {"subject": "まだ間に合います"}, follow=True))
    assert "It goes to those who got the first mail" in page
    again_id = selectors.again_of(shop.workspace_id, campaign_id)
    page = text_of(desk.post(url(shop, "recount", again_id), follow=True))
    assert "Send to 2 people" in page
    twice = desk.post(place, {"subject": "三度目"})
    assert twice.status_code == 409
    assert "A campaign goes once more only once." in text_of(twice)
    assert url(shop, "campaign", again_id) in text_of(twice)
    copied = text_of(desk.post(url(shop, "campaign_copy", again_id), follow=True))
    assert "Copy the first one." in copied


def test_where_opens_were_not_counted_the_page_says_so_and_has_no_form(database, shop, tmp_path):
    campaign_id = sent(database, shop, tmp_path, open_pixel=False)
    answer = at_desk(shop, Role.MARKETER).get(url(shop, "campaign_again", campaign_id))
    assert answer.status_code == 200
    assert "the counting of opens was off when it was sent" in text_of(answer)
    assert 'name="subject"' not in text_of(answer)


def test_a_draft_has_no_such_page_and_who_may_not_write_sees_none(database, shop, tmp_path):
    from tests.campaigns.test_services import a_draft

    desk = at_desk(shop, Role.MARKETER)
    assert desk.get(url(shop, "campaign_again", a_draft(shop, **MEASURED))).status_code == 404
    campaign_id = sent(database, shop, tmp_path)
    assert at_desk(shop, Role.CLERK).get(url(shop, "campaign_again", campaign_id)).status_code == 403


@pytest.mark.browser
def test_its_pages_are_sound(database, shop, base, tmp_path):
    campaign_id, unmeasured = sent(database, shop, tmp_path), sent(database, shop, tmp_path, open_pixel=False)
    with a_browser() as browser:
        wrong = {}
        for language, width, scheme in SOUND:
            client = at_desk(shop, language=language)
            page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
            page.goto(base + url(shop, "campaign_again", campaign_id) + f"?lang={language}")
            if told := looked_at(page, f"again_{language}_{width}_{scheme}", troubles):
                wrong[language, width] = told
            page.goto(base + url(shop, "campaign_again", unmeasured) + f"?lang={language}")
            if told := looked_at(page, f"again_refused_{language}_{width}_{scheme}", troubles):
                wrong["refused", language, width] = told
            page.context.close()
    assert wrong == {}
