"""SECURITY.md threat 9: an address that somebody configured never leads into a network of our own."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager

import pytest
from tests.ledger.authorities import serving

from shodaku.kit import outgoing
from shodaku.kit.outgoing import (
    AnswerTooLarge,
    NoWebAddress,
    OddPort,
    PrivateNetwork,
    Redirected,
    Unreachable,
    WebAddress,
    is_public,
    parse_web_address,
    post,
    resolve,
)

OPENSSL = shutil.which("openssl")
LOOPBACKS = [
    "127.0.0.1", "127.1", "127.0.1", "127.0.0.2", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1",
    "0x7f.0.0.1", "0x7F.0x0.0x0.0x1", "017700000001", "0177.1", "0177.0.0.1", "0177.0.0.01", "127.0x0.0.1",
    "0", "0.0.0.000", "0x0", "00", "localhost", "localhost.", "LOCALHOST", "::1", "::", "0:0:0:0:0:0:0:1",
    "::0001", "::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:7f00:0001::1", "fec0::1", "fe80::1", "fd00::1", "fc00::1",
    "::ffff:0.0.0.0", "::ffff:10.0.0.1",
]  # fmt: skip
PRIVATE = [
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.127.255.255", "192.0.0.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "ff02::1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACKS)
def test_no_spelling_of_this_machine_is_reached(host):
    with pytest.raises((PrivateNetwork, Unreachable)):  # a resolver may not know the odder ones
        resolve(host, 80)


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_that_is_not_public_is_reached(address):
    assert not is_public(address)
    with pytest.raises(PrivateNetwork):
        resolve(address, 443)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"],
)
def test_a_public_address_is_reached(address):
    assert is_public(address)


def answering(*addresses):
    """A resolver that says something else each time."""
    answers = iter(addresses)

    def look_up(host, port, **options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in next(answers)]

    return look_up


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", answering(["1.1.1.1", "10.0.0.1"]))
    with pytest.raises(PrivateNetwork):
        resolve("two.example", 443)


def test_a_name_that_answers_differently_the_second_time_gains_nothing(monkeypatch):
    reached = []

    def connect(address, timeout):
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", answering(["1.1.1.1"], ["127.0.0.1"]))
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Unreachable):
        post(parse_web_address("http://rebinding.example/x"), b"", "text/plain")
    assert reached == [("1.1.1.1", 80)]


@pytest.mark.parametrize("found", [[], None])
def test_a_name_that_is_not_known_cannot_be_reached(monkeypatch, found):
    def look_up(host, port, **options):
        if found is None:
            raise socket.gaierror
        return found

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(Unreachable):
        resolve("unknown.example", 80)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("https://tsa.example", WebAddress("https", "tsa.example", 443, "/")),
        ("http://tsa.example/a/b?c=d", WebAddress("http", "tsa.example", 80, "/a/b?c=d")),
        ("http://tsa.example:443/", WebAddress("http", "tsa.example", 443, "/")),
        ("https://[2606:4700::1111]/", WebAddress("https", "2606:4700::1111", 443, "/")),
    ],
)
def test_a_web_address_is_parsed_once(text, parsed):
    assert parse_web_address(text) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "", "tsa.example", "//tsa.example", "ftp://tsa.example", "file:///etc/passwd", "https://",
        "https://a:b@tsa.example", "https://tsa.example#x", "https://tsa.example/a b", "https://tsa.example/\n",
        "https://tsa.example:99999", "https://tsa.example:x", "https://日本.example", "https://[::1",
        "https://tsa.example/" + "x" * 500, "http://tsa.example/\r\nHost: x",
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(text):
    with pytest.raises(NoWebAddress):
        parse_web_address(text)


def test_other_ports_are_for_ones_own_network():
    with pytest.raises(OddPort):
        parse_web_address("http://tsa.example:25")
    assert parse_web_address("http://tsa.example:8080", local=True).port == 8080


def test_a_place_under_an_address_is_named_without_a_double_slash():
    for text in ("https://w.example/a", "https://w.example/a/"):
        assert parse_web_address(text).below("add-checkpoint").path == "/a/add-checkpoint"
    assert parse_web_address("https://w.example").below("x").path == "/x"


def own(url):
    return parse_web_address(url, local=True)


def test_an_answer_is_handed_over_whatever_its_status():
    asked = []
    with serving(lambda path, body: asked.append((path, body)) or (404, "Text/Plain; x=y", b"no")) as url:
        answer = post(own(url).below("there"), b"query", "application/x-query", local=True)
    assert asked == [("/there", b"query")]
    assert (answer.status, answer.content_type, answer.body) == (404, "text/plain", b"no")


def test_a_redirection_is_not_followed():
    asked = []

    def answer(path, body):
        asked.append(path)
        return 302, "text/plain", b"", ("Location", "/elsewhere")

    with serving(answer) as url, pytest.raises(Redirected):
        post(own(url), b"", "text/plain", local=True)
    assert asked == ["/"]


@pytest.mark.parametrize("over", [0, 1])
def test_an_answer_has_64_kilobytes_at_most(over):
    content = bytes(outgoing.ANSWER_BYTES_MAX + over)
    with serving(lambda path, body: (200, "text/plain", content)) as url:
        if over:
            with pytest.raises(AnswerTooLarge):
                post(own(url), b"", "text/plain", local=True)
        else:
            assert post(own(url), b"", "text/plain", local=True).body == content


@contextmanager
def talking(say):
    """A server that says what it likes, until it is left."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def run():
            visitor, _ = server.accept()
            with visitor:
                try:
                    say(visitor)
                except OSError:
                    return

        thread = threading.Thread(target=run)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def drip(visitor):
    visitor.sendall(b"HTTP/1.1 200 OK\r\n")
    left = threading.Event()
    while not left.wait(0.01):
        visitor.sendall(b"X-Drip: 1\r\n")


def test_an_answer_that_never_ends_is_cut(monkeypatch):
    monkeypatch.setattr(outgoing, "SECONDS_MAX", 0.3)
    monkeypatch.setattr("http.client._MAXHEADERS", 10**9)
    with talking(drip) as url, pytest.raises(Unreachable):
        post(own(url), b"", "text/plain", local=True)


def test_a_connection_that_came_too_late_is_not_used(monkeypatch):
    class Now:
        """A clock that has run out already."""

        def __init__(self, seconds, cut):
            self.start, self.cancel = cut, lambda: None

    monkeypatch.setattr(threading, "Timer", Now)
    with talking(lambda visitor: visitor.recv(1)) as url, pytest.raises(Unreachable):
        post(own(url), b"", "text/plain", local=True)


def test_what_is_no_http_cannot_be_reached():
    with (
        talking(lambda visitor: visitor.sendall(b"220 mail.example ESMTP\r\n")) as url,
        pytest.raises(Unreachable),
    ):
        post(own(url), b"", "text/plain", local=True)


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed: no certificate for a server")
@pytest.mark.parametrize("trusted", [True, False])
def test_a_service_must_show_a_certificate_for_its_name(monkeypatch, tmp_path, trusted):
    words = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=x",
    ]
    words += ["-keyout", "key.pem", "-out", "cert.pem", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([OPENSSL, *words], cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))

    def say(visitor):
        with context.wrap_socket(visitor, server_side=True) as inside:
            inside.recv(1000)
            inside.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    with talking(say) as url:
        where = own(url.replace("http://127.0.0.1", "https://localhost"))
        if trusted:
            assert post(where, b"", "text/plain", local=True).body == b"hi"
        else:
            with pytest.raises(Unreachable):
                post(where, b"", "text/plain", local=True)
