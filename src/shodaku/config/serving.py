"""The HTTP of the web server: links of mails are answered as soon as they are read, everything else as ever.

A task, an event and two writes a request cost more than the answer to a click: 70 us against 20. So what
`delivery.hits` can answer from memory is written by the protocol itself; it is uvicorn's in all other things.
"""

from __future__ import annotations

from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shodaku.delivery.hits import Answer, Hits

_STARTS: Final = (b"/c/", b"/p/")


def _hits() -> Hits:
    from shodaku.config import asgi  # noqa: PLC0415 - sets Django up; by the first connection it is loaded

    return asgi.application


class QuickProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - as uvicorn calls it
        super().__init__(*given, **named)
        self._hits = _hits()
        self._answered = False  # the request that is being read

    def on_headers_complete(self) -> None:
        if self.url.startswith(_STARTS) and self._is_alone():
            path = self.url.partition(b"?")[0].decode("latin-1")
            method = self.parser.get_method().decode("ascii")
            answer = self._hits.at_once(method, path, self.headers)
            if answer is not None:
                self._write(answer, with_body=method != "HEAD")
                return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._answered:
            self._answered = False
            self.on_response_complete()
        else:
            super().on_message_complete()

    def _is_alone(self) -> bool:
        """No answer is owed before this one, and the connection stays."""
        owed = self.pipeline or (self.cycle is not None and not self.cycle.response_complete)
        stays = self.parser.get_http_version() == "1.1" and self.parser.should_keep_alive()
        return not owed and stays and not self.parser.should_upgrade() and not self.expect_100_continue

    def _write(self, answer: Answer, *, with_body: bool) -> None:
        lines = [STATUS_LINE[answer.status]]
        for name, value in (*self.server_state.default_headers, *answer.headers):
            lines += (name, b": ", value, b"\r\n")
        lines += (b"\r\n", answer.body if with_body else b"")
        self.transport.write(b"".join(lines))
        self._answered = True
