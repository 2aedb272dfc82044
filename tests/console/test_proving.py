"""A person's proof leaves the desk as a file, after the ledger has written down who made it."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import time
from datetime import UTC, datetime

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Act, Role, may
from shodaku.kit import runtime
from shodaku.ledger import selectors, services, verify

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
PAPER = all(importlib.util.find_spec(name) for name in services.PAPER_LIBRARIES)
needs_paper = pytest.mark.skipif(not PAPER, reason="the libraries for paper are not installed")


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def reader(shop):
    reader = a_reader(shop)
    services.sequence_all(shop.workspace_id, now=NOW)
    return reader


def acts(shop):
    return [
        each.fields for each in selectors.history(shop.workspace_id, 0) if each.kind == "admin.bundle.made"
    ]


def told(answer):
    """The sentence that stands on the page the press led to."""
    return " ".join(map(str, answer.context["messages"]))


@pytest.mark.parametrize("role", [role for role in Role if may(role, Act.REVEAL)])
def test_the_proof_holds_without_us_and_who_made_it_stands_in_the_ledger(shop, reader, role):
    answer = at_desk(shop, role).post(url(shop, "prove", reader), {"file": "json"})
    assert answer["Content-Disposition"] == f'attachment; filename="proof-{reader}.json"'
    assert answer["Content-Type"] == "application/json"
    assert "no-store" in answer["Cache-Control"]
    keys = selectors.verifier_keys(shop.workspace_id)
    report = verify.check(verify.read_bundle(answer.content), keys, now=int(time.time()))
    assert [each.kind for each in report.entries] == ["consent.confirmed"]
    (act,) = acts(shop)
    assert (act["contact"], act["attached"], act["by"].startswith("staff:")) == (str(reader), False, True)


def test_what_they_were_shown_goes_along_if_it_is_wanted(shop, reader):
    at_desk(shop).post(url(shop, "prove", reader), {"file": "json", "attach": "on"})
    assert [each["attached"] for each in acts(shop)] == [True]


@needs_paper
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_proof_on_paper_is_a_pdf(shop, reader, language):
    desk = at_desk(shop, Role.COMPLIANCE)
    assert f'value="pdf_{language}"' in text_of(desk.get(url(shop, "contact", reader)))
    answer = desk.post(url(shop, "prove", reader), {"file": f"pdf_{language}"})
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert "no-store" in answer["Cache-Control"]


def test_where_no_paper_can_be_made_it_is_not_offered_and_nothing_is_written_down(shop, reader, monkeypatch):
    monkeypatch.setattr(services, "PAPER_LIBRARIES", ("no_such_library",))
    desk = at_desk(shop)
    assert "pdf_ja" not in text_of(desk.get(url(shop, "contact", reader)))
    answer = desk.post(url(shop, "prove", reader), {"file": "pdf_ja"}, follow=True)
    assert "Paper needs two more libraries" in told(answer)
    assert acts(shop) == []


def test_an_entry_on_its_way_is_answered_with_a_sentence(shop):
    reader = a_reader(shop)
    answer = at_desk(shop).post(url(shop, "prove", reader), {"file": "json"}, follow=True)
    assert "still on its way into the log; try again in a minute" in told(answer)
    assert acts(shop) == []


def test_of_somebody_whose_key_is_gone_there_is_nothing_to_prove(shop, reader):
    services.shred(shop.workspace_id, reader)
    answer = at_desk(shop).post(url(shop, "prove", reader), {"file": "json"}, follow=True)
    assert "nothing was recorded, or it was erased" in told(answer)


@pytest.mark.parametrize("said", [{}, {"file": "exe"}, {"file": ["pdf_fr"]}])
def test_a_kind_of_file_that_there_is_not_makes_nothing(shop, reader, said):
    answer = at_desk(shop).post(url(shop, "prove", reader), said, follow=True)
    assert "Choose the kind of file." in told(answer)
    assert acts(shop) == []


@pytest.mark.parametrize("role", [role for role in Role if not may(role, Act.REVEAL)])
def test_who_may_see_no_address_gets_no_proof(shop, reader, role):
    desk = at_desk(shop, role)
    assert desk.post(url(shop, "prove", reader), {"file": "json"}).status_code == 403
    assert url(shop, "prove", reader) not in text_of(desk.get(url(shop, "contact", reader)))


def test_a_link_makes_no_proof_and_of_who_is_not_here_there_is_none(shop, reader):
    desk = at_desk(shop)
    assert desk.get(url(shop, "prove", reader)).status_code == 405
    assert desk.post(url(shop, "prove", 987_654_321), {"file": "json"}).status_code == 404
    assert desk.post(url(shop, "prove", a_reader(a_shop())), {"file": "json"}).status_code == 404


def test_without_the_key_store_no_proof_is_made(shop, reader):
    desk = at_desk(shop)
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        answer = desk.post(url(shop, "prove", reader), {"file": "json"})
    assert (answer.status_code, "The key store cannot be reached" in text_of(answer)) == (503, True)


def test_nothing_of_where_they_sat_is_shown_unless_somebody_asks_for_it(shop, reader):
    answer = at_desk(shop).post(url(shop, "prove", reader), {"file": "json"})
    shown = json.loads(answer.content)["entries"][0]["disclosed"]
    assert not {"ip", "browser"} & shown.keys()
