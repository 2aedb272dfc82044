"""A coupon of a mail: its code, and that it was used. Pure. Door: `domain`.

It is one code for everybody who got the mail, so a use names nobody (docs/adr/0059).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final

COUPON_CODE_CHARACTERS_MAX: Final = 60
USED_TIMES_MAX: Final = 100_000  # that one line tells
RECEIPT_CHARACTERS_MAX: Final = 100
_SAME_CHARACTERS: Final = 32


@dataclass(frozen=True, slots=True)
class NewCouponUse:
    code: str  # as `parse_coupon_code` gives it
    used_on: date
    times: int
    receipt: str = ""  # what tells it from others of the day; "": it counts each time that it is told

    @property
    def same(self) -> str | None:
        """In place of the receipt, which together with the till could name somebody."""
        if not self.receipt:
            return None
        return sha256(f"{self.code}\0{self.receipt}".encode()).hexdigest()[:_SAME_CHARACTERS]


class UnfitCouponCode(ValueError):
    """A code has 1 to 60 characters, without line breaks or other controls."""


def parse_coupon_code(text: str) -> str:
    """The same code, however it was typed: full or half width, large or small. Raises UnfitCouponCode."""
    code = unicodedata.normalize("NFKC", text).strip().upper()
    odd = any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") for each in code)
    if odd or not 1 <= len(code) <= COUPON_CODE_CHARACTERS_MAX:
        raise UnfitCouponCode
    return code
