"""The same newsletter sent by django-newsletter, which asks a database of its own and nothing else.

It is under the AGPL, so it is no dependency and no line of it is imported here: it runs as a program of its
own, from a virtual environment that somebody made by hand and names, with a folder of settings, templates and
rows that we write for it. SQLite, Django's SMTP transport as delivered, text and HTML, one process.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shodaku.config.bench import sample
from shodaku.delivery.domain import NewMailing
from shodaku.kit.errors import OutOfReach

MESSAGES_MAX: Final = 2_000  # of a round
_SECONDS_MAX: Final = 300.0
_SLUG: Final = "news"
_CODE: Final = "{{ subscription.activation_code }}"  # 40 characters, as long as the token of the naive sender
_PAGE: Final = f"https://t.bench.example/o/{_CODE}"
_VALUES: Final = {
    "name": "{{ subscription.name }}",
    **dict.fromkeys(("opt_out", "why", "preferences"), _PAGE),
    **{f"link{number}": f"https://t.bench.example/c/{_CODE}/{number}" for number in range(sample.LINKS)},
}
_PLACE: Final = re.compile(r"\{\{ *(\w+) *\}\}")
_SETTINGS: Final = """
SECRET_KEY = "of a measurement"
USE_TZ = True
TIME_ZONE = "UTC"
SITE_ID = 1
ROOT_URLCONF = "bench_urls"
STATIC_URL = "/static/"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sites",
    "sorl.thumbnail",
    "newsletter",
]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": {database!r}}}}}
TEMPLATES = [
    {{
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "DIRS": [{templates!r}],
    }}
]
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = {port}
NEWSLETTER_THUMBNAIL = "sorl-thumbnail"
NEWSLETTER_USE_HTTPS = True
LOGGING = {{
    "version": 1,
    "handlers": {{"failed": {{"class": "logging.FileHandler", "filename": {failed!r}, "level": "ERROR"}}}},
    "loggers": {{"newsletter": {{"handlers": ["failed"]}}}},
}}
"""
_URLS: Final = """
from django.urls import include, path

urlpatterns = [path("newsletter/", include("newsletter.urls"))]
"""


class NoNewsletterPython(OutOfReach):
    """There is no django-newsletter in the Python that was named with --newsletter-python."""

    code = "no_newsletter_python"


class NotSent(OutOfReach):
    """django-newsletter did not send everything; its figure would be too good."""

    code = "reference_did_not_send"


@dataclass(frozen=True, slots=True)
class Installation:
    """A folder that django-newsletter runs in, and the Python that has it."""

    python: str
    folder: Path

    def run(self, *words: str) -> float:
        """Seconds that a command of its own took, with its start. Raises NotSent."""
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "bench_settings",
        }
        start = time.perf_counter()
        try:
            done = subprocess.run(  # noqa: S603 - fixed words; the program is the one that was named
                [self.python, "-m", "django", *words],
                env=environment,
                cwd=self.folder,
                capture_output=True,
                text=True,
                check=False,
                timeout=_SECONDS_MAX,
            )
        except subprocess.TimeoutExpired as error:
            raise NotSent(hint=f"{words[0]}: {_SECONDS_MAX:.0f} s") from error
        if done.returncode != 0:
            raise NotSent(hint=f"{words[0]}: {_last_line(done.stderr)}")
        return time.perf_counter() - start

    @property
    def failed(self) -> str:
        """What it logged of messages that did not leave: it goes on without them."""
        log = self.folder / "failed.log"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


def installed_in(python: str | None) -> str:
    """That Python, if it has django-newsletter. Raises NoNewsletterPython."""
    if python is None:
        raise NoNewsletterPython(hint="--newsletter-python PATH")
    look = "import importlib.util, sys; sys.exit(importlib.util.find_spec('newsletter') is None)"
    try:
        done = subprocess.run([python, "-c", look], capture_output=True, check=False, timeout=_SECONDS_MAX)  # noqa: S603 - as named
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoNewsletterPython(hint=python) from error
    if done.returncode != 0:
        raise NoNewsletterPython(hint=python)
    return python


def per_second(python: str, newsletter: NewMailing, port: int, messages: int) -> float:
    """Messages a second of `messages` or MESSAGES_MAX, without the start of the program.

    Raises NoNewsletterPython, NotSent.
    """
    messages = min(messages, MESSAGES_MAX)
    idle, sending = seconds_taken(python, newsletter, port, messages)
    if sending <= idle:
        raise NotSent(hint=f"{messages} messages are too few")
    return messages / (sending - idle)


def seconds_taken(python: str, newsletter: NewMailing, port: int, messages: int) -> tuple[float, float]:
    """Of the program that sends what waits: while nothing waits, and with all messages.

    Raises NoNewsletterPython, NotSent.
    """
    with _installation(python, newsletter, port) as installation:
        idle = installation.run("submit_newsletter")
        rows = installation.folder / "rows.json"
        rows.write_text(json.dumps(rows_of(messages)), encoding="utf-8")
        installation.run("loaddata", str(rows))
        sending = installation.run("submit_newsletter")
        if installation.failed:
            raise NotSent(hint=_last_line(installation.failed))
    return idle, sending


@contextmanager
def _installation(python: str, newsletter: NewMailing, port: int) -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="shodaku-newsletter-") as name:
        folder = Path(name)
        templates = folder / "templates" / "newsletter" / "message" / _SLUG
        templates.mkdir(parents=True)
        for file, text in templates_of(newsletter).items():
            (templates / file).write_text(text, encoding="utf-8")
        settings = _SETTINGS.format(
            database=str(folder / "rows.sqlite3"),
            templates=str(folder / "templates"),
            port=port,
            failed=str(folder / "failed.log"),
        )
        (folder / "bench_settings.py").write_text(settings, encoding="utf-8")
        (folder / "bench_urls.py").write_text(_URLS, encoding="utf-8")
        installation = Installation(installed_in(python), folder)
        installation.run("migrate")
        yield installation


def templates_of(newsletter: NewMailing) -> dict[str, str]:
    """Our newsletter in its places: file name to template; each person's values are its subscription's."""
    return {
        "message_subject.txt": newsletter.subject,
        "message.txt": _placed(newsletter.text),
        "message.html": _placed(newsletter.html or ""),
    }


def _placed(text: str) -> str:
    """Raises KeyError for a place of which django-newsletter knows nothing."""
    return _PLACE.sub(lambda found: _VALUES[found[1]], text)


def rows_of(messages: int) -> list[dict[str, object]]:
    """A newsletter, its subscribers, and one message that waits to be sent to all of them."""
    at, past = "2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"
    letter = {"title": "計測", "slug": _SLUG, "email": "news@bench.example", "sender": "計測", "site": [1]}
    submission = {
        "newsletter": 1,
        "message": 1,
        "site": 1,
        "subscriptions": [*range(1, messages + 1)],
        "publish_date": past,
        "publish": False,
        "prepared": True,
    }
    return [
        {"model": "sites.site", "pk": 1, "fields": {"domain": "t.bench.example", "name": "計測"}},
        {"model": "newsletter.newsletter", "pk": 1, "fields": letter},
        {"model": "newsletter.message", "pk": 1, "fields": {"title": "計測", "slug": "one", "newsletter": 1,
                                                            "date_create": at, "date_modify": at}},
        *(
            {"model": "newsletter.subscription", "pk": number, "fields": _subscription(number, at)}
            for number in range(1, messages + 1)
        ),
        {"model": "newsletter.submission", "pk": 1, "fields": submission},
    ]  # fmt: skip


def _subscription(number: int, at: str) -> dict[str, object]:
    return {
        "name_field": "山田 花子 様",
        "email_field": f"{number}@bench.invalid",
        "newsletter": 1,
        "create_date": at,
        "activation_code": f"{number:040x}",
        "subscribed": True,
        "subscribe_date": at,
    }


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1][:200]
