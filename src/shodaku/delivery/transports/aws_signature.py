"""Signature version 4, with which requests to Amazon are signed. Pure.

Source: AWS General Reference, "Create a signed AWS API request". Only what we ask for: no query, one path.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Final

_KIND: Final = "AWS4-HMAC-SHA256"


def signed(
    method: str,
    host: str,
    path: str,
    body: bytes,
    *,
    key: tuple[str, str],
    region: str,
    service: str,
    now: datetime,
) -> list[tuple[str, str]]:
    """The headers X-Amz-Date and Authorization. `key`: its id and its secret; `path` is escaped already."""
    key_id, secret = key
    moment = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    day, names = moment[:8], "host;x-amz-date"
    digest = hashlib.sha256(body).hexdigest()
    asked = f"{method}\n{path}\n\nhost:{host}\nx-amz-date:{moment}\n\n{names}\n{digest}"
    scope = f"{day}/{region}/{service}/aws4_request"
    told = f"{_KIND}\n{moment}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    made = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        made = hmac.digest(made, part.encode(), "sha256")
    signature = hmac.digest(made, told.encode(), "sha256").hex()
    value = f"{_KIND} Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return [("X-Amz-Date", moment), ("Authorization", value)]
