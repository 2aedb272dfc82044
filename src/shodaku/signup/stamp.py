"""The signed, ageing token of a form: which version was shown, in which language, when. No row, no cookie."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.core.signing import BadSignature, Signer

from shodaku.kit import runtime
from shodaku.kit.keys import KeyPurpose

AGE_SECONDS_MIN: Final = 3  # nobody reads and fills in a form quicker (SECURITY.md threat 1)
AGE_SECONDS_MAX: Final = 3600


class StampFault(StrEnum):
    FORGED = "forged"
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    WITHDRAWN = "withdrawn"  # its words were taken back since the page was opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    workspace_id: int
    form_id: int
    version: int
    wording_version: int
    wording_sha256: str
    language: str
    at: int  # seconds since 1970
    source_no: int | None = None  # the poster by which the person came

    def fault(self, now: datetime, *, seconds_min: int = AGE_SECONDS_MIN) -> StampFault | None:
        age = int(now.timestamp()) - self.at
        if age < seconds_min:
            return StampFault.TOO_YOUNG
        return StampFault.TOO_OLD if age > AGE_SECONDS_MAX else None


def sign(stamp: Stamp) -> str:
    return _signer().sign_object(asdict(stamp))


def read(text: str) -> Stamp | None:
    """None unless it is ours, whatever its age."""
    try:
        return Stamp(**_signer().unsign_object(text))
    except (BadSignature, TypeError, ValueError):  # not even base64 or JSON is a forged one too
        return None


def _signer() -> Signer:
    ring = runtime.current().ring(KeyPurpose.FORM)
    older: list[bytes | str] = [key.hex() for epoch, key in ring.epochs.items() if epoch != ring.newest_epoch]
    return Signer(key=ring.newest.hex(), fallback_keys=older, salt="shodaku.form")
