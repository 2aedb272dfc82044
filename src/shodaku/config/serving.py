"""The HTTP of the web server: links of mails are answered as soon as they are read, everything else as ever.

A task, an event and two writes a request cost more than the answer to a click: 70 us against 20. So what
`delivery.hits` can answer from memory is written by the protocol itself; it is uvicorn's in all other things.
"""

from __future__ import annotations

from asyncio import TimerHandle
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
        self._rests = False  # since the last click: nothing is owed
        self._rests_since = 0.0

    def data_received(self, data: bytes) -> None:
        """After a click the timer of an idle connection goes on: to set a new one each time costs 6 us."""
        timer, self.timeout_keep_alive_task = self.timeout_keep_alive_task, None
        self._rests = False
        super().data_received(data)
        if self._rests and self.timeout_keep_alive_task is None and self._owes_nothing():
            self.timeout_keep_alive_task = timer or self._timer(self.timeout_keep_alive)
        elif timer is not None:
            timer.cancel()

    def timeout_keep_alive_handler(self) -> None:
        left = self._rests_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self._timer(left)
        else:
            super().timeout_keep_alive_handler()

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
            self._rests, self._rests_since = True, self.loop.time()
            self.server_state.total_requests += 1
        else:
            super().on_message_complete()

    def _is_alone(self) -> bool:
        """No answer is owed before this one, and the connection stays."""
        stays = self.parser.get_http_version() == "1.1" and self.parser.should_keep_alive()
        plain = not self.parser.should_upgrade() and not self.expect_100_continue
        return stays and plain and self._owes_nothing()

    def _owes_nothing(self) -> bool:
        return not self.pipeline and (self.cycle is None or self.cycle.response_complete)

    def _timer(self, seconds: float) -> TimerHandle:
        return self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _write(self, answer: Answer, *, with_body: bool) -> None:
        lines = [STATUS_LINE[answer.status]]
        for name, value in (*self.server_state.default_headers, *answer.headers):
            lines += (name, b": ", value, b"\r\n")
        lines += (b"\r\n", answer.body if with_body else b"")
        self.transport.write(b"".join(lines))
        self._answered = True
