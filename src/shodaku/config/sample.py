"""A realistic sample: a shop and a course seller with 1,000 people of different histories.

Made through the services. The same seed gives the same people; times are counted back from `now`.
All names and addresses are invented.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import OptOutRule, Role, Sender
from shodaku.consent import services as consent
from shodaku.consent.domain import Evidence, Frequency, Method, Period
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, parse_email, search_key
from shodaku.kit import db
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind
from shodaku.signup import services as signup
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Scope

SEED = 20261125
PEOPLE_A_BATCH = 500

FAMILY = (
    ("佐藤", "サトウ", "sato"),
    ("鈴木", "スズキ", "suzuki"),
    ("高橋", "タカハシ", "takahashi"),
    ("田中", "タナカ", "tanaka"),
    ("伊藤", "イトウ", "ito"),
    ("渡邊", "ワタナベ", "watanabe"),
    ("山本", "ヤマモト", "yamamoto"),
    ("中村", "ナカムラ", "nakamura"),
    ("小林", "コバヤシ", "kobayashi"),
    ("加藤", "カトウ", "kato"),
    ("吉田", "ヨシダ", "yoshida"),
    ("山田", "ヤマダ", "yamada"),
    ("佐々木", "ササキ", "sasaki"),
    ("山口", "ヤマグチ", "yamaguchi"),
    ("松本", "マツモト", "matsumoto"),
    ("井上", "イノウエ", "inoue"),
    ("木村", "キムラ", "kimura"),
    ("林", "ハヤシ", "hayashi"),
    ("髙﨑", "タカサキ", "takasaki"),
    ("清水", "シミズ", "shimizu"),
)
GIVEN = (
    ("陽子", "ヨウコ", "yoko"),
    ("健", "ケン", "ken"),
    ("美咲", "ミサキ", "misaki"),
    ("大輔", "ダイスケ", "daisuke"),
    ("花子", "ハナコ", "hanako"),
    ("太郎", "タロウ", "taro"),
    ("葵", "アオイ", "aoi"),
    ("翔", "ショウ", "sho"),
    ("由美", "ユミ", "yumi"),
    ("誠", "マコト", "makoto"),
    ("さくら", "サクラ", "sakura"),
    ("蓮", "レン", "ren"),
)
GOODS = (
    ("帆布のトートバッグ", 8800),
    ("湯のみ 青磁", 3300),
    ("藍染めの手ぬぐい", 1650),
    ("竹の弁当箱", 5500),
)

SHOP = Sender(
    sender_id=0,
    formal_name="株式会社あおい雑貨",
    display_name="あおい雑貨",
    postal_address="東京都中央区銀座2-1-5",
    contact_email="support@aoi.example",
    contact_phone="03-0000-0000",
    contact_url="",
    from_address="news@aoi.example",
    mail_domain="aoi.example",
    privacy_policy_version="1",
    privacy_policy="お預かりした個人情報は、選ばれた案内をお送りするためと、その同意の記録のためにだけ使います。",
    responsible_person="青井 葵",
    sales_terms_url="https://aoi.example/terms",
)
SCHOOL = Sender(
    sender_id=0,
    formal_name="まなび工房 代表 森 美咲",
    display_name="まなび工房",
    postal_address="京都府京都市左京区吉田町3-8",
    contact_email="desk@manabi.example",
    contact_phone="075-000-0000",
    contact_url="",
    from_address="letter@manabi.example",
    mail_domain="manabi.example",
    privacy_policy_version="1",
    privacy_policy="配信を停止すると、受講の記録を含むすべての情報を消去し、二度とご連絡しません。",
)
ALL_ENDS = (
    "配信を停止すると、講座の更新のお知らせやサポートのメールも含めて、すべてが終わります。"
    "購入の記録も消え、元には戻せません。まちがえて押していないか、もう一度だけお確かめください。"
)


@dataclass(frozen=True, slots=True)
class Business:
    """One workspace of the sample, ready for use."""

    workspace_id: int
    slug: str
    sender_id: int
    topic_ids: tuple[int, ...]
    form_slug: str


@dataclass(frozen=True, slots=True)
class Sample:
    shop: Business
    school: Business
    people: int


@dataclass(frozen=True, slots=True)
class _Person:
    contact_id: int
    address: str


def fill(now: datetime, *, password: str) -> Sample:
    """Make both businesses with their people. Raises SlugTaken when the sample is there already."""
    chance = Random(SEED)  # noqa: S311 - invented people, not secrets
    shop = _business(now, "aoi", "あおい雑貨", SHOP, OptOutRule.STOP, "", _SHOP_TOPICS)
    school = _business(now, "manabi", "まなび工房", SCHOOL, OptOutRule.ERASE, ALL_ENDS, _SCHOOL_TOPICS)
    people = _people_of_shop(shop, chance, now) + _people_of_school(school, chance, now)
    staff_id = accounts.create_staff("mori@aoi.example", "森 美咲", password, now=now)
    for business in (shop, school):
        accounts.join(business.workspace_id, staff_id, Role.OWNER, now=now)
    return Sample(shop, school, people)


_SHOP_TOPICS = (
    (
        "news",
        "月刊ショップだより",
        "Monthly shop news",
        "新商品と読みもの",
        "商品の案内",
        Frequency(2, Period.MONTH),
    ),
    ("sale", "セール速報", "Sale flash", "セールの日時と割引", "セールの案内", Frequency(1, Period.WEEK)),
)
_SCHOOL_TOPICS = (
    (
        "letter",
        "まなび通信",
        "Learning letter",
        "学び方のコツと新しい講座",
        "講座の案内",
        Frequency(1, Period.WEEK),
    ),
)


def _business(
    now: datetime,
    slug: str,
    name: str,
    sender: Sender,
    rule: OptOutRule,
    note: str,
    topics: Sequence[tuple[str, str, str, str, str, Frequency]],
) -> Business:
    made = now - timedelta(days=900)
    workspace_id = accounts.create_workspace(slug, name, now=made, second_factor_required=False).workspace_id
    accounts.change_opt_out_rule(workspace_id, rule, note)
    sender_id = accounts.save_sender(workspace_id, sender, now=made)
    topic_ids = tuple(
        consent.create_topic(
            workspace_id,
            consent.NewTopic(
                slug=short,
                name=title,
                name_en=english,
                content=content,
                purpose=purpose,
                frequency=frequency,
                sender_id=sender_id,
            ),
            now=made,
        )
        for short, title, english, content, purpose, frequency in topics
    )
    _form(workspace_id, sender_id, name, topic_ids, made)
    return Business(workspace_id, slug, sender_id, topic_ids, "join")


def _form(workspace_id: int, sender_id: int, name: str, topic_ids: tuple[int, ...], now: datetime) -> None:
    form_id = signup.create_form(
        workspace_id, signup.NewForm(slug="join", name="ホームページの申込み", sender_id=sender_id), now=now
    )
    signup.publish(
        workspace_id,
        form_id,
        signup.FormDefinition(
            title=f"{name}からのお便り",
            title_en=f"Mail from {name}",
            introduction="受け取りたいものだけ選んでください。最初はどれも選ばれていません。",
            introduction_en="Choose only what you want. Nothing is chosen for you.",
            topic_ids=topic_ids,
            ask_name=True,
        ),
        staff_id=None,
        now=now,
    )


def _people_of_shop(shop: Business, chance: Random, now: datetime) -> int:
    news, sale = shop.topic_ids
    readers = _meet(shop, chance, 480, now, "form")
    _agree(shop, readers, news, now, lambda: chance.randint(20, 330))
    _agree(shop, readers[:180], sale, now, lambda: chance.randint(10, 200))
    _bought(shop, readers[:150], chance, now)
    _ask(shop, _meet(shop, chance, 70, now, "form"), news, now, lambda: chance.randint(1, 20))
    expired = _meet(shop, chance, 50, now, "form")
    _agree(shop, expired, news, now, lambda: chance.randint(760, 880), valid_days=730)
    only_sale = _meet(shop, chance, 40, now, "form")
    _agree(shop, only_sale, sale, now, lambda: chance.randint(30, 300))
    gone = _meet(shop, chance, 50, now, "form")
    _agree(shop, gone, news, now, lambda: chance.randint(120, 340))
    _refuse(shop, gone[:35], None, now, chance)
    _refuse(shop, gone[35:], news, now, chance)
    cards = _meet(shop, chance, 70, now, "import")
    _known_by(shop, cards, "business_card", chance, now)
    buyers = _meet(shop, chance, 60, now, "import")
    _bought(shop, buyers, chance, now)
    _known_by(shop, buyers, "relationship", chance, now)
    return 820


def _people_of_school(school: Business, chance: Random, now: datetime) -> int:
    (letter,) = school.topic_ids
    readers = _meet(school, chance, 150, now, "form")
    _agree(school, readers, letter, now, lambda: chance.randint(10, 330))
    _bought(school, readers[:60], chance, now)
    _ask(school, _meet(school, chance, 30, now, "form"), letter, now, lambda: chance.randint(1, 10))
    return 180


def _meet(business: Business, chance: Random, count: int, now: datetime, source: str) -> list[_Person]:
    ids = contacts.reserve_ids(count)
    ledger.ensure_keys(business.workspace_id, ids)
    fresh = [_contact(business, chance, contact_id, source) for contact_id in ids]
    with db.transaction(business.workspace_id):
        contacts.remember_many(fresh, now=now - timedelta(days=chance.randint(340, 880)))
    return [_Person(each.contact_id, each.address.value) for each in fresh]


def _contact(business: Business, chance: Random, contact_id: int, source: str) -> contacts.NewContact:
    family, family_kana, family_latin = chance.choice(FAMILY)
    given, given_kana, given_latin = chance.choice(GIVEN)
    email = parse_email(
        f"{given_latin}.{family_latin}{contact_id}@{chance.choice(('mail', 'web', 'home'))}.example"
    )
    pair = suppression.tokens(business.workspace_id, Channel.EMAIL, email.address)
    return contacts.NewContact(
        contact_id=contact_id,
        address=contacts.NewAddress(
            Channel.EMAIL, email.address, email.key, email.wire, pair.strict, pair.broad, pair.epoch
        ),
        source=source,
        family_name=family,
        given_name=given,
        kana=f"{family_kana} {given_kana}",
        search_key=search_key(f"{family}{given}{family_kana}{given_kana}"),
        locale="ja",
    )


def _agree(
    business: Business,
    people: Sequence[_Person],
    topic_id: int,
    now: datetime,
    days_ago: Callable[[], int],
    *,
    valid_days: int | None = None,
) -> None:
    """They asked on the form and confirmed by mail ten minutes later."""
    for start in range(0, len(people), PEOPLE_A_BATCH):
        moments = [
            (person, now - timedelta(days=days_ago())) for person in people[start : start + PEOPLE_A_BATCH]
        ]
        _record(business, topic_id, moments, consent.EventKind.REQUESTED, Kind.CONSENT_REQUESTED, None)
        later = [(person, at + timedelta(minutes=10)) for person, at in moments]
        _record(business, topic_id, later, consent.EventKind.CONFIRMED, Kind.CONSENT_CONFIRMED, valid_days)


def _ask(
    business: Business, people: Sequence[_Person], topic_id: int, now: datetime, days_ago: Callable[[], int]
) -> None:
    """They asked on the form and never pressed the link."""
    moments = [(person, now - timedelta(days=days_ago())) for person in people]
    _record(business, topic_id, moments, consent.EventKind.REQUESTED, Kind.CONSENT_REQUESTED, None)


def _record(
    business: Business,
    topic_id: int,
    moments: Sequence[tuple[_Person, datetime]],
    kind: consent.EventKind,
    entry_kind: Kind,
    valid_days: int | None,
) -> None:
    acts = [
        ledger.Act(
            person.contact_id,
            uuid7(at, os.urandom(10)),
            entry_kind,
            at,
            _evidence(business, topic_id, person, at),
        )
        for person, at in moments
    ]
    with db.transaction(business.workspace_id):
        entries = ledger.append_many(acts)
        consent.record(
            [
                consent.NewEvent(
                    contact_id=act.contact_id,
                    topic_id=topic_id,
                    channel=Channel.EMAIL,
                    kind=kind,
                    method=Method.WEB_DOUBLE,
                    at=act.at,
                    event_id=act.event_id,
                    entry_id=entry_id,
                    expires_at=act.at + timedelta(days=valid_days) if valid_days else None,
                )
                for act, entry_id in zip(acts, entries, strict=True)
            ]
        )


def _evidence(
    business: Business, topic_id: int, person: _Person, at: datetime
) -> dict[str, str | int | list[str]]:
    evidence = Evidence(
        at=at,
        method=Method.WEB_DOUBLE,
        url=f"https://{business.slug}.example/f/{business.slug}/{business.form_slug}",
        wording_version=1,
        topics=(str(topic_id),),
        channel=Channel.EMAIL,
        purposes=("marketing",),
        ip="192.0.2.10",
        browser="sample",
        policy_version=1,
    )
    return evidence.fields(n=0, address=person.address)


def _refuse(
    business: Business, people: Sequence[_Person], topic_id: int | None, now: datetime, chance: Random
) -> None:
    """They opted out, of one topic or of everything."""
    scope = Scope.ALL if topic_id is None else Scope.TOPIC
    for person in people:
        at = now - timedelta(days=chance.randint(1, 100))
        event_id = uuid7(at, os.urandom(10))
        with db.transaction(business.workspace_id):
            contacts.lock(person.contact_id)
            fields = {"method": Method.ONE_CLICK.value, "scope": scope.value, "address": person.address}
            entry_id = ledger.append(
                ledger.Act(person.contact_id, event_id, Kind.CONSENT_WITHDRAWN, at, fields)
            )
            suppression.refuse(
                [
                    suppression.NewRefusal(
                        contact_id=person.contact_id,
                        scope=scope,
                        at=at,
                        via=Method.ONE_CLICK,
                        event_id=event_id,
                        topic_id=topic_id,
                        entry_id=entry_id,
                    )
                ]
            )
            consent.withdraw(
                [
                    consent.Withdrawal(
                        contact_id=person.contact_id,
                        topic_id=topic_id,
                        method=Method.ONE_CLICK,
                        event_id=event_id,
                        entry_id=entry_id,
                        at=at,
                    )
                ]
            )


def _bought(business: Business, people: Sequence[_Person], chance: Random, now: datetime) -> None:
    rows = []
    for person in people:
        title, price = chance.choice(GOODS)
        at = now - timedelta(days=chance.randint(5, 600))
        rows.append({"contact_id": person.contact_id, "title": title, "amount_yen": price, "at": at})
    with db.transaction(business.workspace_id):
        contacts.record_purchases(rows)


def _known_by(
    business: Business, people: Sequence[_Person], kind: str, chance: Random, now: datetime
) -> None:
    """A card handed over, a purchase: known to us, and no consent."""
    rows = [
        {
            "contact_id": person.contact_id,
            "kind": kind,
            "at": now - timedelta(days=chance.randint(30, 700)),
            "batch_id": None,
            "note": None,
            "refusing_words": False,
        }
        for person in people
    ]
    with db.transaction(business.workspace_id):
        consent.record_bases(rows)
