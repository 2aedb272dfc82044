"""One connection to the web server: clicks among other requests are answered in order, each whole."""

from __future__ import annotations

import re
import socket

import pytest
from tests.delivery.measured import TARGETS, a_mailing, a_measured_reader, click_path, pixel_path
from tests.optout.serving import a_server
from tests.people import a_shop

HEAD = "Host: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: ([0-9]+)\r\n", re.IGNORECASE)


@pytest.fixture(scope="module")
def places(database):
    """A server's port, and the addresses of a link and of a pixel that it remembers."""
    shop = a_shop()
    person = a_measured_reader(shop)
    mailing = a_mailing(shop, [person])
    with a_server(database) as server:
        click, pixel = click_path(shop, mailing, person), pixel_path(shop, mailing, person)
        server.ask("GET", click)  # from here on it is answered from memory
        yield server.port, click, pixel


class Line:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.came = b""

    def say(self, *requests):
        self.socket.sendall("".join(requests).encode())

    def read(self, *, body=True):
        """Status, head and body of the next answer; b"" when the line has ended."""
        while b"\r\n\r\n" not in self.came:
            data = self.socket.recv(65_536)
            if not data:
                return 0, self.came, b""
            self.came += data
        head, _, rest = self.came.partition(b"\r\n\r\n")
        found = LENGTH.search(head + b"\r\n")
        length = int(found[1]) if found and body else 0
        while len(rest) < length:
            rest += self.socket.recv(65_536)
        self.came = rest[length:]
        return int(head[9:12]), head, rest[:length]


@pytest.fixture
def line(places):
    line = Line(places[0])
    yield line
    line.socket.close()


def get(path, *, method="GET", version="1.1", more=""):
    return f"{method} {path} HTTP/{version}\r\n{HEAD}{more}\r\n"


def test_clicks_and_pages_on_one_line_are_answered_in_the_order_in_which_they_were_asked(places, line):
    _, click, pixel = places
    line.say(get(click), get("/health"), get(pixel), get(click), get("/c/none"), get(click))
    answers = [line.read() for _ in range(6)]
    assert [status for status, _, _ in answers] == [302, 200, 200, 302, 404, 302]
    assert answers[1][2] == b"ok"
    assert answers[2][2][:6] == b"GIF89a"
    assert f"location: {TARGETS[0]}".encode() in answers[5][1]
    assert line.came == b""


def test_one_after_the_other_a_line_takes_as_many_as_come(places, line):
    _, click, pixel = places
    for path, status in [(click, 302), (pixel, 200), ("/health", 200), (click, 302)] * 5:
        line.say(get(path))
        assert line.read()[0] == status


def test_an_answer_to_head_has_no_body(places, line):
    _, click, pixel = places
    line.say(get(pixel, method="HEAD"), get(click, method="HEAD"), get("/health"))
    assert [line.read(body=False)[0], line.read(body=False)[0], line.read()[0]] == [200, 302, 200]


def test_a_request_that_comes_in_pieces_is_one(places, line):
    _, click, _ = places
    whole = get(click)
    for at in range(0, len(whole), 7):
        line.say(whole[at : at + 7])
    assert line.read()[0] == 302


def test_what_somebody_sends_along_with_a_click_is_not_the_next_request(places, line):
    _, click, _ = places
    line.say(get(click, more="Content-Length: 9\r\n"), "GET /x HT", get("/health"))
    assert [line.read()[0], line.read()[2]] == [302, b"ok"]


@pytest.mark.parametrize(("version", "more"), [("1.0", ""), ("1.1", "Connection: close\r\n")])
def test_who_wants_the_line_closed_finds_it_closed(places, line, version, more):
    _, click, _ = places
    line.say(get(click, version=version, more=more))
    assert line.read()[0] == 302
    assert line.read() == (0, b"", b"")


def test_a_line_on_which_nothing_comes_after_a_click_is_closed_and_not_before_its_time(places, line):
    _, click, _ = places
    line.say(get(click))
    assert line.read()[0] == 302
    line.say(get(click))
    assert line.read()[0] == 302
    assert line.read() == (0, b"", b"")  # uvicorn's five seconds
