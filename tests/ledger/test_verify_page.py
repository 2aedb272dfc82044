"""The page where anybody checks a proof: without script, cookie or sign-in, and nothing of it is kept."""

from __future__ import annotations

import json
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from tests.ledger.proofs import (
    FILE,
    LOG_KEY,
    NOW,
    ORIGIN,
    SEEN_AT,
    WITNESS_KEY,
    Log,
    Witness,
    a_log,
)
from tests.people import a_reader, a_shop

from shodaku.kit import clock
from shodaku.ledger import selectors, services, verify, views
from shodaku.ledger.verify import BUNDLE_BYTES_MAX, Refusal

PAGE = "/verify/"
PROGRAM = "/verify/shodaku-verify.py"
W1 = Witness("witness.example.org/w1")


@pytest.fixture
def browser():
    """As strict as Django can be: who needed a cookie would be refused."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture(autouse=True)
def at_the_time():
    with clock.standing_at(datetime.fromtimestamp(NOW, UTC)):
        yield


@pytest.fixture
def served_here(monkeypatch):
    """This server keeps the log of the example; the database behind it is another test's matter."""
    monkeypatch.setattr(selectors, "keys_of_origin", lambda origin: [LOG_KEY] if origin == ORIGIN else [])


def send(browser, content=FILE, language="en", **fields):
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    return browser.post(f"{PAGE}?lang={language}", {"bundle": SimpleUploadedFile("proof", content), **fields})


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode().replace("<wbr>", ""))


def test_the_form_asks_for_a_file_and_needs_no_cookie_and_no_script(browser):
    response = browser.get(PAGE)
    page = text_of(response)
    assert (response.status_code, len(response.cookies)) == (200, 0)
    assert 'enctype="multipart/form-data"' in page
    assert 'type="file"' in page
    assert "<script" not in page
    assert PROGRAM in page
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("language", "proven", "open_"),
    [
        ("en", "What is proven", "What is not proven"),
        ("ja", f"台帳「{ORIGIN}」が3件になった時点まで", "鍵を持つ者が台帳の全体を書き換えていないこと"),
    ],
)
def test_with_a_pasted_key_the_page_says_what_is_proven_and_what_is_not(browser, language, proven, open_):
    response = send(browser, keys=LOG_KEY, language=language)
    page = text_of(response)
    assert (response.status_code, len(response.cookies)) == (200, 0)
    assert proven in page
    assert open_ in page
    assert "taro@example.jp" in page
    assert 'data-tone="go"' in page
    assert "no-store" in response["Cache-Control"]


def test_witnesses_that_are_pasted_must_have_signed(browser):
    page = text_of(send(browser, keys=f"{LOG_KEY}\r\n\r\n {WITNESS_KEY} "))
    assert "The witness witness.example.org/w1 saw this state of the log" in page
    stranger = str(Witness("witness.example.net/w9").key)
    refused = text_of(send(browser, keys=f"{LOG_KEY}\n{stranger}"))
    assert "Too few witnesses: 1 are needed, 0 signed." in refused


def test_a_pasted_checkpoint_is_compared(browser):
    log = a_log()
    bundle = log.bundle(1, 3, earlier=2)
    kept = log.note(2).replace("\n", "\r\n")  # as every browser sends it
    assert "Since the checkpoint that you kept (2 entries)" in text_of(
        send(browser, bundle, keys=log.keys[0], earlier=kept)
    )
    other = Log()
    other.record(n=9)
    other.record(n=8)
    forked = text_of(send(browser, bundle, keys=log.keys[0], earlier=other.note()))
    assert "the log was forked" in forked


def test_without_a_key_the_server_takes_its_own_and_says_so(browser, served_here):
    page = text_of(send(browser))
    assert "The key came from this server itself." in page
    assert "What is proven" in page
    assert "Checked with the key that you entered." in text_of(send(browser, keys=LOG_KEY))


def test_a_proof_of_a_log_that_is_not_served_here_needs_a_key(browser, served_here):
    response = send(browser, a_log(origin="other.example/ledger/x").bundle(1))
    assert response.status_code == 422
    assert "This server does not hold the ledger of this proof." in text_of(response)


def test_a_changed_proof_is_refused_in_a_sentence_of_its_own(browser, served_here):
    made = FILE.replace(b"taro@example.jp", b"jiro@example.jp", 1)
    for fields in ({}, {"keys": LOG_KEY}):
        response = send(browser, made, **fields)
        assert response.status_code == 200
        assert "The values of entry 1 are not those that the log recorded." in text_of(response)
        assert "What is proven" not in text_of(response)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Refusal.EMPTY),
        (b"%PDF-1.7", Refusal.NOT_JSON),
        (FILE[:999], Refusal.TRUNCATED),
        (b"[" * 100_000, Refusal.TOO_DEEP),
        (b'{"format": "shodaku-bundle/9"}', Refusal.OTHER_VERSION),
    ],
)
def test_what_is_no_proof_is_refused_and_never_an_error(browser, content, reason):
    english = reason.value.en.partition("{")[0]
    for fields in ({}, {"keys": LOG_KEY}):
        assert english in text_of(send(browser, content, **fields))


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("nonsense", "This is no verifier key, or it was copied with a slip: nonsense."),
        ("\n".join([LOG_KEY] * 21), "At most 20 keys."),
    ],
)
def test_a_key_with_a_slip_is_told_at_its_field(browser, keys, sentence):
    response = send(browser, keys=keys)
    assert response.status_code == 422
    assert sentence in text_of(response)


def test_without_a_file_the_form_comes_back_with_what_was_typed(browser):
    response = browser.post(f"{PAGE}?lang=en", {"keys": LOG_KEY})
    assert response.status_code == 422
    assert LOG_KEY in text_of(response)


def test_a_file_beyond_the_limit_has_its_own_sentence(browser):
    for size in (BUNDLE_BYTES_MAX + 1, BUNDLE_BYTES_MAX + views.FRAME_BYTES_MAX):
        page = text_of(send(browser, b" " * size, keys=LOG_KEY))
        assert "The file is too large; the limit is 16 MB." in page
    assert send(browser, b" " * (BUNDLE_BYTES_MAX + views.FRAME_BYTES_MAX)).status_code == 413


def test_a_body_that_is_announced_beyond_the_limit_is_not_read():
    class Unreadable:
        def read(self, *_size):
            raise AssertionError("was read")

    request = RequestFactory().post(PAGE, b"", content_type="multipart/form-data; boundary=x")
    request.META["CONTENT_LENGTH"] = str(2 << 30)
    request._stream = Unreadable()
    request.LANGUAGE_CODE = "en"
    assert views.VerifyView.as_view()(request).status_code == 413


@pytest.mark.parametrize("body", [b"broken", b"--x\r\nContent-Disposition: form-data; name="])
def test_a_body_that_is_cut_off_is_told_and_no_error(browser, body):
    response = browser.post(f"{PAGE}?lang=en", body, content_type="multipart/form-data; boundary=")
    assert response.status_code == 400
    assert "The file did not arrive whole." in text_of(response)


def test_no_upload_becomes_a_file(browser, monkeypatch):
    monkeypatch.setattr(settings, "FILE_UPLOAD_MAX_MEMORY_SIZE", 0)

    def refuse(*_arguments, **_more):
        raise AssertionError("a file was made")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", refuse)
    big = a_log().bundle(1, 3) | {"attachments": {"0" * 64: "A" * 4_000_000}}
    log_key = a_log().keys[0]
    assert "is not what it claims to be" in text_of(send(browser, big, keys=log_key))


def test_what_a_proof_says_is_text_and_never_markup(browser):
    log = Log()
    log.record(kind="<script>alert(1)</script>", n=1, said='<img src=x onerror="x">\u202e')
    page = text_of(send(browser, log.bundle(0), keys=log.keys[0]))
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;U+202E&gt;" in page


def test_a_long_history_is_checked_whole_and_shown_in_part(browser, monkeypatch):
    monkeypatch.setattr(views, "SHOWN_ENTRIES_MAX", 2)
    log = a_log(4)
    page = text_of(send(browser, log.bundle(1, 3, 5, 7), keys=log.keys[0]))
    assert page.count("<dl") == 2
    assert "2 more entries were checked" in page


def test_a_witness_from_the_future_is_refused_by_the_clock_of_the_server(browser):
    log = a_log()
    bundle = log.bundle(1, 3)
    bundle["checkpoint"] = W1.signs(bundle["checkpoint"], NOW + 90_000)
    assert "gives a time in the future" in text_of(send(browser, bundle, keys=f"{log.keys[0]}\n{W1.key}"))
    assert SEEN_AT < NOW


def test_the_program_is_the_very_file_that_the_server_checks_with(browser):
    response = browser.get(PROGRAM)
    assert response.content == Path(verify.__file__).read_bytes()
    assert response["Content-Type"].startswith("text/x-python")
    assert response["Content-Disposition"] == 'attachment; filename="shodaku-verify.py"'
    assert browser.head(PROGRAM).status_code == 200


def test_other_methods_and_other_pages_are_not_there(browser):
    for method in ("put", "delete", "patch"):
        assert getattr(browser, method)(PAGE).status_code == 405
    assert Client().post(PROGRAM).status_code == 405
    for page in ("/verify/other", "/verify/verify.py", "/verify/../verify/x"):
        assert browser.get(page).status_code == 404


def test_opening_the_pages_asks_no_database(browser, monkeypatch):
    """A GET that reads no row changes none; a link with values in it does no more than the page itself."""

    def refuse(*_arguments):
        raise AssertionError("the database was asked")

    monkeypatch.setattr("shodaku.kit.db.transaction", refuse)
    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.connect", refuse)
    for page in (PAGE, PROGRAM):
        for query in ("", f"?keys={LOG_KEY}&bundle=x", "?lang=ja"):
            assert browser.get(page + query).status_code == 200
            assert browser.head(page + query).status_code == 200
    assert send(browser, keys=LOG_KEY).status_code == 200


@pytest.mark.usefixtures("database")
def test_a_proof_that_this_server_made_holds_here_and_with_a_key_that_was_kept(browser):
    shop = a_shop()
    reader = a_reader(shop)
    services.sequence(shop.workspace_id, now=clock.now())
    proof = selectors.bundle(shop.workspace_id, reader).as_json().encode()
    page = text_of(send(browser, proof))
    assert "The key came from this server itself." in page
    assert "none is missing: they are numbered from 1 to 1." in page
    (key,) = selectors.verifier_keys(shop.workspace_id)
    report = verify.check(verify.read_bundle(proof), [key], now=NOW)
    assert (report.origin, report.gapless) == (f"testserver/ledger/{shop.slug}", True)
    assert "not signed by any of the given keys" in text_of(
        send(browser, proof, keys=a_log(origin=report.origin).keys[0])
    )
