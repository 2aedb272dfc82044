"""Route of coupons: a till tells how often a code was used, and nobody by name."""

from __future__ import annotations

from typing import Annotated, Final

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from shodaku.api.calling import caller_with
from shodaku.api.domain import Scope
from shodaku.imports import services
from shodaku.imports.domain import CouponVerdict, WrittenUse
from shodaku.kit import clock

USES_MAX: Final = 1_000

router = Router()


class CouponUseBody(Schema):
    """`used` is a day or a time; the same `receipt` of a code counts once, and is kept as a digest."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=1, max_length=200)]
    used: Annotated[str, Field(min_length=1, max_length=40)]
    times: Annotated[int, Field(ge=1, le=100_000)] = 1
    receipt: Annotated[str, Field(max_length=100)] = ""


class CouponUsesBody(Schema):
    model_config = ConfigDict(extra="forbid")

    uses: Annotated[list[CouponUseBody], Field(min_length=1, max_length=USES_MAX)]


class CouponUsesAnswer(Schema):
    verdicts: list[CouponVerdict]  # in the order of the uses


@router.post("", response=CouponUsesAnswer, summary="How often coupons were used")
def note(request: HttpRequest, body: CouponUsesBody) -> CouponUsesAnswer:
    caller = caller_with(request, Scope.PURCHASES_WRITE)
    written = [
        WrittenUse(code=each.code, used=each.used, times=str(each.times), receipt=each.receipt)
        for each in body.uses
    ]
    verdicts = services.note_coupon_uses(
        caller.workspace_id, written, by=caller.name, staff_id=None, now=clock.now()
    )
    return CouponUsesAnswer(verdicts=verdicts)
