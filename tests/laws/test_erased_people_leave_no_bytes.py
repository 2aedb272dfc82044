"""Promise 8, down to the bytes: of who was erased no file of the installation holds a word any more.

Unique words are planted in every field that takes words, through the product's own ways in; they are read,
counted by the planner, mailed and logged. After the erasure the files are searched: tables, indexes and
statistics of the database once it was vacuumed, the queue among them, the home with its journals and uploads,
the logs, what was exported, and a dump that is made afterwards.
"""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
import pytest
from tests.conftest import HOME
from tests.console.desk import at_desk, url
from tests.delivery.mailings import launched, send_now, wait_until, worker_process
from tests.delivery.sink import RunningSink
from tests.faults import by_hand
from tests.people import a_shop
from tests.signup.forms import EVIDENCE as BROWSER
from tests.signup.forms import a_form, ask, confirm_token, contact_of, link

from shodaku.config import vacuuming
from shodaku.consent.domain import Method
from shodaku.contacts import services as contacts
from shodaku.erasure import selectors as erasures
from shodaku.erasure import services as erasure
from shodaku.imports import services as imports
from shodaku.imports.domain import Basis
from shodaku.kit import clock, db
from shodaku.kit.links import Purpose, Token
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.signup import services as signup

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.skipif(by_hand.EXTERNAL, reason="the files of this PostgreSQL are not ours to read"),
]
PEOPLE = 12
HEAD = "メール,姓,名,フリガナ,会社,誕生日,好きな色\n"


class Words:
    """Nobody else's, whatever else is in these files."""

    def __init__(self):
        nonce = uuid.uuid4().hex[:12]
        self.name = f"canary{nonce}"

    def of(self, field, number=0):
        return f"{self.name}{field}{number}"

    def address(self, number):
        return f"{self.of('mail', number)}@example.jp"

    def found_in(self, content):
        """UTF-8 as people write it, and in capitals; UTF-16 and hexadecimal as programs do."""
        name = self.name
        forms = (name.encode(), name.upper().encode(), name.encode("utf-16-le"), name.encode().hex().encode())
        return any(form in content for form in forms)


@dataclass(frozen=True, slots=True)
class Bytes:
    those: list[bytes]

    def found_in(self, content):
        return any(each in content for each in self.those)


def files_below(folder):
    return [each for each in folder.rglob("*") if each.is_file()]


def that_hold(words, files):
    return [str(each) for each in files if each.exists() and words.found_in(each.read_bytes())]


def searched_files(*folders):
    """All but the write-ahead log: it is PostgreSQL's own memory of the last minutes, and ends by itself."""
    found = [each for folder in (HOME, *folders) for each in files_below(folder)]
    return [each for each in found if "pg_wal" not in each.parts]


def sign_up(shop, words, number):
    address = words.address(number)
    ask(shop, address, name=words.of("name", number))
    signup.confirm_signup(confirm_token(shop, contact_of(shop, address)), BROWSER, clock.now())
    return contact_of(shop, address)


def bring_in(shop, *everybody):
    """A list of people who stand beside one another; ids of them all, turn by turn."""
    rows = "".join(
        f"{words.address(n)},{words.of('family', n)},{words.of('given', n)},カナリア,{words.of('firm', n)},"
        f"1980-01-02,{words.of('colour', n)}\n"
        for n in range(1, PEOPLE)
        for words in everybody
    )
    report = imports.bring_in(
        shop.workspace_id,
        io.BytesIO((HEAD + rows).encode()),
        imports.ImportOrder(
            file_name="list.csv",
            basis=Basis.CONSENT,
            evidence="本人の申込書",
            evidence_on=datetime(2026, 11, 1, tzinfo=UTC).date(),
            confirmed=True,
            topic_id=shop.topic_id,
        ),
        dry_run=False,
        staff_id=None,
        now=clock.now(),
    )
    assert sum(report.counts.values()) == (PEOPLE - 1) * len(everybody)
    return [[contact_of(shop, words.address(n)) for n in range(1, PEOPLE)] for words in everybody]


def a_letter(words, number):
    return (
        f"From: {words.of('display', number)} <{words.address(number)}>\r\nTo: support@aoi.example\r\n"
        f"Subject: {words.of('subject', number)}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"{words.of('text', number)}\r\n"
    ).encode()


def live(shop, database, words, neighbours, tmp_path):
    """What happens to people before they go; their contact ids. Their neighbours stay."""
    brought, _ = bring_in(shop, words, neighbours)
    people = [sign_up(shop, words, 0), *brought]
    with db.transaction(shop.workspace_id):
        contacts.record_purchases(
            [
                {"contact_id": each, "title": words.of("bought"), "amount_yen": 1_650, "at": clock.now()}
                for each in people
            ]
        )
        for each in people:
            contacts.write_note(each, words.of("note"), written_by=1, now=clock.now())
    mailing_id = launched(shop, people)
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path / "sending")
    assert len(sink.arrived) == PEOPLE
    for number in range(3):
        optout.receive_mail(shop.workspace_id, a_letter(words, number), clock.now())
    look_at(shop, words, people)
    return people


def look_at(shop, words, people):
    """Pages that name them, and a question and a fault that name them too."""
    browser = at_desk(shop)
    assert words.name in browser.get(url(shop, "contact", people[1])).content.decode()
    browser.get(url(shop, "contacts"), {"q": words.address(1)})
    browser.get(f"/{words.of('path')}")
    browser.post(f"/p/{link(Token(shop.workspace_id, 0, people[0], Purpose.PREFERENCE))}", {"x": words.name})


def keys_of(shop, database, people):
    """The keys that are to be destroyed, as they lie in the vault."""
    with psycopg.connect(database.vault) as connection:
        statement = "select wrapped from person_key where workspace_id = %s and contact_id = any(%s)"
        found = connection.execute(statement, [shop.workspace_id, people]).fetchall()
    assert len(found) == len(people)
    return Bytes([row[0] for row in found])


def forget(shop, database, people, tmp_path):
    """Each of their own will, and by the worker that does it every day."""
    requests = [
        OptOut(workspace_id=shop.workspace_id, contact_id=each, scope=OptOutScope.ERASE, via=Method.PAGE)
        for each in people
    ]
    optout.opt_out_many(requests, clock.now())
    with worker_process(database, tmp_path / "chores", plane="chore"):
        wait_until(lambda: erasures.unfinished(shop.workspace_id, before=clock.now()) == 0, 60)
    for each in people:
        erasure.forget_late_results(shop.workspace_id, each)


def test_after_an_erasure_no_file_holds_a_word_about_the_person(database, tmp_path, capfd):
    shop, words, neighbours = a_shop(), Words(), Words()
    a_form(shop)
    people = live(shop, database, words, neighbours, tmp_path)
    with psycopg.connect(by_hand.superuser(database), autocommit=True) as root:
        root.execute("analyze")
        with psycopg.connect(database.vault, autocommit=True) as vault:
            vault.execute("analyze")
        root.execute("checkpoint")
        assert that_hold(words, files_below(HOME / "postgres" / "data")), "or the search proves nothing"
        wrapped = keys_of(shop, database, people)
        forget(shop, database, people, tmp_path)
        assert all(each.done for each in vacuuming.write_anew())
        root.execute("checkpoint")
    by_hand.dump(database, tmp_path / "dump.sql")
    (tmp_path / "log").write_text("".join(capfd.readouterr()), encoding="utf-8")
    assert (tmp_path / "log").stat().st_size > 0
    assert that_hold(words, searched_files(tmp_path)) == []
    assert that_hold(wrapped, searched_files(tmp_path)) == []
    assert that_hold(neighbours, searched_files(tmp_path))
