"""A mail server that delivers nothing: it keeps what it gets, and shows it in a browser. For trials and the
demonstration.

Listens on loopback only. One file a mail, named by arrival; the page lists them and shows text, HTML and
source.
"""

from __future__ import annotations

import email
import html
import itertools
import json
import signal
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default as modern
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

MAIL_BYTES_MAX = 10_000_000
PAGE_ROWS = 100
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"

_STYLE = (files("shodaku.config") / "sink.css").read_text(encoding="utf-8")


class _Keeper:
    """aiosmtpd's side: every mail becomes a file, written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = itertools.count(len([*folder.glob("*.eml")]) + 1)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        number = next(self._number)
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        waiting = self._folder / f"{number:06}.part"
        waiting.write_bytes(head.encode() + (envelope.original_content or b""))
        waiting.rename(self._folder / f"{number:06}.eml")
        return "250 2.0.0 kept"


class _Server(Controller):
    def factory(self) -> SMTP:
        return SMTP(
            self.handler,
            data_size_limit=MAIL_BYTES_MAX,
            enable_SMTPUTF8=False,
            decode_data=False,
            hostname="sink",
        )


def run(folder: Path, smtp_port: int, web_port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    folder.mkdir(parents=True, exist_ok=True)
    smtp = _Server(_Keeper(folder), hostname="127.0.0.1", port=smtp_port)
    smtp.start()
    web = _Web(folder, web_port)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    stop.wait()
    web.shutdown()
    smtp.stop()


def mails(folder: Path, to: str = "") -> Iterator[tuple[int, EmailMessage]]:
    """Kept mails, newest first; with `to` only those of one recipient."""
    for file in sorted(folder.glob("*.eml"), reverse=True):
        message = email.message_from_bytes(file.read_bytes(), policy=modern)
        if not to or to.casefold() in str(message["X-Envelope-To"]).casefold():
            yield int(file.stem), message


class _Web(ThreadingHTTPServer):
    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Viewer)
        self.folder = folder


class _Viewer(BaseHTTPRequestHandler):
    server: _Web

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        to = parse_qs(place.query).get("to", [""])[0]
        match place.path.strip("/").split("/"):
            case [""]:
                self._send(_list(self.server.folder, to), _PAGE_POLICY)
            case ["style.css"]:
                self._send(_STYLE, _PAGE_POLICY, "text/css")
            case ["mails.json"]:
                self._send(_as_json(self.server.folder, to), _PAGE_POLICY, "application/json")
            case ["recipients.json"]:
                subject = parse_qs(place.query).get("subject", [""])[0]
                self._send(_recipients(self.server.folder, subject), _PAGE_POLICY, "application/json")
            case [number, *how] if number.isdigit():
                self._mail(int(number), how)
            case _:
                self.send_error(HTTPStatus.NOT_FOUND)

    def _mail(self, number: int, how: list[str]) -> None:
        file = self.server.folder / f"{number:06}.eml"
        if not file.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        raw = file.read_bytes()
        message = email.message_from_bytes(raw, policy=modern)
        if how == ["html"]:
            self._send(_content(message, "html"), _MAIL_POLICY)
        elif how == ["source"]:
            self._send(raw.decode("utf-8", "replace"), _PAGE_POLICY, "text/plain")
        else:
            self._send(_one(number, message), _PAGE_POLICY)

    def _send(self, text: str, policy: str, kind: str = "text/html") -> None:
        body = text.encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's signature
        """Nothing: paths name recipients."""


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="ja"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{html.escape(title)}</title><link rel="stylesheet" href="/style.css">'
        f"<main>{body}</main></html>"
    )


def _list(folder: Path, to: str) -> str:
    rows = "".join(
        f'<li><a href="/{number}">{html.escape(str(message["Subject"]))}</a>'
        f"<small>{html.escape(str(message['X-Envelope-To']))}"
        f" · {html.escape(str(message['Date']))}</small></li>"
        for number, message in itertools.islice(mails(folder, to), PAGE_ROWS)
    )
    count = len([*folder.glob("*.eml")])
    title = f"届いたメール {count:,} 通 / {count:,} mails"
    empty = "<p>まだ1通も届いていません。 / Nothing has arrived yet.</p>"
    return _page(title, f"<h1>{title}</h1>" + (f"<ul>{rows}</ul>" if rows else empty))


def _one(number: int, message: EmailMessage) -> str:
    names = (
        "From",
        "To",
        "Date",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "List-Id",
        "Message-ID",
        "X-Envelope-From",
    )
    head = "".join(f"{name}: {message[name]}\n" for name in names if message[name])
    frame = (
        f'<iframe sandbox title="HTML" src="/{number}/html"></iframe>' if _content(message, "html") else ""
    )
    links = f'<p><a href="/">一覧 / List</a> · <a href="/{number}/source">Source</a></p>'
    subject = str(message["Subject"])
    text = html.escape(_content(message, "plain"))
    body = f"<h1>{html.escape(subject)}</h1>{links}<pre>{html.escape(head)}</pre><pre>{text}</pre>{frame}"
    return _page(subject, body)


def _content(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _recipients(folder: Path, subject: str) -> str:
    """Who got mails with this subject: the mailbox side of a count."""
    found = {
        str(message["X-Envelope-To"]) for _, message in mails(folder) if subject in str(message["Subject"])
    }
    return json.dumps(sorted(found))


def _as_json(folder: Path, to: str) -> str:
    rows = [
        {
            "number": number,
            "to": str(message["X-Envelope-To"]),
            "subject": str(message["Subject"]),
            "headers": {name: str(value) for name, value in message.items()},
            "text": _content(message, "plain"),
        }
        for number, message in itertools.islice(mails(folder, to), PAGE_ROWS)
    ]
    return json.dumps(rows, ensure_ascii=False)
