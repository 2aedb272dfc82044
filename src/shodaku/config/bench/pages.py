"""How long the server takes for each staff page and each public one, in a large installation (UX section 11).

A million contacts and fifty campaigns that were sent; every page that can be opened is asked for over HTTP,
one request at a time, by somebody who is signed in as owner.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Final
from zoneinfo import ZoneInfo

import psycopg
from django.test import Client
from psycopg import sql

from shodaku.accounts import selectors as accounts_known
from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.campaigns import services as campaigns
from shodaku.campaigns.domain import NewCampaign
from shodaku.config.bench import audience, machine, sample
from shodaku.config.page_map import staff_pages
from shodaku.config.sample import FAMILY, GIVEN
from shodaku.consent.figures import refresh_figures
from shodaku.contacts.domain import SearchKeys, search_keys
from shodaku.delivery import services as delivery
from shodaku.kit import clock, db, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.ledger import services as ledger
from shodaku.segments import services as segments
from shodaku.segments.domain import Expression, Group, KanaBegins, Match
from shodaku.signup import services as signup

PEOPLE: Final = 1_000_000
CAMPAIGNS: Final = 50
CAMPAIGN_PEOPLE: Final = 20_000
REQUESTS: Final = 60  # of each page, after those that warm it
_WARMING: Final = 3
_SOUND: Final = 50  # of a hundred kinds of people in `audience`, one that agreed and got mail
_OK: Final = 200
_NAMED: Final = """
    update contact set family_name = n.family, given_name = n.given, kana = n.kana, search_key = n.whole,
                       name_key = n.name, given_key = n.given_key, kana_key = n.kana_key,
                       given_kana_key = n.given_kana, in_order = n.in_order,
                       created_at = created_at - (contact_id %% 900) * interval '1 day'
    from unnest(%(families)s::text[], %(givens)s::text[], %(kanas)s::text[], %(whole)s::text[],
                %(name)s::text[], %(given)s::text[], %(kana)s::text[], %(given_kana)s::text[],
                %(in_order)s::text[])
         with ordinality n (family, given, kana, whole, name, given_key, kana_key, given_kana, in_order, no)
    where workspace_id = %(workspace_id)s and n.no = contact_id %% %(count)s + 1
"""
_EVENTS: Final = [(sample.AGREED, {"kind": kind}) for kind in ("requested", "confirmed")]
# what a worker, its visitors and its returned mails would have left of one campaign
_SENT: Final = (
    """insert into delivery (workspace_id, contact_id, mailing_id, week, topic_id, channel, outcome, reason,
                             attempt, at, pack)
       select workspace_id, id, mailing_id, (select week from mailing m
               where m.workspace_id = chunk.workspace_id and m.mailing_id = chunk.mailing_id),
              %(topic_id)s, 'email', case when id %% 97 = 0 then 'failed' else 'accepted' end, 'OK_CONSENT',
              1, %(at)s, '1.0'
       from chunk, unnest(contact_ids) id
       where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s""",
    """update chunk set state = 'done', accepted = cardinality(contact_ids), opened_at = %(at)s
       where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s""",
    """insert into hit (workspace_id, contact_id, mailing_id, link, actor, at)
       select workspace_id, id, mailing_id, id %% 6, 'human', %(at)s + (id %% 3000) * interval '1 minute'
       from chunk, unnest(contact_ids) id
       where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and id %% 10 = 0""",
    """insert into feedback (workspace_id, contact_id, kind, status, mailing_id, at)
       select workspace_id, id, case when id %% 3 = 0 then 'soft' else 'hard' end, '5.1.1', mailing_id, %(at)s
       from chunk, unnest(contact_ids) id
       where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and id %% 97 = 0""",
    """update mailing set state = 'done', ended_at = %(at)s
       where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s""",
    """update campaign set state = 'done', mailing_id = %(mailing_id)s, planned_count = %(planned)s,
              launched_at = %(at)s, ended_at = %(at)s
       where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s""",
)
_TABLES: Final = ("contact", "consent_event", "delivery", "chunk", "hit", "feedback", "mailing", "campaign")


@dataclass(frozen=True, slots=True)
class _Page:
    name: str
    url: str
    cookies: str = ""


@dataclass(frozen=True, slots=True)
class _World:
    """What the addresses of the pages name."""

    shop: sample.Shop
    slug: str
    contact_id: int
    mailing_id: int
    values: Mapping[str, object]


def run(options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Options: messages (people in the table), rounds (requests of a page), owner_url. A line a page."""
    people = int(str(options.get("messages", PEOPLE)))
    requests = int(str(options.get("rounds", REQUESTS)))
    world = _world(str(options["owner_url"]), people, clock.now())
    cookies = _signed_in(world.shop.workspace_id)
    port = machine.free_port()
    with machine.web_server(port):
        for page in [*_public(world), *_staff(world, cookies)]:
            yield from _measured(port, page, requests)


def _measured(port: int, page: _Page, requests: int) -> Iterator[Mapping[str, object]]:
    """Nothing for what is no page: a file, a redirection, an act that wants a POST."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    warming = [_ask(connection, page) for _ in range(_WARMING)]
    if not all(answer.is_page for answer in warming):
        connection.close()
        return
    answers = [_ask(connection, page) for _ in range(requests)]
    connection.close()
    milliseconds = [each.seconds * 1000 for each in answers]
    p95 = quantiles(milliseconds, n=20, method="inclusive")[-1]
    yield machine.line(
        "pages",
        page.name,
        "ms",
        milliseconds,
        requests,
        p95_ms=round(p95, 1),
        kib=round(answers[-1].octets / 1024),
        failed=sum(not each.is_page for each in answers),
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    seconds: float
    octets: int
    is_page: bool


def _ask(connection: http.client.HTTPConnection, page: _Page) -> _Answer:
    said = {"Cookie": page.cookies, "Accept-Language": "ja", "Accept": "text/html"}
    start = time.perf_counter()
    connection.request("GET", page.url, headers=said)
    answer = connection.getresponse()
    body = answer.read()
    seconds = time.perf_counter() - start
    html = answer.headers.get_content_type() == "text/html"
    return _Answer(seconds, len(body), answer.status == _OK and html)


def _staff(world: _World, cookies: str) -> Iterator[_Page]:
    for page in staff_pages(world.values):
        if page.url:
            yield _Page(page.name, page.url, cookies)


def _public(world: _World) -> Iterator[_Page]:
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    links = {
        purpose: url_form(
            keys.make(Token(world.shop.workspace_id, world.mailing_id, world.contact_id, purpose))
        )
        for purpose in (Purpose.DELIVERY, Purpose.PREFERENCE)
    }
    yield _Page("sign-up form", f"/f/{world.slug}/join")
    yield _Page("opt-out", f"/o/{links[Purpose.DELIVERY]}")
    yield _Page("why did I get this?", f"/w/{links[Purpose.DELIVERY]}")
    yield _Page("preferences", f"/p/{links[Purpose.PREFERENCE]}")
    yield _Page("verify", "/verify/")


def _signed_in(workspace_id: int) -> str:
    staff_id = accounts.create_staff("owner@bench.example", "計測 者", "Long enough 2026", now=clock.now())
    accounts.join(workspace_id, staff_id, Role.OWNER, now=clock.now())
    browser = Client()
    browser.force_login(
        accounts.staff(staff_id), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return "; ".join(f"{each.key}={each.value}" for each in browser.cookies.values())


def _world(owner_url: str, people: int, now: datetime) -> _World:
    shop = audience.fill(owner_url, people, now)
    slug = next(each.slug for each in accounts_known.workspaces() if each.workspace_id == shop.workspace_id)
    _owner(owner_url, shop.workspace_id, [(_NAMED, _names()), *_EVENTS])
    launched = [_sent(owner_url, shop, number, people, now) for number in range(CAMPAIGNS)]
    contact_id = next(each for each in sample.people(shop)[people // 2 :] if each // 5 % 100 == _SOUND)
    ledger.ensure_keys(shop.workspace_id, [contact_id])
    draft = campaigns.create(shop.workspace_id, _campaign(shop, "下書き"), staff_id=None, now=now)
    values = {
        "slug": slug,
        "contact_id": contact_id,
        "campaign_id": launched[-1][0],
        "campaign_edit.campaign_id": draft,
        "preflight.campaign_id": draft,
        "form_id": _form(shop, now),
        "segment_id": _segment(shop, now),
        "version": 1,
        "language": "ja",
        "reason": "REFUSED",
        "part": "html",
    }
    _tidy(owner_url)
    _chores(shop, launched, now)
    return _World(shop, slug, contact_id, launched[-1][1], values)


def _chores(shop: sample.Shop, launched: Sequence[tuple[int, int]], now: datetime) -> None:
    """What the chore plane counts, so that pages need not."""
    refresh_figures(shop.workspace_id, ZoneInfo("Asia/Tokyo"), now=now)
    for campaign_id, _mailing_id in launched:
        campaigns.refresh_report(shop.workspace_id, campaign_id, now=now)


def _names() -> dict[str, object]:
    """Every family name with every given one, and what each is found by."""
    both = [(family, given) for family in FAMILY for given in GIVEN]
    kanas = [f"{kana} {other}" for (_, kana, _), (_, other, _) in both]
    families, givens = [each[0] for each, _ in both], [each[0] for _, each in both]
    keys = [search_keys(*each, "") for each in zip(families, givens, kanas, strict=True)]
    named = {name: [getattr(each, name) for each in keys] for name in SearchKeys._fields}
    return {**named, "families": families, "givens": givens, "kanas": kanas, "count": len(both)}


def _campaign(shop: sample.Shop, name: str) -> NewCampaign:
    mail = sample.newsletter(shop)
    return NewCampaign(name=name, topic_id=shop.topic_id, subject=mail.subject, text="お知らせです。")


def _sent(owner_url: str, shop: sample.Shop, number: int, people: int, now: datetime) -> tuple[int, int]:
    """A campaign of its share of the people, as it stands after its end; its id, and its mailing's."""
    at = now - timedelta(days=7 * (CAMPAIGNS - number))
    share = max(1, people // CAMPAIGN_PEOPLE)
    meant = sample.Everybody(
        "c.contact_id %% %(share)s = %(number)s", {"share": share, "number": number % share}
    )
    new = _campaign(shop, f"お便り 第{number + 1}号")
    campaign_id = campaigns.create(shop.workspace_id, new, staff_id=None, now=at)
    with db.transaction(shop.workspace_id) as connection:
        planned = delivery.plan(sample.newsletter(shop), meant, now=at)
        connection.execute("select delivery_partition(date_trunc('week', %s::timestamptz)::date)", [at])
    values = {"campaign_id": campaign_id, "mailing_id": planned.mailing_id, "planned": planned.people}
    as_sent(owner_url, shop.workspace_id, {**values, "topic_id": shop.topic_id, "at": at})
    return campaign_id, planned.mailing_id


def as_sent(owner_url: str, workspace_id: int, campaign: Mapping[str, object]) -> None:
    """Leave behind what sending leaves: deliveries, followed links, returned mails, a mailing that ended.

    `campaign`: campaign_id, mailing_id, planned (people), topic_id, at (when it was launched).
    """
    _owner(owner_url, workspace_id, [(statement, campaign) for statement in _SENT])


def _owner(owner_url: str, workspace_id: int, statements: Sequence[tuple[str, Mapping[str, object]]]) -> None:
    with psycopg.connect(owner_url) as connection:
        connection.execute(db.set_local(db.Setting.WORKSPACE, workspace_id))
        for statement, values in statements:
            connection.execute(statement, {**values, "workspace_id": workspace_id})


def _tidy(owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for table in _TABLES:
            connection.execute(sql.SQL("vacuum analyze {}").format(sql.Identifier(table)))


def _form(shop: sample.Shop, now: datetime) -> int:
    new = signup.NewForm(slug="join", name="申込み", sender_id=shop.sender_id)
    form_id = signup.create_form(shop.workspace_id, new, now=now)
    definition = signup.FormDefinition(
        title="お便り",
        title_en="Mail",
        introduction="受け取りたいものを選んでください。",
        introduction_en="Choose what you want.",
        topic_ids=(shop.topic_id,),
        ask_name=True,
    )
    signup.publish(shop.workspace_id, form_id, definition, staff_id=None, now=now)
    return form_id


def _segment(shop: sample.Shop, now: datetime) -> int:
    return segments.create(
        shop.workspace_id,
        "佐藤さん",
        Expression(groups=(Group(Match.ALL, (KanaBegins("サ"),)),)),
        by="bench",
        now=now,
    )
