"""An event loop whose clock is told and whose processes can be stopped and killed, all in one thread.

Every callback belongs to the process in whose context it was scheduled. Of a stopped process nothing runs
before it goes on; of a killed one nothing ever does, neither `finally` nor what was buffered. What is due at
the same instant runs in the order in which it was asked for, so nothing here depends on the machine.
"""

from __future__ import annotations

import asyncio
import heapq
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, ContextVar
from typing import Any, Final, Protocol

_ANSWERS_MAX: Final = 20  # a coroutine that is put away may wait again while it tidies up


class Killed(BaseException):  # no error of the code that it ends: no `except Exception` may see it
    """The process ends here, in the middle of whatever it does."""


class Process:
    """What lives and dies together: tasks, connections, descriptors."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.stopped_until = 0.0
        self.context = Context()
        self.context.run(_process.set, self)

    def __repr__(self) -> str:
        return self.name


_process: ContextVar[Process | None] = ContextVar("simulated_process", default=None)


WORLD: Final = Context()  # of what belongs to no process


def this_process() -> Process | None:
    """Whose code is running; None: the world's."""
    return _process.get()


class Network(Protocol):
    async def connect(
        self, factory: Callable[[], asyncio.BaseProtocol], process: Process | None, host: str
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]: ...


class _Timer(asyncio.TimerHandle):
    def __init__(
        self,
        when: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],  # Any: whatever the callback takes
        loop: Loop,
        context: Context | None,
    ) -> None:
        super().__init__(when, callback, args, loop, context)
        self.process = _process.get() if context is None else context.get(_process)
        self.order: tuple[float, int] | None = None  # among what is due at one time


class Loop(asyncio.AbstractEventLoop):
    """As much of an event loop as the send path asks for. `network` is what connections go over."""

    def __init__(self, network: Network) -> None:
        self.now = 0.0
        self.slept = 0.0  # of that time, while nothing was to be done
        self.steps = 0
        self.faults: list[tuple[str, BaseException]] = []  # what no code was ready for
        self._network = network
        self._ready: deque[_Timer] = deque()
        self._timers: list[tuple[float, tuple[float, int], _Timer]] = []
        self._count = 0
        self._tasks: list[asyncio.Task[Any]] = []
        self._readers: dict[int, tuple[Process | None, Callable[..., object], tuple[Any, ...]]] = {}
        self._over = False

    # --- what asyncio asks of a loop

    def time(self) -> float:
        return self.now

    def call_soon(  # type: ignore[override]  # Any in place of the variadic type: nothing here looks at it
        self,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401 - whatever the callback takes
        context: Context | None = None,
    ) -> asyncio.Handle:
        timer = _Timer(self.now, callback, args, self, context)
        self._ready.append(timer)
        return timer

    def call_later(  # type: ignore[override]  # as above
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401 - whatever the callback takes
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_at(self.now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]  # as above
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401 - whatever the callback takes
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        timer = _Timer(when, callback, args, self, context)
        self._push(when, timer)
        return timer

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is dropped when its time comes."""

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
        *,
        name: object = None,
        context: Context | None = None,
    ) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, name=str(name or "task"), context=context)
        self._tasks.append(task)  # kept: what is collected would tidy up at a time of its own choosing
        return task

    def run_in_executor(  # type: ignore[override]  # as above
        self,
        executor: object,  # noqa: ARG002 - there are no threads here
        func: Callable[..., object],
        *args: Any,  # noqa: ANN401
    ) -> asyncio.Future[Any]:
        """It is done at once."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the future's
            future.set_exception(error)
        return future

    async def create_connection(  # type: ignore[override]  # as above
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        host: str | None = None,
        port: int | None = None,  # noqa: ARG002 - each relay has one
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]:
        return await self._network.connect(protocol_factory, this_process(), host or "")

    def add_reader(self, fd: Any, callback: Callable[..., object], *args: Any) -> None:  # type: ignore[override]  # noqa: ANN401 - as above
        self._readers[fd] = (this_process(), callback, args)

    def remove_reader(self, fd: Any) -> bool:  # noqa: ANN401 - as above
        return self._readers.pop(fd, None) is not None

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not self._over and isinstance(error, BaseException) and not isinstance(error, Killed):
            self.faults.append((str(context.get("message")), error))

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return not self._over

    def is_closed(self) -> bool:
        return False

    # --- what the world asks of it

    @property
    def awake(self) -> float:
        """Seconds in which something could happen."""
        return self.now - self.slept

    def spawn(self, process: Process | None, work: Coroutine[Any, Any, None]) -> None:
        """A task of that process; of the world for None."""
        context = WORLD if process is None else process.context
        self.create_task(work, context=context)

    def readable(self, fd: int) -> None:
        """A descriptor has something to say to whoever watches it."""
        if fd in self._readers:
            process, callback, args = self._readers[fd]
            self.call_soon(callback, *args, context=WORLD if process is None else process.context)

    def freeze(self, process: Process, seconds: float) -> None:
        """SIGSTOP, swap, a machine that sleeps: what is due meanwhile runs when it goes on."""
        process.stopped_until = max(process.stopped_until, self.now + seconds)

    def sleep_until(self, when: float) -> None:
        """Every machine sleeps until then; what was due meanwhile is late, in its order."""
        self.slept += max(0.0, when - self.now)
        self.now = max(self.now, when)

    def run(self, over: Callable[[], bool], seconds_max: float, steps_max: int) -> None:
        """Until it is over, or a limit is reached. What happens in it sees this loop as the running one."""
        events._set_running_loop(self)  # noqa: SLF001 - what every event loop does
        try:
            while not over() and self.now < seconds_max and self.steps < steps_max and self._step():
                pass
        finally:
            events._set_running_loop(None)  # noqa: SLF001 - as above

    def put_away(self) -> None:
        """End every coroutine in its order. Nobody counts what they still do."""
        self._over = True
        events._set_running_loop(self)  # noqa: SLF001 - as above
        try:
            for task in self._tasks:
                if not task.done():
                    _end(task)
        finally:
            events._set_running_loop(None)  # noqa: SLF001 - as above
        self._ready.clear()
        self._timers.clear()
        self._tasks.clear()

    def _push(self, when: float, timer: _Timer) -> None:
        """One that is late keeps its place before those that were due after it."""
        if timer.order is None:
            self._count += 1
            timer.order = (timer.when(), self._count)
        heapq.heappush(self._timers, (when, timer.order, timer))

    def _step(self) -> bool:
        if self._ready:
            timer = self._ready.popleft()
        elif self._timers:
            when, _, timer = heapq.heappop(self._timers)
            self.now = max(self.now, when)
        else:
            return False
        process = timer.process
        if timer.cancelled() or (process is not None and not process.alive):
            return True
        if process is not None and process.stopped_until > self.now:
            self._push(process.stopped_until, timer)
            return True
        self.steps += 1
        timer._run()  # noqa: SLF001 - what every event loop does
        return True


def _end(task: asyncio.Task[Any]) -> None:
    coroutine = task.get_coro()
    for _ in range(_ANSWERS_MAX):
        try:
            coroutine.close()
        except BaseException:  # noqa: BLE001, S112 - whatever it still says
            continue
        return
