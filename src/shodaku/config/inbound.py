"""The process that takes mail in: its own SMTP and LMTP door, and mailboxes elsewhere, each minute."""

from __future__ import annotations

import asyncio
import signal
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import django.db

from shodaku.kit import clock, log, runtime
from shodaku.kit.errors import WrongUse
from shodaku.optout import listening, mailboxes
from shodaku.optout.listening import Door, Place, PlaceTaken

AGAIN_SECONDS: Final = 5.0  # until a place that somebody else holds is tried again


class BadCertificate(WrongUse):
    """The certificate and its key cannot be read; they are PEM files, and belong together."""

    code = "bad_certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    smtp: Sequence[Place]
    lmtp: Sequence[Place]
    certificate: Path | None = None  # then STARTTLS is offered
    key: Path | None = None
    patient: bool = False  # wait for a place that is taken


def run(doors: Doors) -> None:
    """Until SIGTERM or SIGINT. Raises PlaceTaken, BadCertificate."""
    tls = _tls(doors)
    ended = threading.Event()
    polling = threading.Thread(target=_poll, args=(ended,), name="mailboxes", daemon=True)
    polling.start()
    try:
        asyncio.run(_serve(doors, tls))
    finally:
        ended.set()
        polling.join(listening.STOP_SECONDS)


def _tls(doors: Doors) -> ssl.SSLContext | None:
    if doors.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(doors.certificate, doors.key)
    except (OSError, ssl.SSLError) as error:
        raise BadCertificate(hint=str(doors.certificate)) from error
    return context


async def _serve(doors: Doors, tls: ssl.SSLContext | None) -> None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    door = Door(clock.now)
    hostname = urlsplit(runtime.current().public_url).hostname or "localhost"
    while not stopped.is_set():
        try:
            await listening.serve(
                door,
                smtp=doors.smtp,
                lmtp=doors.lmtp,
                tls=tls,
                hostname=hostname,
                stopped=stopped,
                opened=_tell,
            )
        except PlaceTaken as taken:
            if not doors.patient:
                raise
            log.info("inbound.place_taken", place=taken.hint)
            await _pause(stopped)


def _tell(places: Sequence[str]) -> None:
    for place in places:
        log.info("inbound.listening", place=place)


async def _pause(stopped: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stopped.wait(), AGAIN_SECONDS)
    except TimeoutError:
        return


def _poll(ended: threading.Event) -> None:
    while not ended.is_set():
        django.db.close_old_connections()
        try:
            mailboxes.poll_all(clock.now)
        except Exception as fault:  # noqa: BLE001 - whatever it was, the mailboxes are read again in a minute
            log.info("inbound.mailboxes_wait", error=type(fault).__name__)
        finally:
            django.db.close_old_connections()
        ended.wait(mailboxes.POLL_SECONDS)
