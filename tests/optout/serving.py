"""The web server as it is run, in a process of its own, and presses as mailbox providers send them."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from tests.conftest import HOME
from tests.signup.forms import link

from shodaku.kit.links import Purpose, Token

STARTED_SECONDS_MAX = 60
PRESS = b"List-Unsubscribe=One-Click"
URLENCODED = "application/x-www-form-urlencoded"


class Server:
    def __init__(self, process, port):
        self.process, self.port = process, port

    def ask(self, method, path, body=None, headers=None, *, timeout=30):
        """Status, headers and body; a body that is a list of pieces is sent in chunks."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with contextlib.closing(connection):
            pieces = iter(body) if isinstance(body, list) else body
            connection.request(method, path, pieces, headers or {}, encode_chunked=isinstance(body, list))
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def press(self, token, **options):
        return self.ask("POST", f"/o/{token}", PRESS, {"Content-Type": URLENCODED}, **options)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def a_server(database, home=HOME, url=None):
    """Ends with the block, if it has not ended before."""
    port = free_port()
    values = {
        "SHODAKU_HOME": str(home),
        "SHODAKU_KEYS": str(HOME / "keys"),
        "SHODAKU_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SHODAKU_DATABASE_URL": url or database.application,
        "SHODAKU_OWNER_URL": database.owner,
        "SHODAKU_VAULT_URL": database.vault,
    }
    command = [sys.executable, "-m", "shodaku", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, **values}, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield Server(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def a_token(shop, contact_id):
    return link(Token(shop.workspace_id, 0, contact_id, Purpose.DELIVERY))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process):
    until = time.monotonic() + STARTED_SECONDS_MAX
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("the server did not start")


class Cable:
    """A way to the database that can be cut and mended."""

    def __init__(self, port):
        self._to, self._ends = port, []
        self.port = free_port()
        self._listener = None
        self.mend()

    def mend(self):
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._listen, args=[self._listener], daemon=True).start()

    def cut(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def _listen(self, listener):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._to))
            self._ends += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=_copy, args=[source, target], daemon=True).start()


def _copy(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
