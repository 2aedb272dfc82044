"""How often a form may be sent: from one network, and at all. No address of a network is stored.

A network is a keyed token of its truncated address and the hour; an hour later the same network has another
one, and rows of earlier hours are deleted. Per address of a person: `domain.may_ask`.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from django.conf import settings

from shodaku.kit import db, log, runtime
from shodaku.kit.keys import KeyPurpose

NETWORK_POSTS_MAX: Final = 10  # an hour, from an IPv4 /24 or an IPv6 /56 (SECURITY.md threat 1)
FORM_POSTS_MIN: Final = 300  # an hour: below it no form is ever held, however quiet it was until now
BASELINE_DAYS: Final = 14
BASELINE_TIMES: Final = 5
IPV4_PREFIX: Final = 24
IPV6_PREFIX: Final = 56

_sql = db.Statements("shodaku.signup")


class Flood(StrEnum):
    NETWORK = "network"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Limits:
    network_posts_max: int = NETWORK_POSTS_MAX
    form_posts_min: int = FORM_POSTS_MIN


def limits() -> Limits:
    """As the environment says."""
    return Limits(settings.SIGNUP_NETWORK_POSTS_MAX, settings.SIGNUP_FORM_POSTS_MIN)


def admit(workspace_id: int, form_id: int, ip: str, limits: Limits, now: datetime) -> Flood | None:
    """Count one post; why it has to wait for the next hour, or None. Alike for every address."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    network = network_of(ip)
    if network is not None and not _admit_network(network, hour, limits):
        return Flood.NETWORK
    if not _admit_form(workspace_id, form_id, hour, limits):
        log.info("signup.form_held", workspace=workspace_id, form=form_id)
        return Flood.FORM
    return None


def network_of(ip: str) -> str | None:
    """The truncated address. None for one's own network: a proxy, or the whole office."""
    try:
        address: IPv4Address | IPv6Address = ip_address(ip)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if not address.is_global:
        return None
    prefix = IPV4_PREFIX if isinstance(address, IPv4Address) else IPV6_PREFIX
    return str(ip_network((address, prefix), strict=False))


def held(workspace_id: int, form_id: int, limits: Limits, now: datetime) -> bool:
    """Does the form take nothing more in this hour?"""
    hour = now.replace(minute=0, second=0, microsecond=0)
    with db.transaction(workspace_id):
        posts: int | None = _sql.scalar("get_hour", form_id=form_id, hour=hour)
        return posts is not None and posts >= _form_posts_max(form_id, hour, limits)


def sweep(workspace_ids: list[int], *, now: datetime) -> int:
    """Networks of hours that are over, and figures that no baseline needs; how many rows."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    with db.transaction(None):
        gone = _sql.run("sweep_networks", before=hour)
    for workspace_id in workspace_ids:
        with db.transaction(workspace_id):
            gone += _sql.run("sweep_hours", before=hour - timedelta(days=BASELINE_DAYS))
    return gone


def _admit_network(network: str, hour: datetime, limits: Limits) -> bool:
    with db.transaction(None):
        posts = _sql.scalar(
            "count_network", token=_token(network, hour), hour=hour, posts_max=limits.network_posts_max
        )
    return posts is not None


def _admit_form(workspace_id: int, form_id: int, hour: datetime, limits: Limits) -> bool:
    with db.transaction(workspace_id):
        posts = _sql.scalar(
            "count_hour", form_id=form_id, hour=hour, posts_max=_form_posts_max(form_id, hour, limits)
        )
    return posts is not None


def _form_posts_max(form_id: int, hour: datetime, limits: Limits) -> int:
    """Five times what is usual in an hour."""
    since = hour - timedelta(days=BASELINE_DAYS)
    posts: int = _sql.scalar("sum_hours", form_id=form_id, since=since, hour=hour) or 0
    return max(limits.form_posts_min, BASELINE_TIMES * posts // (BASELINE_DAYS * 24))


def _token(network: str, hour: datetime) -> bytes:
    key = runtime.current().ring(KeyPurpose.FORM).newest
    return hmac.digest(key, f"signup network {hour.isoformat()} {network}".encode(), "sha256")
