"""An installation in full use, as the screens show it: a shop, its people, campaigns, papers and troubles.

The people are those of the demonstration (`shodaku.config.sample`); everything is invented.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from tests.campaigns.test_services import a_draft
from tests.console.desk import at_desk, url
from tests.console.test_desk import MAYBE, UNCLEAR, writes
from tests.console.test_erasures import run as forget
from tests.console.test_erasures import said as erasing
from tests.console.test_refusals import says_no
from tests.console.test_requests import asks
from tests.content.files import a_photo, a_picture
from tests.delivery.zone import texts
from tests.imports.test_samples import SAMPLES
from tests.journeys.clocks import ask_token, asked
from tests.people import Shop, a_reader
from tests.signup.forms import ask, confirm_token, link
from tests.signup.papers import a_batch, keyed, read_off

from shodaku.accounts import selectors as accounts_known
from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.campaigns import services as campaigns
from shodaku.complaints import services as complaints
from shodaku.complaints.domain import CaseGrievance, CaseVia, Identified, RequestKind
from shodaku.config import sample
from shodaku.config.bench.pages import as_sent
from shodaku.consent.domain import Method
from shodaku.console.code_form import STARTERS
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import parse_product
from shodaku.content import selectors as content_known
from shodaku.content import services as content
from shodaku.delivery import selectors as delivery_known
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import USUAL_WARM_UP
from shodaku.delivery.selectors import Algorithm
from shodaku.erasure import selectors as erasures
from shodaku.imports import running
from shodaku.imports.domain import Basis, WrittenUse
from shodaku.imports.services import ImportOrder, note_coupon_uses
from shodaku.kit import clock, db
from shodaku.kit.links import Purpose, Token
from shodaku.ledger import selectors as recorded
from shodaku.ledger import services as ledger
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOutScope
from shodaku.optout.services import BulkAct
from shodaku.segments import services as segments
from shodaku.segments.domain import (
    BoughtNothing,
    Expression,
    Group,
    KnownSince,
    Match,
    Narrowing,
    Not,
    PrefectureIs,
    SourceIs,
)
from shodaku.signup import selectors as signed_up
from shodaku.signup import services as signup
from shodaku.signup.services import ParkReason
from shodaku.suppression import services as suppression

PASSWORD = "Long enough 2026"
A_DAY = timedelta(days=1)
LETTER = "{{ name }}\n\n冬の品がそろいました。土曜の朝10時から、店でもお求めいただけます。\n\nhttps://aoi.example/winter\n"


@dataclass(slots=True)
class World:
    """`values`: what the addresses of staff pages name; `states`: further looks of a page, by a name of
    their own; `public`: the paths of the pages for everybody.
    """

    shop: Shop
    owner_url: str
    now: datetime
    values: dict = field(default_factory=dict)
    states: dict = field(default_factory=dict)
    public: dict = field(default_factory=dict)

    def state(self, name, page, *arguments):
        self.states[name] = url(self.shop, page, *arguments)


def built(owner_url):
    """Everything, in the order in which it happens in a shop."""
    now = clock.now()
    made = sample.fill(now, password=PASSWORD)
    shop = Shop(made.shop.workspace_id, made.shop.slug, made.shop.sender_id, *made.shop.topic_ids)
    world = World(shop, owner_url, now, values={"slug": shop.slug, "language": "ja", "version": 1})
    for part in (
        _sending, _people, _capture, _papers, _lists, _pictures, _campaigns, _protection, _staff, _evidence,
        _public,
    ):  # fmt: skip
        part(world)
    return world


def _sending(world):
    shop, now = world.shop, world.now
    keys = delivery.make_dkim_keys(
        shop.workspace_id, "aoi.example", (Algorithm.RSA, Algorithm.ED25519), by="staff:1", now=now
    )
    zone = {each.name: each.record for each in keys} | {"_dmarc.aoi.example": "v=DMARC1; p=none"}
    delivery.check_domain(shop.workspace_id, "aoi.example", texts(zone), by="staff:1", now=now)
    for name, host in (("本番用の中継サーバー", "mail.aoi.example"), ("予備", "second.aoi.example")):
        route = delivery.NewRoute(name=name, host=host, port=587, tls="require", messages_per_second=20.0)
        delivery.add_route(shop.workspace_id, route, by="staff:1", now=now)
    first, second = [each.route_id for each in delivery_known.routes(shop.workspace_id)]
    delivery.begin_warm_up(shop.workspace_id, second, USUAL_WARM_UP, by="staff:1", now=now)
    world.values["route_id"] = first


def _people(world):
    """Somebody with a history of every kind, the products that people buy, and the coupons they use."""
    shop, now = world.shop, world.now
    used = [
        WrittenUse(code=f"AOI-{number}", used=f"{now - number * A_DAY:%Y-%m-%d}", times=f"{number}")
        for number in range(1, 4)
    ]
    note_coupon_uses(shop.workspace_id, used, by="staff:1", staff_id=1, now=now)
    for code, name in (("bag-1", "帆布のトートバッグ"), ("cup-2", "湯のみ 青磁")):
        product = parse_product(code, name, f"https://aoi.example/{code}", "goods")
        with db.transaction(shop.workspace_id):
            contacts.save_product(product, now=now)
    expression = Expression(
        Match.ALL,
        (
            Group(Match.ANY, (PrefectureIs("kanto"), SourceIs("form"))),
            Group(Match.ALL, (Not(BoughtNothing()), KnownSince(now.date() - 900 * A_DAY))),
        ),
    )
    world.values["segment_id"] = segments.create(
        shop.workspace_id, "関東のお客様", expression, by="staff:1", now=now
    )
    reader = a_reader(shop, "misaki.reader@mail.example", name="木村 美咲", at=now - 200 * A_DAY)
    twice = a_reader(shop, "m.kimura@mail.example", name="木村 美咲", at=now - 100 * A_DAY)
    world.values |= {"contact_id": reader, "other_id": twice, "topic_id": shop.topic_id}
    world.values["sender_id"] = shop.sender_id
    chosen = Narrowing(segment_id=world.values["segment_id"])
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("update topic set valid_months = 12 where topic_id = %s", [shop.other_topic_id])
    for name in ("石川 遥", "村上 健"):
        a_reader(
            shop, name=name, topic_id=shop.other_topic_id, at=now - 350 * A_DAY, expires_at=now + 15 * A_DAY
        )
    ending = Narrowing(topic_id=shop.other_topic_id)
    world.state(
        "bulk_ask", "bulk", optout.choose_found(shop.workspace_id, BulkAct.ASK, ending, staff_id=1, now=now)
    )
    for name, act in (
        ("bulk_stop", BulkAct.STOP),
        ("bulk_erase", BulkAct.ERASE),
        ("bulk_export", BulkAct.EXPORT),
    ):
        bulk_id = optout.choose_found(shop.workspace_id, act, chosen, staff_id=1, now=now)
        world.state(name, "bulk", bulk_id)
    refuser = a_reader(shop, "stopped.in.bulk@mail.example", name="近藤 舞", at=now - 200 * A_DAY)
    for _ in range(2):
        done = optout.choose_ticked(shop.workspace_id, BulkAct.STOP, [refuser], staff_id=1, now=now)
        optout.begin_bulk(shop.workspace_id, done, Method.TELEPHONE, staff_id=1, now=now)
    world.values["bulk_id"] = done


def _capture(world):
    shop = world.shop
    form = signed_up.form(shop.workspace_id, "join")
    source_no = signup.add_source(shop.workspace_id, form.form_id, "銀座店のレジ", now=world.now)
    owner = accounts_known.staff(shop.workspace_id)[0].staff_id
    desk = signup.NewDesk(form_id=form.form_id, place="東京ギフト展", desk="受付1", hours=8)
    desk_no = signup.open_desk(shop.workspace_id, desk, staff_id=owner, now=world.now)
    world.values |= {"form_id": form.form_id, "source_no": source_no, "poster.size": "a4", "desk_no": desk_no}
    newcomer = ask(shop, "new.reader@mail.example", name="中村 さくら")
    world.public |= {
        "signup": f"/f/{shop.slug}/join",
        "signup_frame": f"/f/{shop.slug}/join/frame",
        "signup_again": f"/f/{shop.slug}/join/again",
        "confirm": f"/confirm/{confirm_token(shop, newcomer)}",
    }


def _papers(world):
    shop, now = world.shop, world.now
    form = signed_up.form(shop.workspace_id, "join")
    batch_id, sheets = a_batch(shop, form, scans=4, now=now)
    signup.park(shop.workspace_id, sheets[3], ParkReason.REFUSED, "「送らないで」とある")
    day = {"signed_on": (now - 3 * A_DAY).date()}
    keyed(shop, sheets[2], read_off(shop, form, "b@mail.example", **day), now=now)
    keyed(shop, sheets[2], read_off(shop, form, "c@mail.example", **day), now=now, by=1)
    world.values |= {"paper_batch.batch_id": batch_id, "sheet_id": sheets[0]}
    world.state("paper_sheet_differs", "paper_sheet", sheets[2])
    world.state("paper_sheet_aside", "paper_sheet", sheets[3])


def _lists(world):
    """One list that is in, one of which the columns are told, one that waits for its basis."""
    shop, now = world.shop, world.now
    cards = ImportOrder(
        file_name="sansan.csv",
        basis=Basis.CARD,
        evidence="展示会の受付、名刺箱3",
        evidence_on=(now - 20 * A_DAY).date(),
        confirmed=True,
        topic_id=shop.topic_id,
        country="JP",
    )
    done, checked, told, fresh = (
        running.hand_in(shop.workspace_id, [(SAMPLES / name).read_bytes()], name, staff_id=None, now=now)
        for name in ("sansan.csv", "broken.csv", "excel-cp932.csv", "eight.csv")
    )
    for batch_id in (done, checked):
        running.declare(shop.workspace_id, batch_id, cards)
        running.ask_for_check(shop.workspace_id, batch_id)
    columns = {"name": 1, "kana": 2, "email": 3}
    running.declare(shop.workspace_id, told, replace(cards, columns=columns))
    running.start(shop.workspace_id, done, staff_id=None, now=now)
    world.values["batch_id"] = done
    world.values |= {"import_columns.batch_id": fresh, "import_basis.batch_id": told}
    world.state("import_checked", "import", checked)


def _pictures(world):
    shop = world.shop
    given = {"bag.jpg": a_photo(size=(1_200, 800)), "cup.png": a_picture(size=(800, 600))}
    drawn = [content.redraw(name, body) for name, body in given.items()]
    added = content.add_pictures(shop.workspace_id, drawn, by="staff:1", now=world.now)
    for image_id, alt in zip(added, ("帆布のトートバッグ", "青磁の湯のみ"), strict=True):
        content.describe_picture(shop.workspace_id, image_id, alt, by="staff:1", now=world.now)
    world.values["image_id"] = added[0]


def _campaigns(world):
    """Sent, with what came of it; counted and not sent; waiting for its time; under way, some uncertain."""
    shop, now = world.shop, world.now
    sent = [_sent(world, f"{month}月のお便り", days) for month, days in ((9, 66), (10, 36), (11, 6))]
    draft = a_draft(shop, name="年末のごあいさつ", subject="年末のごあいさつ", text=LETTER)
    reasons = campaigns.count(shop.workspace_id, draft, now=now).reasons
    in_blocks = a_draft(shop, name="春の新作", subject="春の新作が入りました", text=LETTER)
    campaigns.write_in_blocks(shop.workspace_id, in_blocks, staff_id=None, now=now)
    as_code = a_draft(shop, name="夏の終わりに", subject="夏の終わりに", text="")
    campaigns.write_as_code(shop.workspace_id, as_code, starter=STARTERS["ja"], staff_id=None, now=now)
    coming = a_draft(shop, name="新春のご案内", subject="新春のご案内", text=LETTER)
    campaigns.schedule(shop.workspace_id, coming, now + 20 * A_DAY, staff_id=None, now=now)
    counted = campaigns.count(shop.workspace_id, coming, now=now)
    campaigns.launch(shop.workspace_id, coming, counted.preflight_id, staff_id=None, now=now)
    world.values |= {
        "campaign_id": sent[-1],
        "preflight.campaign_id": draft,
        "held.campaign_id": draft,
        "reason": max(reasons, key=reasons.__getitem__),
        "part": "html",
        "trial.campaign_id": draft,
        "blocks.campaign_id": in_blocks,
        "blocks_states.campaign_id": in_blocks,
        "blocks_into_code.campaign_id": in_blocks,
        "code.campaign_id": as_code,
        "key": next(iter(content_known.our_templates())),
        "campaign_preview.campaign_id": draft,
    }
    world.state("campaign_draft", "campaign", draft)
    world.state("campaign_planned", "campaign", coming)


def _sent(world, name, days_ago):
    shop, at = world.shop, world.now - days_ago * A_DAY
    tags = ("季節のお便り", "店舗")
    campaign_id = a_draft(shop, name=name, subject=name, text=LETTER, click_links=True, tags=tags)
    counted = campaigns.count(shop.workspace_id, campaign_id, now=at)
    answer = campaigns.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=at)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("select delivery_partition(date_trunc('week', %s::timestamptz)::date)", [at])
    ended = {
        "campaign_id": campaign_id,
        "mailing_id": answer.mailing_id,
        "planned": counted.sendable,
        "topic_id": shop.topic_id,
        "at": at,
    }
    as_sent(world.owner_url, shop.workspace_id, ended)
    campaigns.refresh_report(shop.workspace_id, campaign_id, now=world.now)
    world.values["mailing_id"] = answer.mailing_id
    return campaign_id


def _protection(world):
    """What people said and asked for."""
    shop, now = world.shop, world.now
    said = {
        "佐藤 健": (Method.REPLY, {"said": "もう送らないでください"}),
        "鈴木 一郎": (Method.ONE_CLICK, {}),
        "高橋 京子": (Method.PAGE, {"scope": OptOutScope.UNTIL, "until": now + 30 * A_DAY}),
    }
    for number, (name, (way, more)) in enumerate(said.items()):
        says_no(shop, a_reader(shop, f"left{number}@mail.example", name=name), way, **more)
    for address, text in (("a.unclear@mail.example", UNCLEAR), ("b.maybe@mail.example", MAYBE)):
        a_reader(shop, address, name="清水 誠")
        writes(shop, address, text)
    a_reader(shop, "c.erased@mail.example")
    at_desk(shop).post(url(shop, "erase"), erasing("c.erased@mail.example", typed="erase"))
    (begun,) = erasures.erasures(shop.workspace_id)
    forget(shop, begun.erasure_id)
    suppression.add(shop.workspace_id, ["x@mail.example", "y@mail.example"], by="staff:1", now=now)
    suppression.block(shop.workspace_id, "*@old.example", reason="会社がなくなった", by="staff:1", now=now)
    a_reader(shop, "d.asks@mail.example", name="加藤 由美")
    first = asks(shop, RequestKind.ACCESS, "d.asks@mail.example")
    asks(shop, RequestKind.ERASURE, "d.asks@mail.example", identity=Identified.DOCUMENT)
    asks(shop, RequestKind.OBJECTION, "d.asks@mail.example", days_ago=20)
    world.values["request_id"] = first


def _staff(world):
    """Who works there, who is asked to, and a case that somebody works on."""
    shop, now = world.shop, world.now
    world.values["staff_id"] = accounts_known.staff(shop.workspace_id)[0].staff_id
    invited = accounts.ask(
        shop.workspace_id, "sato@aoi.example", Role.CLERK, locale="ja", invited_by=None, now=now
    )
    world.public["join"] = urlsplit(accounts.link(shop.workspace_id, invited)).path
    claim = complaints.NewCase(
        via=CaseVia.TELEPHONE,
        grievance=CaseGrievance.NEVER_AGREED,
        address="misaki.reader@mail.example",
        words="「申し込んだ覚えがない」とのこと",
    )
    world.values["case_id"] = complaints.open_case(shop.workspace_id, claim, now, by="staff:1")


def _evidence(world):
    ledger.sequence_all(world.shop.workspace_id, now=clock.now())
    world.values |= {"ledger_checkpoint.size": recorded.head(world.shop.workspace_id).size, "index": 0}


def _public(world):
    """The pages behind the links of one mail, and what anybody may open."""
    shop = world.shop
    reader, mailing_id = world.values["contact_id"], world.values["mailing_id"]
    token = link(Token(shop.workspace_id, mailing_id, reader, Purpose.DELIVERY))
    own = link(Token(shop.workspace_id, mailing_id, reader, Purpose.PREFERENCE))
    silent = a_reader(shop, "silent@mail.example", name="林 蓮", at=world.now - 400 * A_DAY)
    question = asked(shop, silent, now=world.now)
    world.public |= {
        "opt_out": f"/o/{token}",
        "preferences": f"/p/{own}",
        "new_address": f"/p/{own}/address",
        "own_data": f"/p/{own}/data",
        "why": f"/w/{token}",
        "complaint": f"/w/{token}/complaint",
        "carry_on": f"/ask/{ask_token(shop, question)}",
        "unusable": "/o/no-such-link",
        "legal_display": f"/legal/{shop.slug}",
        "verify": "/verify/",
        "sign_in": "/accounts/login/",
    }
