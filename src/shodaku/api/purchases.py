"""Routes of the catalogue and of purchases: a shop tells what it sells, and who bought it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from shodaku.api.calling import caller_with, invalid
from shodaku.api.domain import Scope
from shodaku.api.problems import Problem
from shodaku.api.schemas import ADDRESS_CHARACTERS_MAX
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import ProductFault, UnfitProduct, parse_product
from shodaku.imports import services
from shodaku.imports.domain import PurchaseVerdict, WrittenPurchase
from shodaku.kit import clock

PURCHASES_MAX: Final = 1_000

router = Router()
products_router = Router()

_Short = Annotated[str, Field(max_length=100)]


class ProductBody(Schema):
    model_config = ConfigDict(extra="forbid")

    name: _Short
    url: Annotated[str, Field(max_length=500)] = ""
    kind: _Short = "other"


class ProductAnswer(Schema):
    code: str
    name: str
    url: str
    kind: str
    offered: bool


class PurchaseBody(Schema):
    """`amount` in `currency`; other than in yen, `amount_yen` says it in yen."""

    model_config = ConfigDict(extra="forbid")

    address: Annotated[str, Field(min_length=1, max_length=ADDRESS_CHARACTERS_MAX)]
    product: _Short  # its code
    at: datetime
    amount: Annotated[str, Field(max_length=20)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "JPY"
    amount_yen: Annotated[str, Field(max_length=20)] = ""
    reference: _Short = ""  # the order; the same one again counts once


class PurchasesBody(Schema):
    model_config = ConfigDict(extra="forbid")

    purchases: Annotated[list[PurchaseBody], Field(min_length=1, max_length=PURCHASES_MAX)]


class PurchasesAnswer(Schema):
    """`verdicts`, in the order of the purchases, are for keys with `contacts:read`."""

    taken: int
    verdicts: list[PurchaseVerdict] | None = None


@products_router.get("", response=list[ProductAnswer], summary="The catalogue")
def products(request: HttpRequest) -> list[ProductAnswer]:
    caller = caller_with(request, Scope.PURCHASES_WRITE)
    return [_answer(each) for each in contacts.products(caller.workspace_id)]


@products_router.put("/{code}", response=ProductAnswer, summary="A product, new or called otherwise")
def save_product(request: HttpRequest, code: str, body: ProductBody) -> ProductAnswer:
    caller = caller_with(request, Scope.PURCHASES_WRITE)
    try:
        product = parse_product(code, body.name, body.url, body.kind)
    except UnfitProduct as fault:
        raise invalid(fault.fault.value, _sentence(fault.fault)) from fault
    services.save_product(caller.workspace_id, product, by=caller.name, now=clock.now())
    return next(_answer(e) for e in contacts.products(caller.workspace_id) if e.code == product.code)


@products_router.delete("/{code}", response={204: None}, summary="A product is not offered any more")
def archive_product(request: HttpRequest, code: str) -> None:
    """Who bought it stays known."""
    caller = caller_with(request, Scope.PURCHASES_WRITE)
    try:
        services.archive_product(caller.workspace_id, code, by=caller.name, now=clock.now())
    except services.NoSuchProduct as fault:
        raise Problem(404, fault.code, _("No product that is offered has this code.")) from fault


@router.post("", response=PurchasesAnswer, summary="Who bought what")
def record(request: HttpRequest, body: PurchasesBody) -> PurchasesAnswer:
    """Of people who are known; nobody becomes a contact by having bought something."""
    caller = caller_with(request, Scope.PURCHASES_WRITE)
    if any(each.at.utcoffset() is None for each in body.purchases):
        raise invalid("at", _("Give the time with its offset: 2026-11-22T09:41:00+09:00."))
    verdicts = services.record_purchases(
        caller.workspace_id, [_written(each) for each in body.purchases], by=caller.name, now=clock.now()
    )
    knows = Scope.CONTACTS_READ in caller.scopes
    return PurchasesAnswer(taken=len(verdicts), verdicts=verdicts if knows else None)


def _written(body: PurchaseBody) -> WrittenPurchase:
    return WrittenPurchase(
        address=body.address,
        product=body.product,
        bought=body.at.isoformat(timespec="seconds"),
        amount=body.amount,
        amount_yen=body.amount_yen,
        currency=body.currency,
        reference=body.reference,
    )


def _sentence(fault: ProductFault) -> str:
    return {
        ProductFault.CODE: _("A code has 1 to 40 letters, digits, dots, hyphens or underscores (a-z, 0-9)."),
        ProductFault.NAME: _("A name has 1 to 100 characters, no control characters and no “=?”."),
        ProductFault.URL: _("A page begins with https:// or http:// and has at most 500 characters."),
        ProductFault.KIND: _("The kind is course, goods, service, event or other."),
    }[fault]


def _answer(product: contacts.Product) -> ProductAnswer:
    return ProductAnswer(
        code=product.code,
        name=product.name,
        url=product.url,
        kind=product.kind,
        offered=product.archived_at is None,
    )
