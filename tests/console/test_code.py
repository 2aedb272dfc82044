"""Writing as code without scripts: each press saves what stands in the form, and nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from tests.campaigns.test_services import a_draft
from tests.console.desk import at_desk, text_of, url
from tests.people import a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services
from shodaku.console.code_form import STARTERS
from shodaku.content import selectors as content
from shodaku.content.source import Language, Source
from shodaku.kit import clock

pytestmark = pytest.mark.usefixtures("database")
GOOD = "<p>{{ name }}</p>\n<p>秋の品です。</p>"


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


def a_mail(shop, code=GOOD, language=Language.HTML, **more):
    campaign_id = a_draft(shop, text="", **more)
    services.write_as_code(
        shop.workspace_id, campaign_id, starter=STARTERS["ja"], staff_id=None, now=clock.now()
    )
    services.save_document(
        shop.workspace_id, campaign_id, Source(language, code), base=1, staff_id=None, now=clock.now()
    )
    return campaign_id


def newest(shop, campaign_id):
    campaign = selectors.campaign(shop.workspace_id, campaign_id)
    return selectors.document(shop.workspace_id, campaign_id, campaign.revision)


def press(shop, campaign_id, do="save", browser=None, to="code", **said):
    kept, campaign = newest(shop, campaign_id), selectors.campaign(shop.workspace_id, campaign_id)
    sent = {"language": kept.language.value, "code": kept.code, "own_text": kept.own_text or ""}
    sent |= {"revision": campaign.revision, "do": do} | said
    return (browser or at_desk(shop)).post(url(shop, to, campaign_id), sent)


def shown(shop, campaign_id, **client):
    return text_of(at_desk(shop, **client).get(url(shop, "code", campaign_id)))


def begun(shop, **typed):
    sent = {"topic": shop.topic_id, "subject": "秋のお便り", "next": "code", **typed}
    answer = at_desk(shop, language="ja").post(url(shop, "campaign_new"), sent)
    return int(re.search(r"campaigns/(\d+)/code/$", answer["Location"])[1])


def test_a_campaign_is_begun_as_code_with_what_was_typed(shop):
    assert newest(shop, begun(shop)) == Source(Language.MJML, STARTERS["ja"])
    assert newest(shop, begun(shop, text="こんにちは")) == Source(Language.MARKDOWN, "こんにちは")
    both = newest(shop, begun(shop, text="ことば", html="<p>形</p>"))
    assert both == Source(Language.HTML, "<p>形</p>", "ことば")


def test_what_a_new_one_begins_with_is_a_whole_mail(shop):
    for starter in STARTERS.values():
        campaign_id = a_mail(shop, starter, Language.MJML)
        assert services.lacks(shop.workspace_id, newest(shop, campaign_id)) == []
        ready = services.frozen(shop.workspace_id, selectors.campaign(shop.workspace_id, campaign_id))
        assert ready.display.missing == ()


def test_a_press_saves_what_stands_in_the_form_and_goes_on(shop):
    campaign_id = a_mail(shop)
    answer = press(shop, campaign_id, "next", code="<p>冬の品です。</p>", own_text="冬の品")
    assert answer["Location"] == url(shop, "preflight", campaign_id)
    assert newest(shop, campaign_id) == Source(Language.HTML, "<p>冬の品です。</p>", "冬の品")
    kept = selectors.campaign(shop.workspace_id, campaign_id)
    assert (kept.html, kept.text) == ("<p>冬の品です。</p>", "冬の品")
    assert press(shop, campaign_id, "look:dark")["Location"].endswith("?look=dark")


def test_what_is_wrong_is_kept_told_with_its_line_and_does_not_leave(shop):
    campaign_id = a_mail(shop)
    wrong = "<p>一行目</p>\n<a href='http://aoi.example/'>見る</a>"
    assert press(shop, campaign_id, "next", code=wrong)["Location"].endswith("#lacks")
    assert newest(shop, campaign_id).code == wrong
    page = shown(shop, campaign_id, language="ja")
    assert 'data-code-line="2">2行目: リンク「http://aoi.example/」は使えません。' in page
    assert "iframe" not in page
    kept = selectors.campaign(shop.workspace_id, campaign_id)
    assert (kept.html, kept.text) == ("", "")
    preflight = text_of(at_desk(shop, language="ja").get(url(shop, "preflight", campaign_id)))
    assert "2行目: リンク「http://aoi.example/」は使えません。" in preflight


def test_what_is_no_code_at_all_is_said_and_nothing_typed_is_lost(shop):
    campaign_id = a_mail(shop)
    answer = press(shop, campaign_id, language="php", code="<?php 私の本文 ?>")
    assert answer.status_code == 422
    assert "&lt;?php 私の本文 ?&gt;" in text_of(answer)
    assert newest(shop, campaign_id).code == GOOD
    assert press(shop, campaign_id, to="code_autosave", code="x" * 300_001).status_code == 422


def test_it_saves_by_itself_and_somebody_elses_save_is_compared(shop):
    campaign_id = a_mail(shop)
    assert press(shop, campaign_id, to="code_autosave", code="<p>甲</p>").json() == {"revision": 3}
    assert press(shop, campaign_id, to="code_autosave", code="<p>乙</p>", revision=2).status_code == 409
    answer = press(shop, campaign_id, code="<p>乙</p>", revision=2)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "&lt;p&gt;甲&lt;/p&gt;" in page
    assert "&lt;p&gt;乙&lt;/p&gt;" in page
    mine = re.search(r'<textarea name="document" hidden>(.*?)</textarea>', page, re.DOTALL)[1]
    mine = mine.replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">")
    at_desk(shop).post(url(shop, "code", campaign_id), {"do": "mine", "revision": 3, "document": mine})
    assert newest(shop, campaign_id).code == "<p>乙</p>"


def test_an_earlier_state_is_compared_line_by_line_and_comes_back(shop):
    campaign_id = a_mail(shop)
    press(shop, campaign_id, code=GOOD.replace("秋", "冬"))
    page = text_of(at_desk(shop).get(url(shop, "blocks_states", campaign_id) + "?state=2"))
    assert "Line 2" in page
    assert "Line 1<" not in page
    answer = at_desk(shop).post(url(shop, "blocks_restore", campaign_id, 2))
    assert at_desk(shop).get(answer["Location"])["Location"] == url(shop, "code", campaign_id)
    assert newest(shop, campaign_id).code == GOOD


def test_each_of_the_two_pages_leads_to_the_one_that_it_is_written_on(shop):
    coded, blocks = a_mail(shop), a_draft(shop, text="本文")
    services.write_in_blocks(shop.workspace_id, blocks, staff_id=None, now=clock.now())
    assert at_desk(shop).get(url(shop, "blocks", coded))["Location"] == url(shop, "code", coded)
    assert at_desk(shop).get(url(shop, "code", blocks))["Location"] == url(shop, "blocks", blocks)
    page = text_of(at_desk(shop).get(url(shop, "campaign", coded)))
    assert "What the mail says is written as code." in page
    assert 'value="blocks"' not in page


def test_who_only_reads_sees_it_and_saves_nothing(shop):
    campaign_id = a_mail(shop)
    reader = at_desk(shop, Role.COMPLIANCE)
    page = text_of(reader.get(url(shop, "code", campaign_id)))
    assert "秋の品です。" in page
    assert "data-autosave" not in page
    assert press(shop, campaign_id, browser=reader, code="x").status_code == 403
    assert press(shop, campaign_id, browser=reader, to="code_autosave", code="x").status_code == 403


def test_code_is_kept_as_a_template_and_a_campaign_begins_with_it(shop):
    campaign_id = a_mail(shop, name="コードの便り")
    answer = at_desk(shop).post(url(shop, "template_keep", campaign_id))
    number = int(answer["Location"].rstrip("/").rpartition("/")[2])
    assert content.template(shop.workspace_id, number).document == Source(Language.HTML, GOOD)
    preview = text_of(at_desk(shop).get(url(shop, "template_preview", number)))
    assert "山田 花子 様" in preview
    answer = at_desk(shop).post(url(shop, "template", number), {"topic": shop.topic_id, "name": "次の便り"})
    begun = int(re.search(r"campaigns/(\d+)/code/$", answer["Location"])[1])
    assert newest(shop, begun) == Source(Language.HTML, GOOD)


def test_a_template_with_something_wrong_says_so_where_it_would_be_seen(shop):
    campaign_id = a_mail(shop, "<script>x</script>")
    answer = at_desk(shop).post(url(shop, "template_keep", campaign_id))
    number = int(answer["Location"].rstrip("/").rpartition("/")[2])
    assert "cannot stand in a mail" in text_of(at_desk(shop).get(url(shop, "template_preview", number)))


def test_a_copy_begins_with_the_same_code(shop):
    campaign_id = a_mail(shop)
    copied = services.copy(shop.workspace_id, campaign_id, staff_id=None, now=clock.now())
    assert newest(shop, copied) == Source(Language.HTML, GOOD)
