"""A small POP3 server on loopback: the commands that a reader of mailboxes uses, as RFC 1939 has them.
Deletions are made by QUIT alone; it can be told to misbehave.
"""

from __future__ import annotations

import socketserver
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Drop:
    """The mails of one user."""

    mails: dict[str, bytes] = field(default_factory=dict)  # by lasting name
    read: list[str] = field(default_factory=list)
    top: list[str] = field(default_factory=list)
    passwords: list[str] = field(default_factory=list)
    capabilities: list[str] = field(default_factory=lambda: ["TOP", "UIDL", "USER"])
    banner: str = "+OK ready"
    refused: str = "-ERR [AUTH] no"
    no_names: bool = False
    listing: str | None = None  # in place of what UIDL tells
    not_handed_out: set[str] = field(default_factory=set)
    breaks: set[str] = field(default_factory=set)  # the connection ends within this mail
    deaf_to_quit: bool = False
    stalls: threading.Event | None = None  # after a greeting, nothing is said until then
    trickles: bool = False  # a byte of an answer without end, now and then
    ended: threading.Event = field(default_factory=threading.Event)

    def put(self, raw, name=None):
        name = name or f"mail.{len(self.mails)}.{id(raw)}"
        self.mails[name] = raw
        return name


class _Talk(socketserver.StreamRequestHandler):
    def handle(self):
        self.names = list(self.drop.mails)
        self.deleted = set()
        self.say(self.drop.banner)
        if self.drop.stalls:
            self.drop.stalls.wait(30)
            return
        while self.drop.trickles and not self.drop.ended.wait(0.02):
            self.wfile.write(b"x")
        while line := self.rfile.readline():
            command, _, arguments = line.decode().strip().partition(" ")
            answer = getattr(self, f"do_{command.lower()}", None)
            if answer is None:
                self.say("-ERR no such command")
            elif answer(arguments) is False:
                return

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    @property
    def drop(self):
        return self.server.drop

    def many(self, lines):
        self.say("+OK")
        for line in lines:
            self.say(line)
        self.say(".")

    def do_capa(self, _arguments):
        self.many(self.drop.capabilities)

    def do_stls(self, _arguments):
        self.say("+OK begin")
        self.connection = self.server.later.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def finish(self):
        super().finish()
        self.connection.close()

    def do_user(self, _arguments):
        self.say("+OK")

    def do_pass(self, arguments):
        self.drop.passwords.append(arguments)
        self.say("+OK" if arguments == "the secret" else self.drop.refused)

    def do_uidl(self, _arguments):
        if self.drop.no_names:
            self.say("-ERR never heard of")
        elif self.drop.listing is not None:
            self.many([self.drop.listing])
        else:
            self.many(f"{n} {name}" for n, name in enumerate(self.names, 1))

    def do_list(self, arguments):
        self.say(f"+OK {arguments} {len(self.drop.mails[self.named(arguments)])}")

    def do_retr(self, arguments):
        name = self.named(arguments)
        if name in self.drop.not_handed_out:
            self.say("-ERR broken")
            return None
        self.drop.read.append(name)
        self.say("+OK")
        if name in self.drop.breaks:
            self.say("From: x")
            return False
        self.body(self.drop.mails[name])
        return None

    def do_top(self, arguments):
        number, _, lines = arguments.partition(" ")
        name = self.named(number)
        self.drop.top.append(name)
        self.say("+OK")
        head, _, body = self.drop.mails[name].partition(b"\r\n\r\n")
        self.body(head + b"\r\n\r\n" + b"\r\n".join(body.split(b"\r\n")[: int(lines)]))

    def body(self, raw):
        for line in raw.split(b"\r\n"):
            self.wfile.write((b"." + line if line.startswith(b".") else line) + b"\r\n")
        self.say(".")

    def do_dele(self, arguments):
        self.deleted.add(self.named(arguments))
        self.say("+OK")

    def do_quit(self, _arguments):
        if self.drop.deaf_to_quit:
            return False
        for name in self.deleted:
            self.drop.mails.pop(name, None)
        self.say("+OK")
        return False

    def named(self, number):
        return self.names[int(number) - 1]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    context = later = None

    def get_request(self):
        connection, peer = super().get_request()
        return (self.context.wrap_socket(connection, server_side=True) if self.context else connection), peer

    def handle_error(self, _request, _client_address):
        """A client that breaks off is what some tests want."""


@contextmanager
def a_pop3_server(certificate=None, key=None, *, starttls=False):
    """Its port, and what is in it; the user `reader` has the password `the secret`."""
    server = _Server(("127.0.0.1", 0), _Talk)
    server.drop = Drop()
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        if starttls:
            server.later = context
            server.drop.capabilities.append("STLS")
        else:
            server.context = context
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1], server.drop
    finally:
        server.drop.ended.set()
        if server.drop.stalls:
            server.drop.stalls.set()
        server.shutdown()
        server.server_close()
        thread.join()
