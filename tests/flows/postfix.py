"""Debian's Postfix as a relay, an instance of our own: its folders, ports and certificates end with the test.

It delivers one domain into Maildirs, hands another one on, and returns what it cannot deliver by LMTP.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import socketserver
import subprocess
import tempfile
import threading
import time
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.flows.installation import a_free_port

PROGRAM = Path("/usr/sbin/postfix")
NOBODY = 65_534
ENDED_SECONDS_MAX = 30
USER, PASSWORD = "shodaku", "correct horse"
LOCAL, ONWARD, RETURNS = "example.jp", "onward.example", "aoi.example"

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:nobody lives here
virtual_mailbox_domains = {local}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/mailboxes
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
transport_maps = texthash:{folder}/transport
smtpd_reject_unlisted_recipient = no
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = encrypt
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{passwords}
smtpd_sasl_security_options = noanonymous
"""
MASTER = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
showq unix n - n - - showq
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Doors:
    """Ports; the certificate of each is another one."""

    good: int
    other_name: int
    unknown: int
    login: int


@dataclass(frozen=True)
class Relay:
    folder: Path
    doors: Doors
    authority: Path  # whom a client must trust
    returns: int  # where it hands over what comes back, by LMTP

    def mailbox(self, name):
        """Whole mails that were delivered to NAME@example.jp, with the line ends they had on the wire."""
        folder = self.folder / "mail" / name / "new"
        files = sorted(folder.iterdir()) if folder.is_dir() else []
        return [file.read_bytes().replace(b"\n", b"\r\n") for file in files]

    def waiting(self):
        """How many mails it still has."""
        queues = ("maildrop", "incoming", "active", "deferred")
        return sum(
            len([each for each in (self.folder / "queue" / name).rglob("*") if each.is_file()])
            for name in queues
        )

    @property
    def log(self):
        return (self.folder / "maillog").read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def a_relay(users, *, onward):
    """Running, with a mailbox for each of `users`; `onward`: port of the server of the other domain.

    Skips the test where Postfix is not installed, or may not be started.
    """
    if not PROGRAM.exists():
        pytest.skip("Postfix is not installed: apt install postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix is started by root alone")
    folder = Path(tempfile.mkdtemp(prefix="shodaku-postfix-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        with passwords() as asked:
            relay = written(folder, users, onward, asked)
            postfix(folder, "start")
            try:
                yield relay
            finally:
                stop(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def written(folder, users, onward, asked):
    doors = Doors(*(a_free_port() for _ in range(4)))
    relay = Relay(folder, doors, folder / "authority.pem", a_free_port())
    for name, owner in (("etc", "root"), ("queue", "root"), ("data", "postfix"), ("mail", NOBODY)):
        (folder / name).mkdir(mode=0o755)
        shutil.chown(folder / name, owner)
    values = {"folder": folder, "local": LOCAL, "nobody": NOBODY, "passwords": asked}
    (folder / "etc/main.cf").write_text(MAIN.format(**values))
    (folder / "mailboxes").write_text("".join(f"{user}@{LOCAL} {user}/\n" for user in users))
    (folder / "transport").write_text(
        f"{ONWARD} smtp:[127.0.0.1]:{onward}\n{RETURNS} lmtp:inet:127.0.0.1:{relay.returns}\n"
    )
    authority, stranger = an_authority("Ours"), an_authority("Somebody")
    relay.authority.write_bytes(pem(authority[1]))
    listeners = (
        (doors.good, a_certificate(folder / "good.pem", authority, "localhost"), ()),
        (doors.other_name, a_certificate(folder / "other.pem", authority, "elsewhere.example"), ()),
        (doors.unknown, a_certificate(folder / "unknown.pem", stranger, "localhost"), ()),
        (doors.login, folder / "good.pem", LOGIN),
    )
    lines = [
        f"127.0.0.1:{port} inet n - n - - smtpd\n  -o smtpd_tls_chain_files={file}\n"
        + "".join(f"  -o {option}\n" for option in options)
        for port, file, options in listeners
    ]
    (folder / "etc/master.cf").write_text(MASTER + "".join(lines))
    return relay


LOGIN = (
    "smtpd_sasl_auth_enable=yes",
    "smtpd_relay_restrictions=permit_sasl_authenticated,reject",
    "smtpd_recipient_restrictions=permit_sasl_authenticated,reject",
)


def postfix(folder, verb):
    done = subprocess.run(
        [PROGRAM, "-c", folder / "etc", verb], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def stop(folder):
    """Of this very instance; its processes are gone when we return."""
    master = int((folder / "queue/pid/master.pid").read_text())
    postfix(folder, "stop")
    until = time.monotonic() + ENDED_SECONDS_MAX
    while Path(f"/proc/{master}").exists():
        assert time.monotonic() < until, "Postfix did not end"
        time.sleep(0.05)


def an_authority(called):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, called)])
    return key, signed(name, name, key, key, x509.BasicConstraints(ca=True, path_length=None))


def a_certificate(file, authority, host):
    """Key and certificate in one file, as Postfix takes them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    alternative = x509.SubjectAlternativeName([x509.DNSName(host)])
    certificate = signed(name, authority[1].subject, key, authority[0], alternative)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(secret + pem(certificate))
    file.chmod(0o600)
    return file


def signed(name, issuer, key, signing, extension):
    now = dt.datetime.now(dt.UTC)  # noqa: TID251 - a test is an edge
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(extension, critical=True)
        .sign(signing, hashes.SHA256())
    )


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


class _Passwords(socketserver.StreamRequestHandler):
    """What Postfix asks Dovecot for: its protocol of authentication, version 1, PLAIN alone."""

    def handle(self):
        greeting = ("VERSION\t1\t1", "MECH\tPLAIN\tplaintext", "SPID\t1", "CUID\t1", f"COOKIE\t{'0' * 32}")
        self.say(*greeting, "DONE")
        for line in self.rfile:
            words = line.decode().strip().split("\t")
            if words[0] == "AUTH":
                given = next(word for word in words if word.startswith("resp=")).removeprefix("resp=")
                _, user, password = b64decode(given).decode().split("\0")
                well = (user, password) == (USER, PASSWORD)
                self.say(f"{'OK' if well else 'FAIL'}\t{words[1]}\tuser={user}")

    def say(self, *lines):
        self.wfile.write("".join(f"{line}\n" for line in lines).encode())


@contextlib.contextmanager
def passwords():
    """A server that knows one password; its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Passwords) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
