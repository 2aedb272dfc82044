"""The shop of every history: its rows as a launch leaves them, and how its mailings are compiled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from shodaku.accounts.domain import Sender
from shodaku.config.simulate.server import EPOCH, Key, Row, Server
from shodaku.config.simulate.statements import MAILING_COLUMNS, WORKSPACE, new_chunk, new_job
from shodaku.content.domain import footer_text, items_of
from shodaku.content.render import Compiled, MailFile
from shodaku.delivery.compiling import compile_mailing
from shodaku.delivery.display import display_report
from shodaku.delivery.domain import MailingKind, monday
from shodaku.delivery.facts import GateRow, MailingRow
from shodaku.kit.keys import KeyPurpose, KeyRing
from shodaku.kit.links import LinkKeys
from shodaku.kit.queue import Queue
from shodaku.kit.runtime import Runtime
from shodaku.policy.domain import Ads, DisplayReport, MessageClass, Pack

PEOPLE: Final = 6
CHUNK_PEOPLE: Final = 3
PROMOTIONS: Final = (1, 2)
NOTICE: Final = 3
MAILINGS: Final = (*PROMOTIONS, NOTICE)
TOPIC: Final = 1
ROUTES: Final = (1, 2)  # mail servers that share the chunks
_SENDER: Final = Sender(
    sender_id=1,
    formal_name="株式会社あおい雑貨",
    display_name="あおい雑貨",
    postal_address="東京都中央区銀座2-1-5",
    contact_email="support@aoi.example",
    contact_phone="03-0000-0000",
    contact_url="",
    from_address="news@aoi.example",
    mail_domain="aoi.example",
    privacy_policy_version="1",
    privacy_policy="個人情報は、選ばれた案内を送るためだけに使います。",
)
_CONSENTED: Final = EPOCH - timedelta(days=30)


def fill(server: Server, depths: Sequence[int], *, doubled: bool = False) -> None:
    """Six people who agreed, two advertisements and one notice to all of them, in chunks of three.

    `depths`: of the routes. `doubled`: a second planner has cut the first advertisement into chunks too.
    """
    tables = server.tables
    tables["workspace"][WORKSPACE,] = {
        "locale": "ja", "timezone": "Asia/Tokyo", "b2c_mail_order": False, "ended": []
    }  # fmt: skip
    tables["fence"][()] = {"state": "open"}
    tables["topic"][TOPIC,] = {"sender_id": 1}
    tables["sender"][1,] = _sender()
    for route_id, depth in zip(ROUTES, depths, strict=True):
        tables["route"][route_id,] = {
            "route_id": route_id, "kind": "smtp", "host": relay_of(route_id), "port": 25, "tls": "none",
            "username": "", "messages_per_second": None, "connections": 2, "depth": depth, "share": 1,
            "carries": "all", "signs_for": ["aoi.example"], "last_error": None, "set_aside": False,
        }  # fmt: skip
    for contact_id in range(1, PEOPLE + 1):
        _person(tables, contact_id)
    for mailing_id in MAILINGS:
        tables["mailing"][mailing_id,] = _mailing(mailing_id)
        for _ in range(2 if doubled and mailing_id == PROMOTIONS[0] else 1):
            _plan(server, mailing_id)


def relay_of(route_id: int) -> str:
    return f"relay{route_id}.example"


def mailing(mailing_id: int) -> MailingRow:
    """As a worker reads it."""
    columns = _mailing(mailing_id) | _sender()
    return MailingRow(*(columns[name] for name in MAILING_COLUMNS))


def runtime() -> Runtime:
    """Without a file: its only key is always the same."""
    here = Path("/nowhere")
    made = Runtime(here, here, "https://mail.aoi.example", database_url="", vault_url="")
    made.hold(KeyPurpose.LINK, KeyRing({1: bytes(32)}))
    return made


def compile_once(
    mailing: MailingRow,
    workspace_id: int,
    links: LinkKeys,
    public_url: str,
    *,
    eight_bit: bool = False,
    files: Sequence[MailFile] = (),
) -> Compiled:
    """Compiled once a process: the letters of all histories are the same."""
    name = (mailing.mailing_id, mailing.subject, eight_bit, tuple(files))
    if name not in _letters:
        _letters[name] = compile_mailing(
            mailing, workspace_id, links, public_url, eight_bit=eight_bit, files=files
        )
    return _letters[name]


def display(mailing: MailingRow, letter: Compiled, gate: GateRow, rules: Pack) -> DisplayReport:
    """Linted once a process: the same letter under the same rules has the same display."""
    name = (mailing.mailing_id, gate.b2c_mail_order, gate.dmarc, tuple(gate.exemptions), rules.name)
    if name not in _reports:
        _reports[name] = display_report(mailing, letter, gate, rules)
    return _reports[name]


_reports: dict[tuple[object, ...], DisplayReport] = {}
_letters: dict[tuple[object, ...], Compiled] = {}


def _person(tables: dict[str, dict[Key, Row]], contact_id: int) -> None:
    address = f"c{contact_id}@example.jp"
    tables["contact"][contact_id,] = {
        "family_name": "山田", "given_name": "花子", "company": None, "country": None, "kind": "person",
        "timezone": None,
    }  # fmt: skip
    tables["address"][contact_id,] = {
        "wire": address, "value": address, "invalid_at": None, "token": address
    }  # fmt: skip
    entry_id = entry_of(contact_id)
    tables["consent"][contact_id, TOPIC] = {
        "state": "active", "since": _CONSENTED, "confirmed": True, "expires_at": None,
        "last_contact_at": _CONSENTED, "entry_id": entry_id, "flaw": None,
    }  # fmt: skip
    tables["consent_event"][contact_id, 1] = {
        "topic_id": TOPIC, "kind": "confirmed", "at": _CONSENTED, "entry_id": entry_id
    }  # fmt: skip


def entry_of(contact_id: int) -> int:
    """The ledger entry of that person's consent."""
    return 1_000 + contact_id


def _mailing(mailing_id: int) -> Row:
    notice = mailing_id == NOTICE
    footer = "" if notice else footer_text(items_of(_SENDER, "月刊ショップだより", "ja"), "ja")
    facts: Row = dict.fromkeys(MAILING_COLUMNS)
    return facts | {
        "mailing_id": mailing_id,
        "kind": (MailingKind.NOTICE if notice else MailingKind.CAMPAIGN).value,
        "message_class": (MessageClass.TRANSACTIONAL if notice else MessageClass.ADVERTISING).value,
        "ads": (Ads.NONE if notice else Ads.MAIN).value,
        "promotional": not notice,
        "topic_id": None if notice else TOPIC,
        "channel": "email",
        "sender_id": 1,
        "week": monday(EPOCH),
        "subject": f"news {mailing_id}",
        "text": f"{{{{ name }}}}\n\n冬の新商品です。\n\n{footer}",
        "links": [],
        "subject_id": 0,
        "frequency_max": None if notice else 4,
        "frequency_per": None if notice else "week",
        "double_opt_in": True,
        "about": "own",
        "first_issue": False,
        "paid_content": False,
        "open_pixel": False,
        "state": "running",
    }


def _sender() -> Row:
    return {name: getattr(_SENDER, name) for name in MAILING_COLUMNS if hasattr(_SENDER, name)}


def _plan(server: Server, mailing_id: int) -> None:
    people = list(range(1, PEOPLE + 1))
    queue = (Queue.URGENT if mailing_id == NOTICE else Queue.SEND).value
    for place, at in enumerate(range(0, PEOPLE, CHUNK_PEOPLE)):
        no = server.next("chunk")
        server.tables["chunk"][mailing_id, no] = new_chunk(people[at : at + CHUNK_PEOPLE])
        server.tables["job"][server.next("job"),] = new_job(queue, mailing_id, no, priority=-place)
