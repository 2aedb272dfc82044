"""Scans of a printed form, and people who key them in."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from functools import cache

from PIL import Image, ImageDraw
from tests.console.desk import somebody

from shodaku.accounts.domain import Role
from shodaku.ledger import services as ledger
from shodaku.signup import services
from shodaku.signup.services import Checking, Keyed, NewBatch, SheetCode

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
SIGNED_ON = date(2026, 11, 22)


def a_scan(kind="JPEG", note="A"):
    """A page with something on it."""
    file = io.BytesIO()
    page = Image.new("L", (400, 560), "white")
    ImageDraw.Draw(page).text((40, 40), f"Sheet {note}", fill="black")
    page.save(file, kind)
    return file.getvalue()


@cache
def staff():
    """Two colleagues."""
    return somebody(Role.CLERK), somebody(Role.MARKETER)


def code_of(form, language="ja"):
    return SheetCode(form.form_id, form.version, language)


def a_batch(shop, form, scans=1, *, checking=Checking.ALL, language="ja", now=NOW):
    """Its sheets, in their order."""
    code = code_of(form, language)
    services.make_sheet(shop.workspace_id, code, staff_id=staff()[0], now=now)
    order = NewBatch(
        code=code,
        shop="銀座店",
        checking=checking,
        shelf="B-12",
        destroy_on=(now + timedelta(days=400)).date(),
    )
    pictures = [ledger.plain_picture(a_scan(note=str(each))) for each in range(scans)]
    batch_id = services.open_batch(shop.workspace_id, order, pictures, staff_id=staff()[0], now=now)
    from shodaku.signup import selectors

    return batch_id, [each.sheet_id for each in selectors.sheets_of(shop.workspace_id, batch_id)]


def read_off(shop, form, address, **changed):
    told = {
        "address": address,
        "topic_ids": (shop.topic_id,),
        "name": "山田 花子",
        "signed_on": SIGNED_ON,
        "shop": "銀座店",
        "clerk": "佐藤",
        "code": code_of(form),
    }
    return Keyed(**{**told, **changed})


def keyed(shop, sheet_id, reading, *, by=0, now=NOW):
    return services.key_in(shop.workspace_id, sheet_id, reading, staff_id=staff()[by], now=now)
