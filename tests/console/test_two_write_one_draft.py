"""Two people edit one draft, or it is sent while somebody writes: nothing is lost, a sentence, a way on."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.console.test_campaigns import counted, draft, launch
from tests.people import a_reader, a_shop

from shodaku.campaigns import selectors, services
from shodaku.kit import clock

pytestmark = pytest.mark.usefixtures("database")
TEXT = "秋の新商品が入りました。"


@pytest.fixture
def shop():
    shop = a_shop()
    a_reader(shop, at=clock.now() - timedelta(days=1))
    return shop


def opened(desk, shop, campaign_id):
    """What the page of the draft sends along."""
    page = text_of(desk.get(url(shop, "campaign", campaign_id)))
    return re.search(r'name="seen" value="([0-9a-f]{32})"', page)[1]


def save(desk, shop, campaign_id, seen, **changes):
    said = {"topic": shop.topic_id, "subject": "秋の便り", "text": TEXT, "seen": seen, **changes}
    return desk.post(url(shop, "campaign", campaign_id), said)


def saved(shop, campaign_id):
    return selectors.campaign(shop.workspace_id, campaign_id)


def test_who_saves_second_compares_and_chooses_and_nothing_is_lost(shop):
    first, second = at_desk(shop), at_desk(shop)
    campaign_id = draft(first, shop, subject="秋の便り", text=TEXT)
    seen = opened(first, shop, campaign_id)
    assert save(first, shop, campaign_id, seen, subject="先の件名", language="en").status_code == 302
    answer = save(second, shop, campaign_id, seen, subject="後の件名")
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Somebody else saved first. Compare and choose." in page
    assert saved(shop, campaign_id).subject == "先の件名"
    assert [each in page for each in ("先の件名", "後の件名", "English", "Any language")] == [True] * 4
    assert 'value="後の件名"' in page  # what was typed stays in its field
    differing = re.search(r"h-differs.*?</table>", page, re.DOTALL)[0]
    assert TEXT not in differing  # what is the same is no difference
    chosen = re.search(r'name="seen" value="([0-9a-f]{32})"', page)[1]
    assert save(second, shop, campaign_id, chosen, subject="後の件名").status_code == 302
    assert saved(shop, campaign_id).subject == "後の件名"


def test_whoever_compared_is_asked_again_when_a_third_saved_since(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, subject="秋の便り", text=TEXT)
    seen = opened(desk, shop, campaign_id)
    save(desk, shop, campaign_id, seen, subject="先")
    page = text_of(save(desk, shop, campaign_id, seen, subject="後"))
    compared = re.search(r'name="seen" value="([0-9a-f]{32})"', page)[1]
    save(desk, shop, campaign_id, opened(desk, shop, campaign_id), subject="三")
    assert save(desk, shop, campaign_id, compared, subject="後").status_code == 409
    assert saved(shop, campaign_id).subject == "三"


def test_a_refused_form_remembers_what_its_author_began_with(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, subject="秋の便り", text=TEXT)
    seen = opened(desk, shop, campaign_id)
    save(desk, shop, campaign_id, seen, subject="先")
    page = text_of(save(desk, shop, campaign_id, seen, subject=""))
    assert f'name="seen" value="{seen}"' in page


def test_text_that_somebody_moved_into_blocks_meanwhile_is_not_dropped_in_silence(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, subject="秋の便り", text=TEXT)
    seen = opened(desk, shop, campaign_id)
    services.write_in_blocks(shop.workspace_id, campaign_id, staff_id=None, now=clock.now())
    answer = save(desk, shop, campaign_id, seen, text="別の本文")
    assert (answer.status_code, "別の本文" in text_of(answer)) == (409, True)


def test_saved_twice_by_one_person_nobody_is_asked(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, subject="秋の便り", text=TEXT)
    for subject in ("一", "二"):
        seen = opened(desk, shop, campaign_id)
        assert save(desk, shop, campaign_id, seen, subject=subject).status_code == 302


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "It was sent meanwhile. What you typed was not saved."),
        ("ja", "先に送信されました。入力した内容は保存していません。"),
    ],
)
def test_what_was_typed_while_it_was_sent_is_shown_and_can_go_into_a_copy(shop, language, sentence):
    writer, desk = at_desk(shop, language=language), at_desk(shop)
    campaign_id = draft(desk, shop, subject="秋の便り", text=TEXT)
    seen = opened(writer, shop, campaign_id)
    _page, preflight = counted(desk, shop, campaign_id)
    launch(desk, shop, campaign_id, preflight)
    answer = save(writer, shop, campaign_id, seen, text="送信中に書いた本文")
    page = text_of(answer)
    assert answer.status_code == 409
    assert sentence in page.replace("<wbr>", "")
    assert "送信中に書いた本文" in page
    assert url(shop, "campaign_copy", campaign_id) in page
    assert saved(shop, campaign_id).text == TEXT
