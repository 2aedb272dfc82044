"""A key service for tests: a program that really encrypts, under a master key that is not beside the keys."""

from __future__ import annotations

import secrets
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

PROGRAM = """
import hashlib, hmac, pathlib, secrets, sys

verb, master, calls = sys.argv[1], pathlib.Path(sys.argv[2]).read_bytes(), pathlib.Path(sys.argv[3])
value = sys.stdin.buffer.read()
with calls.open("a") as log:
    log.write(verb + "\\n")


def keyed(nonce, text):
    stream = b"".join(
        hmac.digest(master, nonce + bytes([block]), "sha256") for block in range(len(text) // 32 + 1)
    )
    return bytes(a ^ b for a, b in zip(text, stream))


def seal(nonce, hidden):
    return hmac.digest(master, b"seal" + nonce + hidden, "sha256")


if verb == "wrap":
    nonce = secrets.token_bytes(16)
    hidden = keyed(nonce, value)
    sys.stdout.buffer.write(nonce + hidden + seal(nonce, hidden))
else:
    nonce, hidden, mark = value[:16], value[16:-32], value[-32:]
    if not hmac.compare_digest(mark, seal(nonce, hidden)):
        sys.exit("this is not ours: " + value.hex())
    sys.stdout.buffer.write(keyed(nonce, hidden))
"""


@dataclass(frozen=True, slots=True)
class Service:
    wrap: str  # command lines
    unwrap: str
    calls_file: Path

    @property
    def calls(self) -> list[str]:
        return self.calls_file.read_text(encoding="utf-8").split() if self.calls_file.exists() else []

    def named(self, monkeypatch) -> None:
        monkeypatch.setenv("SHODAKU_KMS_WRAP", self.wrap)
        monkeypatch.setenv("SHODAKU_KMS_UNWRAP", self.unwrap)


def a_service(folder) -> Service:
    outside = folder / "key service"  # a space: the command line is parsed, never given to a shell
    outside.mkdir()
    program, master, calls = outside / "service.py", outside / "master", outside / "calls"
    program.write_text(PROGRAM, encoding="utf-8")
    master.write_bytes(secrets.token_bytes(32))

    def command(verb):
        return shlex.join([sys.executable, "-I", "-S", str(program), verb, str(master), str(calls)])

    return Service(command("wrap"), command("unwrap"), calls)
