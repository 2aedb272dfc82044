"""Where this installation lives and how its parts find each other; read before Django is set up.

`shodaku up` and `demo` write what they started into `<home>/environment.json` (0600), so that a command
typed in another shell reaches the same databases.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from shodaku.kit.errors import WrongUse

FILE = "environment.json"
LIMIT_MAX = 1_000_000
OIDC = ("SHODAKU_OIDC_ISSUER", "SHODAKU_OIDC_CLIENT_ID", "SHODAKU_OIDC_SECRET_FILE", "SHODAKU_OIDC_NAME")
HANDED_ON = (
    "SHODAKU_KMS_UNWRAP",
    "SHODAKU_KMS_WRAP",
    "SHODAKU_KEY_ROTATION",
    *OIDC,
)  # as `up` was given them
NAMES = (
    "SHODAKU_DATABASE_URL",
    "SHODAKU_OWNER_URL",
    "SHODAKU_VAULT_URL",
    "SHODAKU_PUBLIC_URL",
    "SHODAKU_SMTP_URL",
    "SHODAKU_DEMONSTRATION",
    *HANDED_ON,
)


class UnfitLimit(WrongUse):
    """A limit in the environment is a whole number from 1 to 1000000; correct it or leave it out."""

    code = "unfit_limit"


def limit(name: str, default: int) -> int:
    """Raises UnfitLimit."""
    text = os.environ.get(name, "")
    if text and not (text.isascii() and text.isdecimal() and 0 < int(text[:8]) <= LIMIT_MAX):
        raise UnfitLimit(hint=name)
    return int(text or default)


def home() -> Path:
    """SHODAKU_HOME, else /var/lib/shodaku for root and the user's own data folder for others."""
    if named := os.environ.get("SHODAKU_HOME"):
        return Path(named).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/shodaku")
    return Path(os.environ.get("XDG_DATA_HOME", str(Path.home() / ".local" / "share"))) / "shodaku"


def keys_folder() -> Path:
    """SHODAKU_KEYS, else `keys` in the home."""
    return Path(os.environ.get("SHODAKU_KEYS", str(home() / "keys")))


def load() -> None:
    """Fill what the environment does not say from the running installation's file, if there is one."""
    os.environ.setdefault("SHODAKU_HOME", str(home()))
    file = home() / FILE
    if "SHODAKU_DATABASE_URL" in os.environ or not file.is_file():
        return
    for name, value in json.loads(file.read_text(encoding="utf-8")).items():
        os.environ.setdefault(name, value)


def save(values: Mapping[str, str]) -> None:
    """Write the file for other commands; readable by its owner alone, for it holds database passwords."""
    file = home() / FILE
    waiting = file.with_suffix(".new")
    waiting.unlink(missing_ok=True)
    descriptor = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        json.dump({name: values[name] for name in NAMES if name in values}, target)
    waiting.rename(file)


def remove() -> None:
    (home() / FILE).unlink(missing_ok=True)
