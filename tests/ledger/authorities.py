"""A time-stamp authority that really signs, and a witness that really remembers: both on loopback."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from base64 import b64decode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shodaku.ledger.merkle import EMPTY_ROOT, verify_consistency
from shodaku.ledger.notes import KeyType, NoteFault, cosign, parse_vkey, read_note, verifier_key

OPENSSL = shutil.which("openssl")
SETTINGS = """[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.57264.2
digests = sha256, sha512
{certs}
"""
USE = "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"


@contextmanager
def serving(answer):
    """An HTTP server on loopback; `answer(path, body)` gives status, content type, body and headers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, kind, content, *more = answer(self.path, body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            for name, value in more:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:
                self.close_connection = True  # the other side has heard enough

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def openssl(folder, *words):
    subprocess.run([OPENSSL, *words], cwd=folder, check=True, capture_output=True)


class Authority:
    """`chain`: an answer also holds the certificate of who vouches for it, in the order of OpenSSL."""

    def __init__(self, folder, *, chain=False):
        self.folder, self.certificates = folder, folder / "ca.pem"
        folder.mkdir()
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        openssl(folder, "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=CA")
        # a long name: its certificate comes first in the answer, and would stand second in DER
        name = f"/CN={'Time-stamp authority ' * 3}"
        openssl(folder, "req", *curve, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", name)
        (folder / "use").write_text(USE)
        by = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "use")
        openssl(folder, "x509", "-req", "-in", "tsa.csr", *by, "-out", "tsa.pem")
        (folder / "serial").write_text("01\n")
        certs = f"certs = {folder}/ca.pem" if chain else ""
        (folder / "tsa.cnf").write_text(SETTINGS.format(folder=folder, certs=certs))
        self.number, self.asked = 0, []

    def reply(self, query):
        self.number += 1
        asked, told = f"{self.number}.tsq", f"{self.number}.tsr"
        (self.folder / asked).write_bytes(query)
        words = ("ts", "-reply", "-config", "tsa.cnf", "-queryfile", asked, "-out", told)
        openssl(self.folder, *words)
        return (self.folder / told).read_bytes()

    @contextmanager
    def serve(self, alter=lambda query, reply: reply):
        """`alter(query, reply)`: what leaves instead of the reply, for who stands in between."""

        def answer(path, body):
            self.asked.append(body)
            return 200, "application/timestamp-reply", alter(body, self.reply(body))

        with serving(answer) as url:
            yield url


class Witness:
    """C2SP tlog-witness, add-checkpoint: one size and root for each origin, signed only if consistent."""

    def __init__(self, name="witness.example/w1", seed=b"w" * 32):
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = verifier_key(name, self.private.public_key().public_bytes_raw(), KeyType.COSIGNATURE)
        self.vkey = str(self.key)
        self.known, self.signed = {}, {}
        self.clock, self.lock, self.answers = time.time, threading.Lock(), []

    def watch(self, origin, vkeys):
        self.known[origin] = [parse_vkey(each) for each in vkeys]

    @contextmanager
    def serve(self):
        with serving(self._answer) as url:
            yield url

    def _answer(self, path, body):
        with self.lock:
            status, kind, content = self._judge(path, body)
        self.answers.append(status)
        return status, kind, content.encode()

    def _judge(self, path, body):
        try:
            old, proof, note = self._parse(body)
        except (ValueError, NoteFault):
            return 400, "text/plain", ""
        if path != "/add-checkpoint" or note.origin not in self.known:
            return 404, "text/plain", ""
        if not any(note.signed_by(key) for key in self.known[note.origin]):
            return 403, "text/plain", ""
        if old > note.size:
            return 400, "text/plain", ""
        size, root = self.signed.get(note.origin, (0, EMPTY_ROOT))
        if old != size:
            return 409, "text/x.tlog.size", f"{size}\n"
        if old == note.size and root != note.root:
            return 409, "text/x.tlog.size", f"{size}\n"
        if not verify_consistency(old, note.size, proof, root, note.root):
            return 422, "text/plain", ""
        self.signed[note.origin] = (note.size, note.root)
        return 200, "text/plain", cosign(self.private, self.key, note, int(self.clock()))

    def _parse(self, body):
        head, _, text = body.decode().partition("\n\n")
        first, *lines = head.split("\n")
        word, _, number = first.partition(" ")
        if word != "old" or not number.isdecimal() or len(lines) > 63 or str(int(number)) != number:
            raise ValueError(first)
        return int(number), [b64decode(line, validate=True) for line in lines], read_note(text)
