"""A small ESMTP server on the loopback; the local part of a recipient says what happens to it."""

import asyncio
import collections
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

FAULTS = [
    "rcpt550",
    "rcpt450",
    "rcpt550go",
    "mail451",
    "data451",
    "dot550",
    "dot451",
    "dot421",
    "rcpt421",
    "drop_at_rcpt",
    "drop_in_content",
    "drop_after_dot",
    "garbage_at_dot",
]


class Hangup(Exception):
    """The server ends the connection."""


class StubServer:
    """Counts what it accepted. `greetings` are given in turn, then the usual one."""

    def __init__(self, extensions=("PIPELINING", "8BITMIME"), greetings=()):
        self.extensions, self.greetings = tuple(extensions), list(greetings)
        self.accepted = collections.Counter()
        self.contents = {}
        self.empty = 0
        self.connections = 0
        self.inject = False
        self.encrypted = 0
        self.login = None
        self.logins = []
        self.hold = None  # an event: the reply to a final dot waits for it
        self.tls = None
        self.took = asyncio.Event()  # the first content is here

    async def serve(self, reader, writer):
        self.connections += 1
        try:
            await _Session(self, reader, writer).run()
        except (Hangup, asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class _Session:
    def __init__(self, server, reader, writer):
        self.server, self.reader, self.writer = server, reader, writer
        self.open, self.recipient, self.fault = False, b"", ""

    def say(self, text):
        self.writer.write(text.encode() + b"\r\n")

    async def run(self):
        greeting = self.server.greetings.pop(0) if self.server.greetings else "220-hello\r\n220 there"
        if not greeting:
            return
        self.say(greeting)
        while line := await self.reader.readline():
            await getattr(self, line[:4].decode().strip().lower())(line)
            if "PIPELINING" not in self.server.extensions:
                await self.writer.drain()

    async def ehlo(self, line):
        self.say(
            "250-me\r\n" + "".join(f"250-{offer}\r\n" for offer in self.server.extensions) + "250 SIZE 10000"
        )

    async def star(self, line):
        self.say("220 go\r\n250 injected" if self.server.inject else "220 go")
        await self.writer.start_tls(self.server.tls)
        self.server.encrypted += 1

    async def auth(self, line):
        given = line.split()[1:]
        if given == [b"LOGIN"]:
            for question in ("334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"):
                self.say(question)
                given.append((await self.reader.readline()).strip())
        self.server.logins.append(given)
        self.say("235 2.7.0 welcome" if given == self.server.login else "535 5.7.8 wrong, hanako@example.jp")

    async def rset(self, line):
        self.open, self.recipient = False, b""
        self.say("250 Ok")

    async def quit(self, line):
        self.say("221 bye")
        raise Hangup

    async def mail(self, line):
        refused = b"mail451" in line
        self.say("503 nested" if self.open else "451 4.3.0 later" if refused else "250 2.1.0 Ok")
        self.open, self.recipient = not refused, b""

    async def rcpt(self, line):
        self.recipient = line[9:].partition(b">")[0]
        name = self.recipient.partition(b".")[0].decode()
        self.fault = name if name in FAULTS else ""
        if self.fault == "drop_at_rcpt":
            raise Hangup
        if not self.open:
            self.say("503 MAIL first")
        elif self.fault in ("rcpt550", "rcpt550go", "rcpt450"):
            self.say(f"{self.fault[4:7]} 5.1.1 no <{self.recipient.decode()}> here")
            self.open = self.fault == "rcpt550go"
        elif self.fault == "rcpt421":
            self.say("421 4.3.2 going")
            raise Hangup
        else:
            self.say("250 2.1.5 Ok")

    async def data(self, line):
        if self.fault == "rcpt550go":  # a server that takes content although nobody is left (RFC 2920)
            self.say("354 go on")
            if await self.reader.readline() not in (b".\r\n", b""):
                self.server.empty += 1
            self.say("554 no valid recipients")
        elif not self.open or self.fault in ("rcpt550", "rcpt450", "data451"):
            self.say("451 later" if self.fault == "data451" else "503 no")
        else:
            self.say("354 go on")
            if self.fault == "drop_in_content":
                await self.reader.read(10)
                raise Hangup
            await self.finish(await self.reader.readuntil(b"\r\n.\r\n"))
        self.open = False

    async def bdat(self, line):
        content = await self.reader.readexactly(int(line.split()[1]))
        if not self.open or self.fault in ("rcpt550", "rcpt450", "rcpt550go"):
            self.say("503 no")
        else:
            await self.finish(content)
        self.open = False

    async def finish(self, content):
        """Answer the end of data."""
        if self.fault == "drop_in_content":
            raise Hangup
        if self.fault in ("dot550", "dot451", "dot421"):
            self.say(f"{self.fault[3:]} no")
            if self.fault == "dot421":
                raise Hangup
            return
        self.server.accepted[self.recipient] += 1
        self.server.took.set()
        self.server.contents[self.recipient] = content
        self.server.empty += len(content) < 100
        if self.server.hold is not None:
            await self.server.hold.wait()
        if self.fault == "drop_after_dot":
            raise Hangup
        self.say("xyzzy" if self.fault == "garbage_at_dot" else "250 2.0.0 queued")


@asynccontextmanager
async def running(server):
    """The port it listens on."""
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        await listener.wait_closed()


def certificate(folder):
    """A self-signed certificate for localhost, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "localhost.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def serving(file):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
