"""Too much, or something that is gone, is said in one sentence, and nothing that was written is lost."""

from __future__ import annotations

import uuid

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.console.test_blocks import a_mail, newest
from tests.console.test_campaigns import said
from tests.people import a_reader, a_shop

from shodaku.campaigns import selectors, services
from shodaku.content.document import Document, Image, unfinished
from shodaku.kit import clock

pytestmark = pytest.mark.usefixtures("database")
TOO_LARGE = {"en": "What was sent is too large.", "ja": "送られた内容が大きすぎます。"}
HOW = {"en": "All that is typed on a page may have 1 MB.", "ja": "全部で1 MBまでです"}
GONE = {"en": "The picture is gone. Choose another.", "ja": "画像がもうありません。"}


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


@pytest.mark.parametrize("field", ["text", "html"])
@pytest.mark.parametrize("language", TOO_LARGE)
def test_a_template_of_5_mb_is_refused_with_what_to_do(shop, field, language):
    before = len(selectors.campaigns(shop.workspace_id))
    answer = at_desk(shop, language=language).post(
        url(shop, "campaign_new"), said(shop, **{field: "x" * 5_000_000})
    )
    assert answer.status_code == 413
    assert TOO_LARGE[language] in text_of(answer)
    assert HOW[language] in text_of(answer)
    assert len(selectors.campaigns(shop.workspace_id)) == before


@pytest.mark.parametrize("field", ["text", "html"])
def test_a_template_that_the_page_still_takes_and_a_mail_does_not_stays_in_its_field(shop, field):
    answer = at_desk(shop).post(url(shop, "campaign_new"), said(shop, **{field: "y" * 600_000}))
    assert answer.status_code == 422
    assert "y" * 600_000 in text_of(answer)
    assert "at most 200000 characters" in text_of(answer)


@pytest.mark.parametrize("language", GONE)
def test_a_mail_whose_picture_is_gone_is_not_sent_and_its_author_reads_why(shop, language):
    a_reader(shop)
    desk = at_desk(shop, language=language)
    campaign_id = a_mail(shop)
    gone = Image(block_id="p1", image=uuid.uuid4(), alt="店の入り口")
    document = Document((*newest(shop, campaign_id).blocks, gone))
    campaign = selectors.campaign(shop.workspace_id, campaign_id)
    services.save_document(
        shop.workspace_id, campaign_id, document, base=campaign.revision, staff_id=None, now=clock.now()
    )
    assert [each.en for each in unfinished(document)] == [GONE["en"]]
    assert GONE[language] in text_of(desk.get(url(shop, "blocks", campaign_id)))
    page = text_of(desk.post(url(shop, "recount", campaign_id), follow=True))
    assert 'name="preflight"' not in page
