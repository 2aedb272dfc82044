"""The ASGI application itself, as uvicorn calls it: how much of a request it takes in before it says no."""

from __future__ import annotations

import asyncio
import tempfile

import pytest
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from tests.ledger.proofs import FILE, LOG_KEY

from shodaku.config import body_limit
from shodaku.config.asgi import application
from shodaku.config.body_limit import HELD_BYTES_MAX, ORDINARY_BYTES_MAX, BodyLimit, bytes_max
from shodaku.console.views import recording
from shodaku.imports import files
from shodaku.ledger import images, views
from shodaku.ledger.verify import BUNDLE_BYTES_MAX

VERIFY = "/verify/"
CONSENT = "/console/shop/contacts/7/consent/"
IMPORT = "/console/shop/imports/new/"
PAPERS, MORE_PAPERS = "/console/shop/papers/new/", "/console/shop/papers/7/add/"
OPT_OUT = "/o/token"
PLACES = [VERIFY, CONSENT, IMPORT, OPT_OUT, "/", "/nowhere/at/all", "/console/shop/forms/check/"]
CHUNK = bytes(64 * 1024)
BOUNDARY = "bound"


class Line:
    """What the web server knows of one request: its body in pieces, how many were fetched, what was said."""

    def __init__(self, path, body=(), *, announced=None, content_type="text/plain"):
        headers = [(b"host", b"testserver"), (b"content-type", content_type.encode())]
        if announced is not None:
            headers.append(
                (b"content-length", announced if isinstance(announced, bytes) else b"%d" % announced)
            )
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"lang=en",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
        }
        self._body = iter(body)
        self.fetched, self.ended, self.sent = 0, False, []

    async def receive(self):
        piece = next(self._body, None)
        if piece is not None:
            self.fetched += 1
            return {"type": "http.request", "body": piece, "more_body": True}
        if not self.ended:
            self.ended = True
            return {"type": "http.request", "body": b"", "more_body": False}
        return await asyncio.get_running_loop().create_future()  # the person waits for the answer

    async def send(self, message):
        self.sent.append(message)

    def through(self, app):
        asyncio.run(app(self.scope, self.receive, self.send))
        return self

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def headers(self):
        return dict(self.sent[0]["headers"])

    @property
    def text(self):
        return b"".join(each.get("body", b"") for each in self.sent[1:]).decode()


class Reader:
    """An application that reads a body to its end, as Django does, and says how long it was."""

    def __init__(self):
        self.bytes_read, self.left, self.calls = 0, False, 0

    async def __call__(self, scope, receive, send):
        self.calls += 1
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.left = True
                return
            self.bytes_read += len(message["body"])
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"read"})


def pieces(size):
    return [CHUNK[: min(len(CHUNK), size - start)] for start in range(0, size, len(CHUNK))]


def endless():
    while True:
        yield CHUNK


def a_form(fields, file):
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="bundle"; filename="p"\r\n\r\n'.encode()
    return b"".join([*parts, head, file, f"\r\n--{BOUNDARY}--\r\n".encode()])


def posted(file, **fields):
    body = a_form(fields, file)
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return Line(VERIFY, [body], announced=len(body), content_type=kind)


def test_each_page_that_takes_files_takes_as_much_as_it_says_and_every_other_one_an_ordinary_form():
    assert bytes_max(VERIFY) >= BUNDLE_BYTES_MAX + views.FRAME_BYTES_MAX
    assert bytes_max(CONSENT) >= recording.SCAN_BYTES_MAX + recording.FRAME_BYTES_MAX
    assert bytes_max(IMPORT) >= files.BYTES_MAX + files.FRAME_BYTES_MAX
    for place in ("/", OPT_OUT, "/nowhere/at/all", "/verify/shodaku-verify.py", "/console/shop/imports/run/"):
        assert bytes_max(place) == ORDINARY_BYTES_MAX


def test_what_django_takes_of_a_form_without_a_file_is_never_refused_here():
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE < ORDINARY_BYTES_MAX


def test_a_proof_and_a_scan_stay_in_memory_whole():
    pages = (VERIFY, CONSENT, PAPERS, MORE_PAPERS)
    assert max(map(bytes_max, pages)) <= settings.FILE_UPLOAD_MAX_MEMORY_SIZE


def test_a_photo_of_40_megabytes_gets_as_far_as_the_page_that_tells_it_by_its_name():
    for place in (PAPERS, MORE_PAPERS):
        assert bytes_max(place) >= 40_000_000 + images.BYTES_MAX
        assert (
            Line(place, pieces(41_000_000), announced=41_000_000).through(BodyLimit(Reader())).status == 200
        )


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("announced", [2 << 30, b"9" * 5_000, b"9" * 17, None])
def test_what_is_announced_too_large_is_refused_before_a_byte_is_read(place, announced):
    line = Line(place, endless(), announced=bytes_max(place) + 1 if announced is None else announced)
    line.through(application)
    assert (line.status, line.fetched) == (413, 0)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("announced", [None, b"", b"-5", b"x", b"10"])
def test_a_body_that_does_not_end_is_refused_at_the_limit_and_read_no_further(place, announced):
    reader = Reader()
    line = Line(place, endless(), announced=announced).through(BodyLimit(reader))
    assert line.status == 413
    assert reader.left
    assert line.fetched == bytes_max(place) // len(CHUNK) + 1
    assert reader.bytes_read <= bytes_max(place)


def test_django_itself_reads_no_further_and_asks_no_view():
    line = Line("/nowhere/at/all", endless()).through(application)
    assert (line.status, line.fetched) == (413, ORDINARY_BYTES_MAX // len(CHUNK) + 1)


def test_a_single_piece_beyond_the_limit_is_not_handed_on():
    reader = Reader()
    line = Line(OPT_OUT, [bytes(ORDINARY_BYTES_MAX + 1)]).through(BodyLimit(reader))
    assert (line.status, reader.bytes_read) == (413, 0)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("tells", [True, False])
def test_a_body_up_to_the_limit_passes_whole(place, tells):
    size, reader = bytes_max(place), Reader()
    line = Line(place, pieces(size), announced=size if tells else None).through(BodyLimit(reader))
    assert (line.status, reader.bytes_read) == (200, size)


def test_the_refusal_is_a_sentence_in_both_languages_that_names_the_limit():
    line = Line(VERIFY, announced=2 << 30).through(application)
    ja, en = line.text.splitlines()
    assert ja == "送られた内容が大きすぎます。ここで受け取れるのは16 MBまでです。"
    assert en == "What was sent is too large; the limit here is 16 MB."
    assert line.headers[b"content-type"] == b"text/plain; charset=utf-8"
    assert int(line.headers[b"content-length"]) == len(line.text.encode())
    assert line.headers[b"cache-control"] == b"no-store"
    assert line.headers[b"referrer-policy"] == b"no-referrer"
    assert b"default-src 'none'" in line.headers[b"content-security-policy"]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("ja", ("送られた内容が大きすぎます。", "一度に送れるのは16 MBまでです。", "送り直してください。")),
        ("en", ("What was sent is too large.", "16 MB can be sent here at once.", "Go back")),
    ],
)
def test_a_browser_gets_it_as_a_page_in_its_language_that_says_what_to_do(language, sentences):
    line = Line(VERIFY, announced=2 << 30)
    line.scope["query_string"] = b""
    line.scope["headers"] += [(b"accept", b"text/html,*/*"), (b"accept-language", language.encode())]
    page = line.through(application)
    assert (page.status, page.headers[b"content-type"]) == (413, b"text/html; charset=utf-8")
    words = page.text.replace("<wbr>", "")
    assert [each for each in sentences if each not in words] == []
    assert f'<html lang="{language}"' in words
    assert int(page.headers[b"content-length"]) == len(page.text.encode())


def test_a_browser_may_finish_sending_so_that_it_reads_the_sentence_and_an_endless_body_may_not():
    a_little = Line(VERIFY, announced=bytes_max(VERIFY) + 1).through(application)
    assert b"connection" not in a_little.headers
    for line in (Line(VERIFY, announced=2 << 30), Line(VERIFY, endless())):
        assert line.through(application).headers[b"connection"] == b"close"


def test_a_proof_is_checked_by_the_real_application():
    line = posted(FILE, keys=LOG_KEY).through(application)
    assert line.status == 200
    assert "What is proven" in line.text


def test_the_largest_proof_touches_no_disk_on_its_way_through_django(monkeypatch):
    def refuse(*_arguments, **_more):
        raise AssertionError("a file was made")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", refuse)
    line = posted(b" " * BUNDLE_BYTES_MAX, keys=LOG_KEY).through(application)
    assert line.status == 200


def test_opting_out_reaches_its_view_with_all_that_an_ordinary_form_may_hold():
    body = b"List-Unsubscribe=One-Click&x=" + b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 100)
    line = Line(OPT_OUT, [body], announced=len(body), content_type="application/x-www-form-urlencoded")
    reader = Reader()
    line.through(BodyLimit(reader))
    assert (line.status, reader.bytes_read) == (200, len(body))


class Together:
    """Requests whose applications have read all there is and are still at work."""

    def __init__(self):
        self.finish, self.arrived = asyncio.Event(), asyncio.Semaphore(0)

    async def __call__(self, scope, receive, send):
        reader = Reader()
        await reader(scope, receive, self._nothing)
        if reader.left:
            return
        self.arrived.release()
        await self.finish.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _nothing(self, _message):
        pass


async def under_way(limit, together, lines):
    tasks = [asyncio.create_task(limit(line.scope, line.receive, line.send)) for line in lines]
    for _ in lines:
        await together.arrived.acquire()
    return tasks


async def full(limit, together):
    """As many of the largest lists as there is room for."""
    size = bytes_max(IMPORT)
    count = HELD_BYTES_MAX // (size - ORDINARY_BYTES_MAX)
    lines = [Line(IMPORT, pieces(size), announced=size) for _ in range(count)]
    return lines, await under_way(limit, together, lines)


def test_all_bodies_together_hold_no_more_than_there_is_room_for_and_ordinary_ones_always_pass():
    async def play():
        together = Together()
        limit = BodyLimit(together)
        lines, tasks = await full(limit, together)
        late = Line(IMPORT, endless(), announced=bytes_max(IMPORT))
        await limit(late.scope, late.receive, late.send)
        small = [Line(place, pieces(ORDINARY_BYTES_MAX)) for place in (OPT_OUT, VERIFY)]
        tasks += await under_way(limit, together, small)
        together.finish.set()
        await asyncio.gather(*tasks)
        again = Line(IMPORT, pieces(bytes_max(IMPORT)))
        await limit(again.scope, again.receive, again.send)
        return late, [*lines, *small, again]

    late, others = asyncio.run(play())
    assert late.status == 503
    assert late.headers[b"retry-after"] == b"60"
    assert late.text.splitlines()[1].startswith("Many files are being received right now")
    assert late.fetched * len(CHUNK) < HELD_BYTES_MAX - bytes_max(IMPORT)
    assert {line.status for line in others} == {200}


def test_room_is_given_back_when_the_application_fails_or_the_sender_leaves(monkeypatch):
    monkeypatch.setattr(body_limit, "HELD_BYTES_MAX", bytes_max(IMPORT))

    async def fail(scope, receive, send):
        await Reader()(scope, receive, send)
        raise RuntimeError

    limit = BodyLimit(fail)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            Line(IMPORT, pieces(bytes_max(IMPORT))).through(limit)


def test_who_leaves_in_the_middle_is_answered_nothing():
    line = Line(VERIFY, [CHUNK])

    async def gone():
        return {"type": "http.disconnect"}

    asyncio.run(application(line.scope, gone, line.send))
    assert line.sent == []


def test_what_is_no_request_goes_on_to_the_application():
    async def receive():
        return {"type": "lifespan.startup"}

    with pytest.raises(ValueError, match="only handle ASGI/HTTP connections"):
        asyncio.run(BodyLimit(ASGIHandler())({"type": "lifespan"}, receive, None))
