"""One click through the web server as it is run: every form of a press, and what is none."""

from __future__ import annotations

import contextlib
import threading

import pytest
from tests.optout.serving import PRESS, URLENCODED, a_server, a_token
from tests.people import a_contact, a_reader, a_shop

from shodaku.contacts import services as contacts
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.suppression import selectors as suppressions

TOGETHER = 200
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
MULTIPART = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n'
    f"--{BOUNDARY}--\r\n"
).encode()
FORM = f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture(scope="module")
def server(database):
    with a_server(database) as server:
        yield server


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


def refused(shop, contact_id):
    return [each.scope for each in suppressions.refusals(shop.workspace_id, contact_id)]


def without(answer, token):
    """What is compared: all but the time, and the link that a page may repeat."""
    status, headers, body = answer
    said = {name: value for name, value in headers.items() if name.lower() != "date"}
    return status, said, body.replace(token.encode(), b"")


def test_a_press_is_obeyed_with_its_evidence_when_it_is_answered(server, shop):
    person = a_reader(shop)
    status, headers, _ = server.press(a_token(shop, person))
    entry = ledger.history(shop.workspace_id, person)[-1]
    assert (status, refused(shop, person)) == (200, ["all"])
    assert (entry.fields["via"], entry.fields["ip"], entry.fields["url"].endswith("/o")) == (
        "one-click",
        "127.0.0.1",
        True,
    )
    assert "set-cookie" not in {name.lower() for name in headers}


def test_a_good_a_forged_and_an_erased_persons_link_are_answered_with_the_same_bytes(server, shop):
    gone = a_contact(shop)
    with db.transaction(shop.workspace_id):
        contacts.forget(gone)
    good = a_token(shop, a_reader(shop))
    forged = ("B" if good[-2] != "B" else "C").join((good[:-2], good[-1]))
    answers = [without(server.press(token), token) for token in (good, forged, a_token(shop, gone), good)]
    assert answers == [answers[0]] * 4
    assert answers[0][0] == 200


def test_it_is_the_answer_that_django_gives_to_a_press_it_reads_itself(server, shop):
    token = a_token(shop, a_reader(shop))
    through_django = server.ask("POST", f"/o/{token}", PRESS + b"&more=", {"Content-Type": URLENCODED})
    assert without(server.press(token), token) == without(through_django, token)


@pytest.mark.parametrize("language", ["ja", "en", "en-GB,en;q=0.9,ja;q=0.1", "zz", "\xff"])
def test_it_speaks_the_language_that_django_would_speak(server, shop, language):
    token = a_token(shop, a_reader(shop))
    headers = {"Content-Type": URLENCODED, "Accept-Language": language}
    quick = server.ask("POST", f"/o/{token}", PRESS, headers)
    slow = server.ask("POST", f"/o/{token}", PRESS + b"&more=", headers)
    assert without(quick, token) == without(slow, token)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (URLENCODED, PRESS),
        (f"{URLENCODED}; charset=UTF-8", PRESS),
        (URLENCODED, [PRESS[:7], PRESS[7:]]),
        (FORM, MULTIPART),
        (f'multipart/form-data; boundary="{BOUNDARY}"', MULTIPART),
        (FORM, [MULTIPART[:30], MULTIPART[30:]]),
        (FORM, MULTIPART.removesuffix(b"\r\n")),
        (FORM, MULTIPART.replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain\r\n\r\n")),
        (URLENCODED, b"List%2DUnsubscribe=One%2DClick"),
        (FORM, b"a preamble\r\n" + MULTIPART),
        (FORM, MULTIPART.replace(b"form-data;", b"form-data ;")),
    ],
)
def test_every_form_of_a_press_is_one(server, shop, content_type, body):
    person = a_reader(shop)
    status, _, _ = server.ask("POST", f"/o/{a_token(shop, person)}", body, {"Content-Type": content_type})
    entry = ledger.history(shop.workspace_id, person)[-1]
    assert (status, refused(shop, person), entry.fields["via"]) == (200, ["all"], "one-click")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (URLENCODED, b"scope=all"),
        (URLENCODED, PRESS.replace(b"One-Click", b"one-click")),
        (FORM, MULTIPART.replace(b"One-Click", b"Two-Click")),
        ("text/plain", PRESS),
        (URLENCODED, b""),
        (URLENCODED, b"x=" + bytes(1_000_000)),
        (URLENCODED, [b"x=" + bytes(500_000), bytes(500_000)]),
        (FORM, PRESS),
    ],
)
def test_what_is_no_one_click_is_read_by_the_page_and_stops_all_the_same(server, shop, content_type, body):
    person = a_reader(shop)
    status, _, _ = server.ask("POST", f"/o/{a_token(shop, person)}", body, {"Content-Type": content_type})
    entry = ledger.history(shop.workspace_id, person)[-1]
    assert (status, refused(shop, person), entry.fields["via"]) == (200, ["all"], "page")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_opening_the_link_shows_the_page_and_changes_nothing(server, shop, method):
    person = a_reader(shop)
    status, _, body = server.ask(method, f"/o/{a_token(shop, person)}")
    assert (status, refused(shop, person), len(body) > 1_000) == (200, [], method == "GET")


def test_a_body_with_no_end_is_not_taken_in(server, shop):
    person = a_reader(shop)
    endless = [bytes(500_000)] * 8
    status = None  # whoever goes on sending may find the line closed before they read the answer
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        headers = {"Content-Type": URLENCODED}
        status, _, _ = server.ask("POST", f"/o/{a_token(shop, person)}", endless, headers)
    assert status in (413, None)
    assert refused(shop, person) == []
    assert server.press(a_token(shop, person))[0] == 200


def test_for_another_host_nothing_is_answered_as_ours(server, shop):
    headers = {"Content-Type": URLENCODED, "Host": "evil.example"}
    status, _, _ = server.ask("POST", f"/o/{a_token(shop, a_reader(shop))}", PRESS, headers)
    assert status == 400


def test_two_hundred_who_press_at_once_are_all_obeyed_when_they_are_answered(server, shop):
    people = [a_reader(shop) for _ in range(TOGETHER)]
    begin, statuses = threading.Barrier(TOGETHER), []

    def press(token):
        begin.wait()
        statuses.append(server.press(token)[0])

    threads = [threading.Thread(target=press, args=[a_token(shop, person)]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * TOGETHER
    assert [refused(shop, person) for person in people] == [["all"]] * TOGETHER
    assert [len(ledger.history(shop.workspace_id, person)) for person in people[::20]] == [2] * 10


def test_who_is_held_waits_alone(server, shop, database):
    import psycopg

    held, free = a_reader(shop), a_reader(shop)
    answered = []
    with psycopg.connect(database.application) as sending:
        sending.execute("select set_config('shodaku.workspace', %s, false)", [str(shop.workspace_id)])
        sending.execute("select from contact where contact_id = %s for share", [held])
        waiting = threading.Thread(target=lambda: answered.append(server.press(a_token(shop, held))))
        waiting.start()
        status, _, _ = server.press(a_token(shop, free))
        assert (status, refused(shop, free), answered) == (200, ["all"], [])
    waiting.join()
    assert (answered[0][0], refused(shop, held)) == (200, ["all"])
