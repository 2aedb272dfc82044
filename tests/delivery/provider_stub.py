"""An imitation of mail providers on loopback: what it took is written down, and it can fail like real ones.

The local part of a recipient says what happens, as in `relay_stub`: `fine.1@y.jp`, `after.2@y.jp`.
"""

from __future__ import annotations

import base64
import email
import email.policy
import json
import re
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from shodaku.delivery.domain import Kind

# what each answers when it has taken a message, by its public description
TAKEN = {
    Kind.SES: (200, {"MessageId": "0106019a"}),
    Kind.SENDGRID: (202, None),
    Kind.MAILGUN: (200, {"id": "<20261126.1@mg.example>", "message": "Queued. Thank you."}),
    Kind.POSTMARK: (200, {"To": "x", "MessageID": "b7bc2f4a", "ErrorCode": 0, "Message": "OK"}),
    Kind.BREVO: (201, {"messageId": "<202611.1@smtp-relay.example>"}),
}
PATHS = {
    Kind.SES: "/v2/email/outbound-emails",
    Kind.SENDGRID: "/v3/mail/send",
    Kind.MAILGUN: "/v3/mg.aoi.example/messages.mime",
    Kind.POSTMARK: "/email",
    Kind.BREVO: "/v3/smtp/email",
}
LOOKS = {
    Kind.SES: "/v2/email/account",
    Kind.SENDGRID: "/v3/scopes",
    Kind.MAILGUN: "/v3/domains/mg.aoi.example",
    Kind.POSTMARK: "/server",
    Kind.BREVO: "/v3/account",
}
KEYS = {
    Kind.SES: lambda told: told["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=user/"),
    Kind.SENDGRID: lambda told: told["Authorization"] == "Bearer himitsu",
    Kind.MAILGUN: lambda told: told["Authorization"] == "Basic " + base64.b64encode(b"api:himitsu").decode(),
    Kind.POSTMARK: lambda told: told["X-Postmark-Server-Token"] == "himitsu",
    Kind.BREVO: lambda told: told["api-key"] == "himitsu",
}
STATES = re.compile(r"s(\d{3})(after)?")


@dataclass
class Taken:
    recipient: str
    body: object  # JSON, or the bytes of a form
    raw: bytes | None  # MIME, where the provider takes that


@dataclass
class Imitation:
    """`states`: answers to all requests to come, instead of what the recipient says."""

    kind: Kind
    taken: list[Taken] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # recipients, whether they were taken or not
    connections: int = 0
    states: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    tls: ssl.SSLContext | None = None

    def __enter__(self):
        handler = type("Handler", (_Handler,), {"imitation": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        if self.tls is not None:
            # the hand-shake belongs to the thread of its connection
            self.server.socket = self.tls.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.hold.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)

    def arrived(self, recipient):
        return sum(each.recipient == recipient for each in self.taken)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    imitation: Imitation

    def setup(self):
        super().setup()
        self.imitation.connections += 1

    def log_message(self, *said):
        """Nothing on the screen."""

    def do_GET(self):
        well = self.path == LOOKS[self.imitation.kind] and KEYS[self.imitation.kind](self.headers)
        self._say(200 if well else 401, {"message": "Unauthorized"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.imitation.kind
        if self.path != PATHS[kind] or not KEYS[kind](self.headers):
            return self._say(401, {"message": "Unauthorized"})
        taken = read(kind, body)
        self.imitation.asked.append(taken.recipient)
        if self.imitation.states:
            return self._say(self.imitation.states.pop(0), {"message": "busy, ask hanako@example.jp"})
        fault = taken.recipient.partition("@")[0].partition(".")[0]
        state = STATES.fullmatch(fault)
        if state and not state[2]:
            return self._say(int(state[1]), {"message": "no"})
        if fault == "before":
            return self._hang_up()
        self.imitation.taken.append(taken)
        if state:
            return self._say(int(state[1]), {"message": "it broke"})
        return self._about_taken(fault)

    def _about_taken(self, fault):
        """It has the message, whatever it says now."""
        match fault:
            case "after":
                return self._hang_up()
            case "stall":
                self.imitation.hold.wait(20)
            case "garbage":
                self.wfile.write(b"\x16\x03\x01 what?\r\n\r\n")
                return self._hang_up()
            case "half":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
                return self._hang_up()
            case "page":
                return self._say(200, "<html>welcome</html>")
        return self._say(*TAKEN[self.imitation.kind])

    def _hang_up(self):
        self.close_connection = True
        self.connection.shutdown(2)

    def _say(self, status, body):
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in self.imitation.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def read(kind, body):
    """As the provider reads a request."""
    if kind is Kind.MAILGUN:
        boundary = body.partition(b"\r\n")[0][2:]
        fields = {
            re.search(rb'name="([^"]+)"', head)[1].decode(): value.removesuffix(b"\r\n")
            for head, _, value in (part.partition(b"\r\n\r\n") for part in body.split(b"--" + boundary)[1:-1])
        }
        return Taken(fields["to"].decode(), fields, fields["message"])
    told = json.loads(body)
    if kind is Kind.SES:
        raw = base64.b64decode(told["Content"]["Raw"]["Data"])
        return Taken(told["Destination"]["ToAddresses"][0], told, raw)
    to = {
        Kind.SENDGRID: lambda: told["personalizations"][0]["to"][0]["email"],
        Kind.POSTMARK: lambda: told["To"],
        Kind.BREVO: lambda: told["to"][0]["email"],
    }
    return Taken(to[kind](), told, None)


def parsed(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)
