"""What the ledger costs: recorded, taken up, signed, proven, audited and checked offline; rates and bytes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from itertools import count, islice
from pathlib import Path
from statistics import median
from typing import Final

import psycopg
from django.test import Client

from shodaku.accounts import selectors as accounts
from shodaku.config.bench import machine, sample
from shodaku.config.bench.sample import Shop
from shodaku.kit import clock, db
from shodaku.kit.errors import ShodakuError
from shodaku.kit.ids import uuid7
from shodaku.ledger import selectors, sequencing, services, verify
from shodaku.ledger.domain import Kind, Value
from shodaku.ledger.merkle import TILE_WIDTH, StoredTree, verify_inclusion
from shodaku.ledger.services import Act
from shodaku.signup import selectors as signups
from shodaku.signup import services as signup
from shodaku.signup import stamp
from shodaku.signup.domain import FormDefinition, Shown
from shodaku.signup.stamp import Stamp

ENTRIES: Final = 1_000_000
PEOPLE_PER_BATCH: Final = 500
BATCH: Final = 2_000  # entries a transaction, four of each person
SIGNUPS: Final = 400
PROOFS: Final = 200
ROUNDS: Final = 5
# what a sign-up by web records; 14 fields with those the ledger adds
FIELDS: Final[Mapping[str, Value]] = {
    "address": "taro.yamada@example.jp",
    "channel": "email",
    "method": "web-double",
    "url": "https://mail.example.jp/f/aoi/news",
    "form_sha256": "5f" * 32,
    "wording_version": 3,
    "wording_sha256": "b5" * 32,
    "policy_sha256": "77" * 32,
    "topics": ["お店のお便り"],
    "frequency": ["week:1"],
    "purpose": ["商品の案内"],
    "ip": "203.0.113.7",
}

# with indexes and with what is stored aside
_SIZE: Final = """
    select sum(pg_total_relation_size(oid)) from pg_class where relkind = 'r' and relname in
    ('ledger_entry', 'ledger_sealed', 'ledger_pending', 'ledger_leaf', 'ledger_tile', 'ledger_checkpoint')
"""


class DoesNotAgree(ShodakuError):
    """The log that was measured does not agree with itself."""

    code = "bench_does_not_agree"


def run(options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Options: messages (entries of the long log), owner_url, rounds."""
    entries = int(str(options.get("messages", ENTRIES)))
    rounds = int(str(options.get("rounds", ROUNDS)))
    owner_url = str(options["owner_url"])
    yield _signup(owner_url, rounds)
    shop = sample.fill(owner_url, 1, clock.now())
    before = _bytes_on_disk(owner_url)
    recorded, taken_up = _pipeline(shop, entries)
    yield machine.line("ledger", "pipeline", "entries/s", [entries / (recorded + taken_up)], entries)
    yield machine.line(
        "ledger", "disk", "bytes an entry", [(_bytes_on_disk(owner_url) - before) / entries], entries
    )
    yield machine.line("ledger", "sequencing", "entries/s", _sequencing(shop, rounds), 5 * BATCH)
    yield from _proofs(shop)
    audits = [_seconds(lambda: _agreeing(selectors.audit_tree(shop.workspace_id).faults)) for _ in range(3)]
    size = _size(shop)
    yield machine.line("ledger", "audit", "s per million", [each / size * 1e6 for each in audits], size)
    bodies = _seconds(lambda: _agreeing(selectors.audit(shop.workspace_id).faults)) - median(audits)
    yield machine.line("ledger", "audit of the sealed bodies", "s per million", [bodies / size * 1e6], size)
    yield from _verify(shop, rounds)


def _pipeline(shop: Shop, entries: int) -> tuple[float, float]:
    """Seconds for recording and for taking up, one after the other in this one process."""
    recorded = taken_up = 0.0
    people = _people(shop, entries // 4)
    while chosen := list(islice(people, PEOPLE_PER_BATCH)):
        recorded += _seconds(partial(_record, shop, chosen))
        taken_up += _seconds(lambda: services.sequence_all(shop.workspace_id, now=clock.now()))
    return recorded, taken_up


def _record(shop: Shop, people: Sequence[int]) -> None:
    """Four entries a person, as asked, confirmed, renewed, withdrawn."""
    now = clock.now()
    services.ensure_keys(shop.workspace_id, people)
    with db.transaction(shop.workspace_id):
        kinds = (
            Kind.CONSENT_REQUESTED,
            Kind.CONSENT_CONFIRMED,
            Kind.CONSENT_RECONFIRMED,
            Kind.CONSENT_WITHDRAWN,
        )
        services.append_many(
            [Act(who, uuid7(now, os.urandom(10)), kind, now, FIELDS) for kind in kinds for who in people]
        )


def _sequencing(shop: Shop, rounds: int) -> list[float]:
    """Entries a second with nothing else going on: batches that wait are taken up."""
    rates = []
    for _ in range(rounds):
        for people in _chunks(list(_people(shop, 5 * BATCH // 4)), PEOPLE_PER_BATCH):
            _record(shop, people)
        waiting = selectors.waiting(shop.workspace_id)
        rates.append(waiting / _seconds(lambda: services.sequence_all(shop.workspace_id, now=clock.now())))
    return rates


def _proofs(shop: Shop) -> Iterator[Mapping[str, object]]:
    """Cold: each proof reads its tiles anew. Warm: one reading serves many proofs."""
    head = selectors.head(shop.workspace_id)
    if head is None:
        return
    step = max(1, head.size // PROOFS)
    cold, hashes = [], 0
    for index in range(0, head.size, step):
        start = time.perf_counter()
        proof = selectors.inclusion(shop.workspace_id, index, head.size)
        cold.append((time.perf_counter() - start) * 1e3)
        hashes = max(hashes, len(proof))
        (place,) = selectors.entries_at(shop.workspace_id, index, index + 1)
        _must(verify_inclusion(place.hash, index, head.size, proof, head.root))
    yield machine.line("ledger", "proof_cold", "ms", cold, head.size, hashes_max=hashes)
    with db.transaction(shop.workspace_id):
        tree = StoredTree(head.size, sequencing.read_tile)
        warm = [
            _seconds(partial(tree.inclusion_proof, index)) * 1e3
            for _ in range(2)
            for index in range(min(head.size, TILE_WIDTH))
        ]
    yield machine.line("ledger", "proof_warm", "ms", warm[len(warm) // 2 :], head.size)


def _verify(shop: Shop, rounds: int) -> Iterator[Mapping[str, object]]:
    """Of a person with four entries: the size of the file, and the whole process that checks it."""
    (who,) = islice(_people(shop, 1), 1)
    _record(shop, [who])
    services.sequence_all(shop.workspace_id, now=clock.now())
    text = selectors.bundle(shop.workspace_id, who).as_json()
    vkey = selectors.verifier_keys(shop.workspace_id)[0]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "bundle.json")
        file.write_text(text, encoding="utf-8")
        verifier = Path(folder, "shodaku-verify.py")
        verifier.write_text(Path(verify.__file__).read_text(encoding="utf-8"), encoding="utf-8")
        command = [sys.executable, "-I", "-S", str(verifier), str(file), "--key", vkey]
        seconds = [_seconds(lambda: _ok(command)) for _ in range(rounds)]
    yield machine.line("ledger", "verify", "s", seconds, 4)
    yield machine.line("ledger", "bundle", "bytes", [float(len(text.encode()))], 4)


def _ok(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own program


def _signup(owner_url: str, rounds: int) -> Mapping[str, object]:
    """A sign-up with its evidence against the same without any: no key, no commitment, no sealing."""
    shown = _published_form(sample.fill(owner_url, 1, clock.now()))
    numbers = count(1)
    with_ledger: list[float] = []
    without: list[float] = []
    send = _sender_of(shown, numbers)
    for _ in range(rounds):
        ours, bare = [], []
        for _ in range(SIGNUPS // rounds):  # in turn, for a machine is not equally quick all the time
            ours.append(_seconds(send))
            with _no_ledger():
                bare.append(_seconds(send))
        with_ledger.append(median(ours) * 1e3)
        without.append(median(bare) * 1e3)
    ratios = [ours / bare for ours, bare in zip(with_ledger, without, strict=True)]
    return machine.line(
        "ledger",
        "signup",
        "ratio",
        ratios,
        SIGNUPS,
        reference="the same without entries",
        ratio=round(median(ratios), 3),
        ratios=[round(each, 3) for each in ratios],
        milliseconds=round(median(with_ledger), 2),
    )


def _published_form(shop: Shop) -> Shown:
    now = clock.now()
    form = signup.NewForm(slug="join", name="計測", sender_id=shop.sender_id)
    form_id = signup.create_form(shop.workspace_id, form, now)
    definition = FormDefinition(title="お知らせ", title_en="News", topic_ids=(shop.topic_id,))
    version = signup.publish(shop.workspace_id, form_id, definition, None, now)
    shown = signups.shown(shop.workspace_id, form_id, version, "ja")
    if shown is None:
        raise DoesNotAgree
    return shown


def _stamped(shown: Shown) -> str:
    """As if the page had been opened ten seconds ago."""
    wording = shown.published.wording(shown.language)
    return stamp.sign(
        Stamp(
            workspace_id=shown.workspace_id,
            form_id=shown.form_id,
            version=shown.version,
            wording_version=wording.version,
            wording_sha256=wording.sha256,
            language=shown.language,
            at=int(clock.now().timestamp()) - 10,
        )
    )


def _sender_of(shown: Shown, numbers: Iterator[int]) -> Callable[[], None]:
    """A visitor sends the form, as the server sees it: the whole stack but the socket."""
    client = Client(headers={"host": "127.0.0.1", "sec-fetch-site": "same-origin"})
    workspace = accounts.workspace(shown.workspace_id)
    _must(workspace is not None)
    place = f"/f/{workspace.slug if workspace else ''}/join"

    def send() -> None:
        fields = {
            "email": f"reader{next(numbers)}@bench.example",
            "topics": [str(topic.topic_id) for topic in shown.published.topics],
            "stamp": _stamped(shown),
        }
        _must(client.post(place, fields).status_code == HTTPStatus.OK)

    return send


@contextmanager
def _no_ledger() -> Iterator[None]:
    numbers = count(10**12)
    kept = services.append, services.ensure_keys
    services.append = lambda _act: next(numbers)  # type: ignore[assignment] # the rest stays
    services.ensure_keys = lambda _workspace_id, _contact_ids: None  # type: ignore[assignment]
    try:
        yield
    finally:
        services.append, services.ensure_keys = kept


def _must(holds: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise DoesNotAgree


def _agreeing(faults: Sequence[object]) -> None:
    _must(not faults)


def _people(shop: Shop, count: int) -> Iterator[int]:
    """Numbers of contacts; the ledger knows nobody by more than that."""
    with db.transaction(shop.workspace_id) as connection:
        row = connection.execute(
            "select max(contact_id) from ledger_sealed where workspace_id = %s", [shop.workspace_id]
        ).fetchone()
    first = (row[0] if row and row[0] else 1_000_000) + 1
    return iter(range(first, first + count))


def _chunks(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for at in range(0, len(numbers), size):
        yield numbers[at : at + size]


def _size(shop: Shop) -> int:
    head = selectors.head(shop.workspace_id)
    return head.size if head else 0


def _bytes_on_disk(owner_url: str) -> float:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        row = owner.execute(_SIZE).fetchone()
    return float(row[0]) if row else 0.0


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
