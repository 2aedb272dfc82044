"""Which event loop carries the mails."""

from __future__ import annotations

import asyncio
import sys

import pytest

from shodaku.config.worker import quick_loop


def test_the_send_plane_takes_the_quick_loop_where_there_is_one():
    uvloop = pytest.importorskip("uvloop")
    with asyncio.Runner(loop_factory=quick_loop()) as runner:
        assert isinstance(runner.get_loop(), uvloop.Loop)


def test_where_there_is_none_it_takes_pythons_own(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert quick_loop() is None
