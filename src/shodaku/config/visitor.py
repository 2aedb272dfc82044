"""A visitor without a browser: reads pages over real HTTP and fills in the forms that stand on them.

Sends what a browser would: hidden fields as they are, boxes only when ticked, one button. Used by the
demonstration and by the flow tests; cookies are kept per visitor, so that a test can see that none was set.
"""

from __future__ import annotations

import http.cookiejar
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin

ANSWER_SECONDS_MAX = 20.0


@dataclass(slots=True)
class Form:
    """A form as it stands on the page."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)  # what is sent as it is
    choices: list[tuple[str, str]] = field(
        default_factory=list
    )  # boxes and radio buttons that are not ticked
    ticked: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    url: str
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def forms(self) -> list[Form]:
        reader = _Forms()
        reader.feed(self.text)
        return reader.forms


class Visitor:
    """One person's browser, with its cookies."""

    def __init__(self, base: str, language: str = "ja") -> None:
        self._base, self._language = base, language
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, url: str, method: str = "GET") -> Page:
        where = urljoin(self._base, url)
        return self._open(urllib.request.Request(where, method=method))  # noqa: S310 - http of our own

    def post(self, url: str, values: Iterable[tuple[str, str]]) -> Page:
        """Send a form's values."""
        body = urlencode(list(values)).encode()
        where = urljoin(self._base, url)
        origin = "/".join(where.split("/")[:3])
        said = {"Origin": origin, "Referer": where}
        request = urllib.request.Request(where, body, said, method="POST")  # noqa: S310 - http of our own
        return self._open(request)

    def submit(
        self,
        page: Page,
        values: Mapping[str, str] | None = None,
        *,
        tick: Iterable[tuple[str, str]] = (),
        form: int = 0,
    ) -> Page:
        """Press the button of form number `form`; hidden fields go along, boxes only if in `tick`."""
        chosen = page.forms[form]
        given = values or {}
        kept = [each for each in chosen.ticked if each[0] not in given]
        sent = [*{**chosen.fields, **given}.items(), *kept, *tick, *chosen.buttons[:1]]
        where = urljoin(page.url, chosen.action)
        if chosen.method != "post":
            return self.get(f"{where}?{urlencode(sent)}")
        return self.post(where, sent)

    def _open(self, request: urllib.request.Request) -> Page:
        request.add_header("Accept-Language", self._language)
        try:
            with self._opener.open(request, timeout=ANSWER_SECONDS_MAX) as answer:
                return Page(answer.url, answer.status, dict(answer.headers), answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Page(
                    error.url or request.full_url, error.code, dict(error.headers), error.read().decode()
                )


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside: Form | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = Form(at.get("action", ""), at.get("method", "get").lower())
            self.forms.append(self._inside)
        elif self._inside is None:
            return
        elif tag == "input":
            _read_input(self._inside, at)
        elif tag == "button" and at.get("type", "submit") == "submit" and "name" in at:
            self._inside.buttons.append((at["name"], at.get("value", "")))
        elif tag in ("textarea", "select") and "name" in at:
            self._inside.fields[at["name"]] = ""
            self._area = at["name"] if tag == "textarea" else None

    def handle_data(self, data: str) -> None:
        if self._inside is not None and self._area is not None:
            self._inside.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None
        elif tag == "textarea":
            self._area = None


def _read_input(form: Form, at: Mapping[str, str]) -> None:
    name, value = at.get("name", ""), at.get("value", "")
    if not name:
        return
    match at.get("type", "text"):
        case "checkbox" | "radio":
            (form.ticked if "checked" in at else form.choices).append((name, value or "on"))
        case "submit":
            form.buttons.append((name, value))
        case "file" | "button" | "reset" | "image":
            return
        case _:
            form.fields[name] = value
