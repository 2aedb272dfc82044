"""A poster says who sends what how often, leads to the form, and is one source in the figures."""

from __future__ import annotations

import dataclasses
import re
import uuid
from datetime import UTC, datetime

import pytest
import segno
from django.test import Client, override_settings
from tests.console.desk import at_desk, text_of, url
from tests.ledger.pdf_reading import squeezed
from tests.ledger.pdf_reading import text_of as read
from tests.people import a_shop
from tests.signup.forms import EVIDENCE, HERE, a_form, confirm_token, contact_of, stamp_in
from tests.signup.test_domain import SHOWN

from shodaku.accounts.domain import Role
from shodaku.signup import selectors, services
from shodaku.signup.posters import CODE_LETTERS, PaperSize, Poster, poster_pdf

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
ADDRESS = "https://mail.aoi.example/q/aoi-zakka/7kd2m"
PAGES = re.compile(rb"/Type ?/Page[^s]")


def a_poster(**changes):
    return dataclasses.replace(
        Poster(published=SHOWN.published, version=3, address=ADDRESS, language="ja", size=PaperSize.A4),
        **changes,
    )


def printed(**changes):
    return poster_pdf(a_poster(**changes), made_at=NOW)


def says(pdf, *texts):
    page = squeezed(read(pdf))
    return [text for text in texts if squeezed(text) not in page] == []


@pytest.mark.parametrize("size", list(PaperSize))
@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_names_topic_frequency_sender_address_version_and_that_one_can_stop(size, language):
    pdf = printed(size=size, language=language)
    published = SHOWN.published
    (topic, *_) = published.topics
    stop = {"ja": "いつでも停止できます", "en": "You can stop at any time"}[language]
    version = {"ja": "第3版", "en": "version 3"}[language]
    assert says(
        pdf,
        topic.title(language),
        topic.frequency.text(language),
        published.sender.formal_name,
        published.sender.postal_address,
        version,
        stop,
        ADDRESS,
    )
    assert len(PAGES.findall(pdf)) == 1


@pytest.mark.parametrize("size", list(PaperSize))
def test_where_empty_mails_are_answered_the_poster_says_so_and_nowhere_else(size):
    mail = "join+kqm3wz@mail.aoi.example"
    assert says(printed(size=size, mail=mail), f"空メールでも登録できます：{mail}")
    assert says(printed(size=size, mail=mail, language="en"), f"Or send an empty mail to {mail}")
    assert not says(printed(size=size), "空メール")


@pytest.mark.parametrize("size", list(PaperSize))
def test_a_form_with_much_to_say_still_fits_on_one_page(size):
    published = SHOWN.published
    (topic, *_) = published.topics
    many = tuple(dataclasses.replace(topic, topic_id=number, content="内容" * 20) for number in range(9))
    wording = dataclasses.replace(published.wording("ja"), title="見出し" * 15, introduction="紹介" * 60)
    longer = dataclasses.replace(published, topics=many, wordings={**published.wordings, "ja": wording})
    pdf = printed(published=longer, size=size)
    assert len(PAGES.findall(pdf)) == 1
    assert says(pdf, "ほか3種類" if size is PaperSize.A4 else "ほか6種類")


def test_the_code_is_30_mm_and_more_without_its_margin_of_four_dots():
    template = (services.poster_pdf.__globals__["TEMPLATE"]).read_text()
    small, large = map(
        int, re.search(r"code-side = if small { (\d+)mm } else { (\d+)mm }", template).groups()
    )
    dots = segno.make(ADDRESS, error="m", micro=False).symbol_size(border=0)[0]
    assert small * 21 / 29 >= 30  # the smallest code there is
    assert min(small, large) * dots / (dots + 8) >= 30


def test_words_of_a_shop_are_no_commands_to_the_typesetter():
    wording = dataclasses.replace(SHOWN.published.wording("ja"), title='#panic("x") $ _a_ *b* \\ [c]')
    published = dataclasses.replace(SHOWN.published, wordings={**SHOWN.published.wordings, "ja": wording})
    assert says(printed(published=published), '#panic("x") $ _a_ *b* \\ [c]')


def test_the_same_poster_gives_the_same_bytes():
    assert printed() == printed()


@pytest.fixture
def shop(database):
    shop = a_shop()
    a_form(shop)
    return shop


def posters(shop):
    form = selectors.form(shop.workspace_id, "join")
    return form.form_id, selectors.sources(shop.workspace_id, form.form_id)


@override_settings(SIGNUP_FORM_SECONDS_MIN=0)
def test_who_comes_by_a_poster_is_counted_for_it_and_for_no_other(shop):
    form_id, _none = posters(shop)
    for name in ("銀座店のレジ", "横浜店の入口"):
        services.add_source(shop.workspace_id, form_id, name, now=NOW)
    first, second = posters(shop)[1]
    client, address = Client(), f"poster-{uuid.uuid4().hex[:8]}@example.jp"
    short = f"/q/{shop.slug}/{second.code}"
    stamp = stamp_in(client.get(short).content.decode())
    body = {"stamp": stamp, "topics": [str(shop.topic_id)], "email": address, "name": ""}
    assert client.post(short, body, headers=HERE).status_code == 200
    contact_id = contact_of(shop, address)
    services.confirm_signup(confirm_token(shop, contact_id), EVIDENCE, datetime.now(UTC))  # noqa: TID251 - a test is an edge
    counted = [(each.name, each.requested, each.confirmed, each.given) for each in posters(shop)[1]]
    assert counted == [(first.name, 0, 0, 0), (second.name, 1, 1, 0)]


@override_settings(SIGNUP_FORM_SECONDS_MIN=0)
def test_a_topic_that_asks_no_mail_is_counted_at_once(shop):
    from shodaku.kit import db

    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update topic set double_opt_in = false where workspace_id = %s", [shop.workspace_id]
        )
    form_id, _none = posters(shop)
    form = selectors.form_version(shop.workspace_id, form_id, 1)
    services.publish(shop.workspace_id, form_id, form.published.definition, None, NOW)
    services.add_source(shop.workspace_id, form_id, "店頭", now=NOW)
    (source,) = posters(shop)[1]
    client, address = Client(), f"poster-{uuid.uuid4().hex[:8]}@example.jp"
    short = f"/q/{shop.slug}/{source.code}"
    stamp = stamp_in(client.get(short).content.decode())
    body = {"stamp": stamp, "topics": [str(shop.topic_id)], "email": address, "name": ""}
    client.post(short, body, headers=HERE)
    assert [each.given for each in posters(shop)[1]] == [1]


def test_a_code_that_was_never_made_leads_nowhere(shop):
    assert Client().get(f"/q/{shop.slug}/zzzzz").status_code == 404
    assert Client().get("/q/nobody/zzzzz").status_code == 404


def test_no_letter_of_a_code_is_taken_for_another():
    assert set("0o1li") & set(CODE_LETTERS) == set()


def test_a_poster_is_made_at_the_desk_and_printed_in_two_sizes_and_languages(shop):
    form_id, _none = posters(shop)
    desk = at_desk(shop)
    answer = desk.post(url(shop, "poster_add", form_id), {"name": "銀座店のレジ"}, follow=True)
    (source,) = posters(shop)[1]
    page = text_of(answer)
    assert f"http://testserver/q/{shop.slug}/{source.code}" in page
    for size in ("a4", "a6"):
        for language in ("ja", "en"):
            pdf = desk.get(url(shop, "poster", form_id, source.source_no, size, language))
            assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert desk.get(url(shop, "poster", form_id, source.source_no, "a3", "ja")).status_code == 404
    assert desk.get(url(shop, "poster", form_id, 99, "a4", "ja")).status_code == 404


def test_a_poster_without_a_place_is_not_made_and_a_clerk_makes_none(shop):
    form_id, _none = posters(shop)
    page = text_of(at_desk(shop).post(url(shop, "poster_add", form_id), {"name": ""}, follow=True))
    assert "Write where the poster will hang" in page
    clerk = at_desk(shop, Role.CLERK).post(url(shop, "poster_add", form_id), {"name": "x"})
    assert (clerk.status_code, posters(shop)[1]) == (403, [])


def test_the_501st_poster_is_refused(shop, monkeypatch):
    form_id, _none = posters(shop)
    monkeypatch.setattr("shodaku.signup.posters.SOURCES_MAX", 1)
    services.add_source(shop.workspace_id, form_id, "一枚目", now=NOW)
    page = text_of(at_desk(shop).post(url(shop, "poster_add", form_id), {"name": "二枚目"}, follow=True))
    assert "500 posters already" in page
    assert len(posters(shop)[1]) == 1
