"""The form and the confirmation page, as a browser meets them."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.people import a_reader, a_shop
from tests.signup.forms import (
    HERE,
    a_form,
    ask,
    confirm_token,
    contact_of,
    mailings,
    page_of,
    posted,
    stamp_in,
)
from tests.signup.shown import acts

from shodaku.consent import selectors as consents
from shodaku.contacts.domain import Channel
from shodaku.kit import clock, db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.signup import selectors, stamp
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge


@pytest.fixture(autouse=True)
def quick(settings_of):
    settings_of(SIGNUP_FORM_SECONDS_MIN=0)


@pytest.fixture
def settings_of():
    from django.test import override_settings

    overrides = []

    def change(**values):
        overrides.append(override_settings(**values))
        overrides[-1].enable()

    yield change
    for override in reversed(overrides):
        override.disable()


@pytest.fixture
def shop():
    shop = a_shop()
    a_form(shop)
    return shop


def a_stranger():
    return f"hanako-{uuid.uuid4().hex[:10]}@example.jp"


def text_of(response):
    return response.content.decode()


def boxes(page):
    return re.findall(r'<input type="checkbox"[^>]*>', page)


@pytest.mark.parametrize("query", ["", "?topics=1&topics=2&checked=1", "?lang=en&email=a@example.jp"])
def test_every_box_comes_empty_whatever_the_url_says(shop, query):
    found = boxes(text_of(Client().get(page_of(shop) + query)))
    assert (len(found), [box for box in found if "checked" in box]) == (2, [])


def test_the_page_prints_every_word_that_is_kept_as_evidence(shop):
    from html import unescape

    form = selectors.form(shop.workspace_id, "join")
    version = selectors.form_version(shop.workspace_id, form.form_id, 1)
    for language in ("ja", "en"):
        page = unescape(re.sub(r"<wbr>", "", text_of(Client().get(f"{page_of(shop)}?lang={language}"))))
        wording = version.published.wording(language)
        said = [wording.title, wording.choice, wording.choice_hint, wording.button, wording.privacy]
        said += [part for each in (*wording.boxes, *wording.terms) for part in (each.title, each.text)]
        assert [part for part in said if part not in page] == []


def test_the_page_sets_no_cookie_runs_no_script_and_is_stored_nowhere(shop):
    response = Client().get(page_of(shop))
    assert (len(response.cookies), "<script" in text_of(response)) == (0, False)
    assert "no-store" in response["Cache-Control"]


def test_a_form_that_was_not_published_is_not_there(shop):
    assert Client().get(f"/f/{shop.slug}/other").status_code == 404
    assert Client().get("/f/nobody/join").status_code == 404


def test_a_known_an_unknown_and_a_suppressed_address_get_the_same_page(shop):
    reader, erased = a_stranger(), a_stranger()
    a_reader(shop, reader)
    with db.transaction(shop.workspace_id):
        suppression.suppress(
            [suppression.tokens(shop.workspace_id, Channel.EMAIL, erased)], "erased", now=NOW
        )
    answers = {
        (response.status_code, response.content)
        for response in (posted(shop, Client(), email=email) for email in (reader, erased, a_stranger()))
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 200


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(shop):
    response = posted(shop, Client(), email="nobody", name="山田 花子")
    page = text_of(response)
    assert response.status_code == 422
    assert "メールアドレスの形ではありません" in page
    assert 'value="nobody"' in page
    assert 'value="山田 花子"' in page
    assert len([box for box in boxes(page) if "checked" in box]) == 1


def test_faults_are_told_in_the_language_of_the_page(shop):
    client = Client()
    stamped = stamp_in(text_of(client.get(f"{page_of(shop)}?lang=en")))
    page = text_of(posted(shop, client, stamp=stamped, email="nobody", topics=[]))
    assert "This is not an e-mail address" in page
    assert "Tick at least one" in page


def test_a_name_that_could_break_into_a_header_is_refused(shop):
    address = a_stranger()
    response = posted(shop, Client(), email=address, name="=?utf-8?q?Taro=0D=0ABcc:_v@example.net?=")
    assert (response.status_code, contact_of(shop, address)) == (422, None)


def test_too_quick_is_asked_again_and_the_same_page_may_be_sent_a_little_later(shop, settings_of):
    settings_of(SIGNUP_FORM_SECONDS_MIN=3)
    client, address = Client(), a_stranger()
    page = text_of(client.get(page_of(shop)))
    again = posted(shop, client, stamp=stamp_in(page), email=address)
    assert (again.status_code, address in text_of(again)) == (422, True)
    assert stamp_in(text_of(again)) == stamp_in(page)
    settings_of(SIGNUP_FORM_SECONDS_MIN=0)
    assert posted(shop, client, stamp=stamp_in(text_of(again)), email=address).status_code == 200
    assert contact_of(shop, address)


def test_after_an_hour_the_page_is_asked_again_with_a_new_stamp_and_all_entries(shop):
    client, address = Client(), a_stranger()
    old = aged(stamp_in(text_of(client.get(page_of(shop)))), timedelta(hours=1, seconds=1))
    again = posted(shop, client, stamp=old, email=address)
    page = text_of(again)
    assert (again.status_code, address in page, stamp_in(page) != old) == (422, True, True)
    assert len([box for box in boxes(page) if "checked" in box]) == 1


def aged(signed, age):
    import dataclasses

    read = stamp.read(signed)
    return stamp.sign(dataclasses.replace(read, at=int((clock.now() - age).timestamp())))


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_box_ticked_on_another_site_is_neither_taken_nor_shown_ticked(shop, site):
    address = a_stranger()
    response = posted(shop, Client(), email=address, headers={"sec-fetch-site": site})
    ticked = [box for box in boxes(text_of(response)) if "checked" in box]
    assert (response.status_code, ticked, contact_of(shop, address)) == (422, [], None)


def test_a_form_without_our_stamp_is_neither_taken_nor_shown_ticked(shop):
    other = a_shop()
    a_form(other)
    foreign = stamp_in(text_of(Client().get(page_of(other))))
    for forged in ("", "x", foreign):
        address = a_stranger()
        body = {"stamp": forged, "email": address, "topics": [str(shop.topic_id)]}
        response = Client().post(page_of(shop), body, headers=HERE)
        ticked = [box for box in boxes(text_of(response)) if "checked" in box]
        assert (response.status_code, ticked, contact_of(shop, address)) == (422, [], None)


def test_a_program_that_fills_in_the_hidden_field_gets_the_same_page_and_nothing_happens(shop):
    address = a_stranger()
    caught = posted(shop, Client(), email=address, website="http://spam.example")
    assert caught.content == posted(shop, Client(), email=a_stranger()).content
    assert contact_of(shop, address) is None


def test_a_request_names_the_version_that_was_shown_even_if_a_newer_one_is_out(shop):
    from shodaku.signup import services

    client, address = Client(), a_stranger()
    stamped = stamp_in(text_of(client.get(page_of(shop))))
    form = selectors.form(shop.workspace_id, "join")
    shown = selectors.form_version(shop.workspace_id, form.form_id, 1)
    services.publish(shop.workspace_id, form.form_id, shown.published.definition, None, NOW)
    posted(shop, client, stamp=stamped, email=address)
    contact_id = contact_of(shop, address)
    assert selectors.requests_of(shop.workspace_id, contact_id)[0].form_version == 1


def test_the_link_shows_what_is_agreed_to_and_only_its_button_confirms(shop):
    contact_id = ask(shop, a_stranger())
    url = f"/confirm/{confirm_token(shop, contact_id)}"
    page = text_of(Client().get(url))
    assert "月刊ショップだより" in page
    assert "株式会社あおい雑貨" in page
    assert consents.held(shop.workspace_id, contact_id)[0].state == "pending"
    response = Client().post(url, {"answer": "receive"})
    assert (response.status_code, len(response.cookies)) == (200, 0)
    assert consents.held(shop.workspace_id, contact_id)[0].state == "active"


def test_the_page_speaks_the_language_in_which_was_asked(shop):
    contact_id = ask(shop, a_stranger(), language="en")
    page = text_of(Client().get(f"/confirm/{confirm_token(shop, contact_id)}"))
    assert 'lang="en"' in page
    assert "Monthly shop news" in page


def test_that_was_not_me_is_one_press_on_the_same_page(shop):
    contact_id = ask(shop, a_stranger())
    url = f"/confirm/{confirm_token(shop, contact_id)}"
    assert Client().post(url, {"answer": "decline"}).status_code == 200
    assert consents.held(shop.workspace_id, contact_id)[0].state == "withdrawn"
    assert len(mailings(shop)) == 1


def test_a_forged_and_a_cut_off_link_show_one_neutral_page(shop):
    contact_id = ask(shop, a_stranger())
    token = confirm_token(shop, contact_id)
    pages = {
        Client().get(f"/confirm/{each}").content.replace(each.encode(), b"")
        for each in (token[:-1], "A" * 42, "B" * 9)
    }
    assert len(pages) == 1


def test_an_expired_link_says_so_and_registers_nobody(shop):
    contact_id = ask(shop, a_stranger(), now=NOW - timedelta(days=4))
    url = f"/confirm/{confirm_token(shop, contact_id)}"
    for response in (Client().get(url), Client().post(url)):
        assert "有効ではありません" in text_of(response) or "no longer valid" in text_of(response)
    assert consents.held(shop.workspace_id, contact_id)[0].state == "pending"


def test_while_the_vault_is_away_the_form_says_so_and_keeps_the_entries(shop):
    import dataclasses

    from shodaku.kit import runtime

    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    client, address = Client(), a_stranger()
    with runtime.replaced(away):
        response = posted(shop, client, email=address)
    assert (response.status_code, address in text_of(response)) == (503, True)


def test_the_evidence_of_a_confirmation_does_not_hold_its_link(shop):
    confirmed, declined = ask(shop, a_stranger()), ask(shop, a_stranger())
    Client().post(f"/confirm/{confirm_token(shop, confirmed)}", {"answer": "receive"})
    Client().post(f"/confirm/{confirm_token(shop, declined)}", {"answer": "decline"})
    for contact_id in (confirmed, declined):
        assert ledger.history(shop.workspace_id, contact_id)[-1].fields["url"] == "http://testserver/confirm"


def test_an_old_confirmation_link_gives_no_way_to_the_choices_of_its_owner(shop):
    contact_id = ask(shop, a_stranger())
    url = f"/confirm/{confirm_token(shop, contact_id)}"
    assert "/p/" in text_of(Client().post(url, {"answer": "receive"}))
    for response in (Client().get(url), Client().post(url, {"answer": "receive"})):
        assert (response.status_code, "/p/" in text_of(response)) == (200, False)


@pytest.mark.parametrize("step", ["the key is destroyed", "the rows are gone"])
def test_who_is_being_erased_this_minute_gets_the_answer_of_everybody(shop, monkeypatch, step):
    from shodaku.ledger import services as ledger_services
    from shodaku.signup import asking

    address = a_stranger()
    contact_id = ask(shop, address, now=NOW - timedelta(days=9))
    if step == "the key is destroyed":
        ledger_services.shred(shop.workspace_id, contact_id)
    else:
        monkeypatch.setattr(asking.contacts_known, "claimed", lambda *_: Owner(2**40))
    answer = posted(shop, Client(), email=address)
    monkeypatch.undo()
    assert (answer.status_code, answer.content) == (200, posted(shop, Client(), email=a_stranger()).content)


class Owner(dict):
    """Whoever is looked up belongs to somebody who is gone."""

    def __init__(self, contact_id):
        super().__init__()
        self.contact_id = contact_id

    def get(self, _token):
        return self.contact_id


RECEIPT = re.compile(r'href="(/receipt/[A-Za-z0-9_-]{42})"')


def test_who_just_confirmed_gets_the_link_to_their_receipt_and_an_old_link_or_a_mail_does_not(shop):
    address = a_stranger()
    contact_id = ask(shop, address)
    url = f"/confirm/{confirm_token(shop, contact_id)}"
    (path,) = RECEIPT.findall(text_of(Client().post(url, {"answer": "receive"})))
    ledger_services.sequence_all(shop.workspace_id, now=NOW)
    (entry,) = Client().post(path, {"address": address}).json()["entries"]
    assert '"kind":"consent.confirmed"' in entry["entry"]
    assert entry["disclosed"]["address"]["value"] == address
    for answer in (Client().get(url), Client().post(url, {"answer": "receive"})):
        assert RECEIPT.findall(text_of(answer)) == []
    assert [mail for mail in mailings(shop) if "/receipt/" in str(mail)] == []


def test_who_declines_gets_no_receipt(shop):
    contact_id = ask(shop, a_stranger())
    answer = Client().post(f"/confirm/{confirm_token(shop, contact_id)}", {"answer": "decline"})
    assert RECEIPT.findall(text_of(answer)) == []


def test_form_and_thanks_name_the_domain_that_mail_really_comes_from(shop):
    hint = "@aoi.example からのメールを受信できるように"
    assert hint in text_of(Client().get(f"{page_of(shop)}?lang=ja"))
    thanks = text_of(posted(shop, Client(), email=a_stranger()))
    assert hint in thanks
    for carrier in ("docomo.ne.jp", "au.com", "softbank.jp", "rakuten.co.jp"):
        assert carrier in thanks


def test_thanks_name_the_domain_of_today_and_the_form_the_one_it_was_published_with(shop):
    import dataclasses

    from tests.people import SENDER

    from shodaku.accounts import services as accounts

    moved = dataclasses.replace(
        SENDER, sender_id=shop.sender_id, from_address="news@new.example", mail_domain="new.example"
    )
    accounts.save_sender(shop.workspace_id, moved, now=NOW)
    assert "@aoi.example" in text_of(Client().get(page_of(shop)))
    assert "@new.example" in text_of(posted(shop, Client(), email=a_stranger()))


def withdraw(shop, version):
    from shodaku.signup import services

    form = selectors.form(shop.workspace_id, "join")
    return services.withdraw_version(shop.workspace_id, form.form_id, version, None, NOW)


def publish_again(shop, **changes):
    import dataclasses

    from shodaku.signup import services

    form = selectors.form(shop.workspace_id, "join")
    shown = selectors.form_version(shop.workspace_id, form.form_id, form.version)
    definition = dataclasses.replace(shown.published.definition, **changes)
    return services.publish(shop.workspace_id, form.form_id, definition, None, NOW)


def test_a_page_whose_words_were_withdrawn_gets_the_new_ones_with_what_was_typed_and_no_tick(shop):
    client, address = Client(), a_stranger()
    stamped = stamp_in(text_of(client.get(page_of(shop))))
    publish_again(shop, title="正しい見出し")
    assert withdraw(shop, 1)
    again = posted(shop, client, stamp=stamped, email=address, name="山田 花子")
    page = text_of(again)
    assert again.status_code == 422
    assert "この画面の文面は" in page
    assert "正しい見出し" in re.sub("<wbr>", "", page)
    assert address in page
    assert 'value="山田 花子"' in page
    assert [box for box in boxes(page) if "checked" in box] == []
    assert contact_of(shop, address) is None
    assert posted(shop, client, stamp=stamp_in(page), email=address).status_code == 200


def test_a_mail_that_asks_by_withdrawn_words_confirms_nothing_any_more(shop):
    waiting, confirmed = ask(shop, a_stranger()), ask(shop, a_stranger())
    done, open_ = (f"/confirm/{confirm_token(shop, each)}" for each in (confirmed, waiting))
    Client().post(done, {"answer": "receive"})
    assert withdraw(shop, 1)
    for answer in (Client().get(open_), Client().post(open_, {"answer": "receive"})):
        assert "有効ではありません" in text_of(answer)
    assert consents.held(shop.workspace_id, waiting)[0].state == "pending"
    assert consents.held(shop.workspace_id, confirmed)[0].state == "active"
    assert "登録済み" in text_of(Client().get(done)) or "すでに" in text_of(Client().get(done))


def test_a_version_is_withdrawn_once_and_the_ledger_says_so(shop):
    assert withdraw(shop, 1)
    assert not withdraw(shop, 1)
    said = acts(shop, "wording")
    assert [each.get("state") for each in said].count("withdrawn") == 1


def asked_about(page):
    found = re.search(r'name="sure" value="([^"]+)"', page)
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("language", "question"), [("ja", "「gmail.com」ではありませんか"), ("en", "is “gmail.com” meant?")]
)
def test_a_likely_slip_in_an_address_is_asked_about_once_and_taken_as_it_stands(shop, language, question):
    client, address = Client(), f"hanako-{uuid.uuid4().hex[:10]}@gmai.com"
    stamped = stamp_in(text_of(client.get(f"{page_of(shop)}?lang={language}")))
    asked = posted(shop, client, stamp=stamped, email=address)
    page = text_of(asked)
    assert (asked.status_code, contact_of(shop, address)) == (422, None)
    assert question in page
    assert f'value="{address}"' in page
    assert len([box for box in boxes(page) if "checked" in box]) == 1
    again = posted(shop, client, stamp=stamp_in(page), email=address, sure=asked_about(page))
    assert again.status_code == 200
    assert contact_of(shop, address) is not None


def test_who_answers_with_another_slip_is_asked_about_that_one(shop):
    name = f"hanako-{uuid.uuid4().hex[:10]}"
    first = posted(shop, Client(), email=f"{name}@gmai.com")
    again = posted(shop, Client(), email=f"{name}@docomo.co.jp", sure=asked_about(text_of(first)))
    assert "「docomo.ne.jp」ではありませんか" in text_of(again)
    assert asked_about(text_of(again)) == f"{name}@docomo.co.jp"


def test_the_fingerprint_after_the_press_is_that_of_the_receipt(shop):
    contact_id = ask(shop, a_stranger())
    page = text_of(Client().post(f"/confirm/{confirm_token(shop, contact_id)}"))
    entry = ledger.history(shop.workspace_id, contact_id)[-1]
    shown = f"{entry.hash[:4]} {entry.hash[4:8]} … {entry.hash[-4:]}"
    receipt = text_of(Client().get(re.search(r'href="(/[^"]+)"[^>]*>控えを保管する', page)[1]))
    assert len(entry.hash) == 64
    assert shown in page
    assert entry.hash in receipt


def test_behind_a_link_that_expired_stands_the_way_back_to_the_form(shop):
    contact_id = ask(shop, a_stranger(), now=NOW - timedelta(days=4))
    url = f"/confirm/{confirm_token(shop, contact_id)}"
    assert f'href="{page_of(shop)}"' in text_of(Client().get(url))
    withdraw(shop, 1)
    assert f'href="{page_of(shop)}"' not in text_of(Client().get(url))  # nobody can sign up there now
