"""A picture of a page that opens alone, taken by Chromium where it is installed.

The browser gets a folder and a profile that end with the picture, no network, and none of our environment.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from shodaku.kit import stopping
from shodaku.kit.errors import ShodakuError

NAMES: Final = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
SECONDS_MAX: Final = 30.0
POLL_SECONDS: Final = 0.1
BYTES_MAX: Final = 5_000_000
WIDTH_PIXELS: Final = 390  # CSS pixels: a telephone, on which most people sign up
# drawn below the page, so that its end is seen and not guessed; cut off again with the rest of the window
_END_PIXELS: Final = 8
_END_COLOUR: Final = (255, 0, 255)
_END: Final = f'<div style="height:{_END_PIXELS}px;background:#ff00ff"></div>'


@dataclass(frozen=True, slots=True)
class _Window:
    """Taller than the page, for a browser takes a picture of its window and not of a page."""

    height: int  # CSS pixels
    density: int  # pixels of the picture for each of these


# a form with two topics is 1,600 high; one of 30 and more gets a coarser picture
_WINDOWS: Final = (_Window(4_000, 2), _Window(30_000, 1))
_FLAGS: Final = (
    "--headless",
    "--hide-scrollbars",
    "--disable-gpu",
    "--force-color-profile=srgb",
    "--disable-dev-shm-usage",  # a container gives it 64 MB
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-sync",
    "--disable-component-update",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://127.0.0.1:9",  # an address needs no resolver; nobody answers at the discard port
    "--proxy-bypass-list=<-loopback>",
)


class NoPicture(ShodakuError):
    """The browser took no picture of the page."""

    code = "no_picture"


class PictureLate(NoPicture):
    """The browser took longer than 30 seconds."""

    code = "picture_late"


class PictureStopped(ShodakuError):
    """The process that took the picture was told to stop; the next one takes it."""

    code = "picture_stopped"


class PictureTooLarge(NoPicture):
    """The page is too long for a picture."""

    code = "picture_too_large"


def find_browser() -> str | None:
    """The first that is installed here."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def picture_of(html: str, browser: str) -> bytes:
    """PNG of the whole page. Raises NoPicture, PictureStopped."""
    with tempfile.TemporaryDirectory(prefix="shodaku-picture-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        page = folder / "page.html"
        head, body, tail = html.rpartition("</body>")
        page.write_text(f"{head}{_END}{body}{tail}" if body else html + _END, encoding="utf-8", newline="")
        for window in _WINDOWS:
            shot = _shot(browser, folder, page, window)
            end = _end_of_page(shot, _END_PIXELS * window.density)
            if end is not None:
                return _png(shot.crop((0, 0, shot.width, end)))
    raise PictureTooLarge


def _shot(browser: str, folder: Path, page: Path, window: _Window) -> Image.Image:
    target = folder / "picture.png"
    target.unlink(missing_ok=True)
    _run(
        [
            browser,
            *_FLAGS,
            *(["--no-sandbox"] if os.geteuid() == 0 else []),  # root has no sandbox to be put into
            f"--user-data-dir={folder / 'profile'}",
            f"--force-device-scale-factor={window.density}",
            f"--window-size={WIDTH_PIXELS},{window.height}",
            f"--screenshot={target}",
            page.as_uri(),
        ],
        folder,
    )
    try:
        with Image.open(target, formats=("PNG",)) as picture:
            shot = picture.convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise NoPicture from error
    if shot.size != (WIDTH_PIXELS * window.density, window.height * window.density):
        raise NoPicture  # another window than the one asked for shows another page
    return shot


def _run(command: list[str], folder: Path) -> None:
    process = subprocess.Popen(  # noqa: S603 - a browser of this machine and flags of ours
        command,
        cwd=folder,
        env={"HOME": str(folder), "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + SECONDS_MAX
    try:
        while process.poll() is None:
            if stopping.asked():  # a worker ends within five seconds, whatever the browser does
                raise PictureStopped
            if time.monotonic() > until:
                raise PictureLate
            with suppress(subprocess.TimeoutExpired):
                process.wait(POLL_SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with the helpers that it started
        process.wait()


def _end_of_page(shot: Image.Image, rows: int) -> int | None:
    """The row at which the mark below the page begins; None when it lies below the window."""
    middle = shot.crop((shot.width // 2, 0, shot.width // 2 + 1, shot.height))
    pixels = list(middle.get_flattened_data())
    for last in range(len(pixels) - 1, rows - 1, -1):
        if pixels[last] == _END_COLOUR:
            first = last + 1 - rows
            return first if pixels[first : last + 1] == [_END_COLOUR] * rows else None
    return None


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    if file.tell() > BYTES_MAX:
        raise PictureTooLarge
    return file.getvalue()
