"""The public address of a picture: it names its workspace and holds chance enough that nobody guesses one.

3 bytes of workspace and 15 of chance, 24 characters without padding: one token has one spelling. A row knows
it, not a key: what mails of years show must outlive every rotation.
"""

from __future__ import annotations

import base64
import re
from typing import Final

CHANCE_BYTES: Final = 15
ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png"}
_WORKSPACE_BYTES: Final = 3
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{24}", re.ASCII)
_SHOWN: Final = re.compile(r"/media/([A-Za-z0-9_-]{24})(?![A-Za-z0-9_-])", re.ASCII)


def token_of(workspace_id: int, chance: bytes) -> str:
    """Raises OverflowError for a workspace of more than 24 bits, ValueError for other than 15 bytes."""
    if len(chance) != CHANCE_BYTES:
        raise ValueError(f"a token takes {CHANCE_BYTES} bytes of chance, not {len(chance)}")
    return base64.urlsafe_b64encode(workspace_id.to_bytes(_WORKSPACE_BYTES, "big") + chance).decode()


def workspace_of(token: str) -> int | None:
    """None for what is no token."""
    if not _TOKEN.fullmatch(token):
        return None
    return int.from_bytes(base64.urlsafe_b64decode(token)[:_WORKSPACE_BYTES], "big")


def path_of(token: str, ending: str) -> str:
    return f"/media/{token}.{ending}"


def small_path_of(token: str, ending: str) -> str:
    return f"/media/{token}/small.{ending}"


def tokens_in(html: str) -> list[str]:
    """Of the pictures that the HTML shows, each once, wherever this installation is."""
    return list(dict.fromkeys(_SHOWN.findall(html)))
