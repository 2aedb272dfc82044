"""A small IMAP server on loopback: the commands that a reader of mailboxes uses, as RFC 3501 has them."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Box:
    """One folder of one user, and the folders that mails are copied to."""

    validity: int = 7
    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)
    copied: list[tuple[int, str]] = field(default_factory=list)
    not_handed_out: set[int] = field(default_factory=set)
    read: list[int] = field(default_factory=list)
    only_read: bool = False
    since: set[int] = field(default_factory=set)  # what a search by day finds
    next_uid: int = 1

    def put(self, raw, *, seen=False):
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.mails[uid] = raw
        if seen:
            self.seen.add(uid)
        return uid


class _Talk(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("* OK ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            command, _, arguments = rest.partition(" ")
            if command.upper() == "UID":
                command, _, arguments = arguments.partition(" ")
            answer = getattr(self, f"do_{command.lower()}", None)
            status = answer(arguments) if answer else "BAD no such command"
            self.say(f"{tag} {status} that was all")
            if command.upper() == "LOGOUT":
                return

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    @property
    def box(self):
        return self.server.box

    def do_capability(self, _arguments):
        self.say("* CAPABILITY IMAP4rev1 UIDPLUS")
        return "OK"

    def do_login(self, arguments):
        return "OK" if arguments == 'reader "the secret"' else "NO [AUTHENTICATIONFAILED] no"

    def do_select(self, arguments):
        if arguments != '"INBOX"':
            return "NO no such folder"
        self.say(f"* {len(self.box.mails)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.box.validity}] valid")
        return "OK [READ-WRITE]"

    def do_search(self, arguments):
        uids = sorted(self.box.mails)
        words = arguments.split()
        if words[0] == "UNSEEN":
            uids = [uid for uid in uids if uid not in self.box.seen]
        elif words[0] == "SINCE":
            uids = [uid for uid in uids if uid in self.box.since]
        elif words[1] == "*":
            uids = uids[-1:]
        else:
            first = int(words[1].partition(":")[0])
            uids = [uid for uid in uids if uid >= first] or uids[-1:]  # n:* always names the last
        self.say("* SEARCH " + " ".join(map(str, uids)))
        return "OK"

    def do_fetch(self, arguments):
        uid = int(arguments.partition(" ")[0])
        if uid in self.box.not_handed_out:
            return "NO broken"
        size = int(re.search(r"BODY\.PEEK\[\]<0\.(\d+)>", arguments)[1])
        if (raw := self.box.mails.get(uid)) is not None:
            self.box.read.append(uid)
            part = raw[:size]
            self.wfile.write(f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(part)}}}\r\n".encode() + part + b")\r\n")
        return "OK"

    def do_store(self, arguments):
        if self.box.only_read:
            return "NO read only"
        uid = int(arguments.partition(" ")[0])
        (self.box.seen if "Seen" in arguments else self.box.deleted).add(uid)
        return "OK"

    def do_copy(self, arguments):
        uid, _, folder = arguments.partition(" ")
        self.box.copied.append((int(uid), folder.strip('"')))
        return "OK"

    def do_expunge(self, arguments):
        self.box.mails.pop(int(arguments))
        return "OK"

    def do_logout(self, _arguments):
        self.say("* BYE")
        return "OK"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    context = None

    def get_request(self):
        connection, peer = super().get_request()
        return (self.context.wrap_socket(connection, server_side=True) if self.context else connection), peer

    def handle_error(self, _request, _client_address):
        """A client that breaks off is what some tests want."""


@contextmanager
def an_imap_server(certificate=None, key=None):
    """Its port, and what is in it; the user `reader` has the password `the secret`."""
    server = _Server(("127.0.0.1", 0), _Talk)
    server.box = Box()
    if certificate:
        server.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server.context.load_cert_chain(certificate, key)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1], server.box
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
