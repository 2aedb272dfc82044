"""`shodaku serve`: the web server on loopback, behind whatever terminates TLS."""

from __future__ import annotations

import argparse

from shodaku.config import environment
from shodaku.kit import clock, keys, log
from shodaku.kit.errors import ShodakuError
from shodaku.kit.keys import KeyPurpose

CONNECTIONS_MAX = 4_000  # how many requests are answered at a time is decided by config.doors
SHUTDOWN_SECONDS = 3
# without the others nothing new can be agreed to, but who wants to opt out finds the door open
NEEDED = (KeyPurpose.COOKIE, KeyPurpose.LINK, KeyPurpose.FORM, KeyPurpose.PEPPER)
USED = (KeyPurpose.KEK, KeyPurpose.HOLD, KeyPurpose.OUTBOX)


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    import uvicorn  # noqa: PLC0415 - only the chosen command loads its tools

    from shodaku.config import bind, databases  # noqa: PLC0415
    from shodaku.config.serving import QuickProtocol  # noqa: PLC0415

    keys.require(environment.keys_folder(), NEEDED)
    _tell_what_is_away()
    bind.start_command()
    databases.require_weak_application()
    _look_for_copies()
    bind.stop()  # the application opens connections of its own
    uvicorn.run(
        "shodaku.config.asgi:application",
        host=options.host,
        port=options.port,
        http=QuickProtocol,
        lifespan="on",  # at the end what was noted of links is written
        log_config=None,  # the settings' own lines: an exception's text may hold an address
        access_log=False,  # an opt-out link in a log would be a key to somebody's data
        server_header=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    return 0


def _look_for_copies() -> None:
    """It shuts the gate of a copy; the door for who opts out stays open whatever is found."""
    from shodaku.backups import services  # noqa: PLC0415 - Django is set up by run

    try:
        services.look_for_copies(clock.now())
    except ShodakuError as fault:
        log.info("copies.not_looked_for", code=fault.code, hint=fault.hint)


def _tell_what_is_away() -> None:
    folder = environment.keys_folder()
    for purpose in USED:
        try:
            keys.require(folder, [purpose])
        except keys.KeyUnavailable as fault:
            log.info("key.away", purpose=purpose.value, code=fault.code, hint=fault.hint)
