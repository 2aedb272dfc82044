"""Somebody at the desk: a signed-in member of a shop, and the addresses of its pages."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from functools import cache

from django.test import Client
from django.urls import reverse

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PASSWORD = "Long enough 2026"


@cache
def somebody(role):
    """One account a role; creating one hashes a password, which takes its time."""
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    return accounts.create_staff(f"{role}-{uuid.uuid4().hex[:8]}@aoi.example", "森 美咲", PASSWORD, now=now)


def at_desk(shop=None, role=Role.OWNER, *, language="en", **client):
    """A browser that is signed in; a member of the shop in this role."""
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    staff_id = somebody(role)
    if shop is not None:
        accounts.join(shop.workspace_id, staff_id, role, now=now)
    browser = Client(headers={"accept-language": language}, **client)
    browser.force_login(accounts.staff(staff_id), backend=BACKEND)
    return browser


def url(shop, name, *arguments):
    return reverse(f"console_{name}", args=[shop.slug, *arguments])


def text_of(answer):
    return answer.content.decode()
