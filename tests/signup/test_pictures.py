"""Beside the page there is a picture of how it looked, taken by Chromium where it is installed."""

from __future__ import annotations

import io
import os
import shutil
import socket
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from PIL import Image
from tests.people import a_shop
from tests.signup.forms import a_form, ask
from tests.signup.shown import (
    LANGUAGES,
    a_stranger,
    acts,
    as_if_published_before_pages_were_kept,
    fields_of,
    html_of,
    publish_again,
    sha256,
)

from shodaku.kit import db
from shodaku.signup import browser, jobs, pages, selectors, services

CHROMIUM = Path("/usr/bin/chromium")
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def shop(database):
    return a_shop()


@pytest.fixture(scope="module")
def chromium():
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt install chromium")
    with pytest.MonkeyPatch.context() as patient:  # a busy machine is no fault
        patient.setattr(browser, "SECONDS_MAX", 300.0)
        yield str(CHROMIUM)


@pytest.fixture
def told(monkeypatch):
    """Events of the log, each with its facts."""
    lines = []
    monkeypatch.setattr("shodaku.kit.log.info", lambda event, **facts: lines.append((event, facts)))
    return lines


def a_program(folder, script):
    """Something that is called like a browser."""
    program = folder / "chromium"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.browser
def test_the_job_takes_a_picture_in_each_language_once(shop, chromium, told):
    form = a_form(shop)
    jobs.picture(shop.workspace_id, form.form_id, 1)
    pages = selectors.pages(shop.workspace_id, form.form_id)
    for page in pages:
        png = selectors.page_picture(shop.workspace_id, form.form_id, 1, page.language)
        assert sha256(png) == page.picture_sha256
        assert page.pictured_at is not None
    jobs.picture(shop.workspace_id, form.form_id, 1)
    assert selectors.pages(shop.workspace_id, form.form_id) == pages
    assert [facts["pictures"] for event, facts in told if event == "signup.pictured"] == [2, 0]


@pytest.fixture(scope="module")
def pictured(chromium, database):
    """A form with pictures, and what somebody agreed to before they were taken."""
    shop = a_shop()
    form = a_form(shop)
    before = fields_of(shop, ask(shop, a_stranger()), "consent.requested")
    services.take_pictures(shop.workspace_id, form.form_id, 1, chromium, now=NOW)
    return shop, form, before


@pytest.mark.browser
def test_each_picture_is_an_act_that_binds_it_to_its_page(pictured):
    shop, form, _ = pictured
    pages = selectors.pages(shop.workspace_id, form.form_id)
    said = [act for act in acts(shop, "wording") if "picture_sha256" in act]
    assert [(act["language"], act["page_sha256"], act["picture_sha256"]) for act in said] == [
        (page.language, page.html_sha256, page.picture_sha256) for page in pages
    ]
    assert {(act["form"], act["version"], act["by"]) for act in said} == {(str(form.form_id), 1, "system")}


@pytest.mark.browser
def test_a_consent_names_the_picture_once_there_is_one(pictured):
    shop, form, before = pictured
    after = fields_of(shop, ask(shop, a_stranger(), language="en"), "consent.requested")
    page = selectors.page(shop.workspace_id, form.form_id, 1, "en")
    assert "picture_sha256" not in before
    assert after["picture_sha256"] == page.picture_sha256
    shown = selectors.shown_by_hash(shop.workspace_id, [page.picture_sha256])
    assert shown == {page.picture_sha256: selectors.page_picture(shop.workspace_id, form.form_id, 1, "en")}


@pytest.mark.browser
def test_it_shows_the_whole_page_as_wide_as_a_telephone_and_no_empty_end(pictured):
    shop, form, _ = pictured
    png = selectors.page_picture(shop.workspace_id, form.form_id, 1, "ja")
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    assert picture.width == 2 * browser.WIDTH_PIXELS
    assert 2 * 844 < picture.height < 2 * 4_000
    end = picture.crop((0, picture.height - 300, picture.width, picture.height))
    assert end.getcolors(1) is None  # the sender's name is written there
    assert (255, 0, 255) not in {colour for _, colour in picture.getcolors(picture.width * picture.height)}


@pytest.mark.browser
def test_a_page_longer_than_the_finer_window_gets_a_coarser_picture(chromium):
    page = "<!doctype html><body style='margin:0'><p style='height:7000px'>あ</p><b>end</b>"
    picture = Image.open(io.BytesIO(browser.picture_of(page, chromium)))
    assert picture.width == browser.WIDTH_PIXELS
    assert 7_000 < picture.height < 7_200


@pytest.mark.browser
def test_a_page_longer_than_any_window_has_none(chromium):
    page = "<!doctype html><body style='margin:0'><p style='height:31000px'>あ</p><b>end</b>"
    with pytest.raises(browser.PictureTooLarge):
        browser.picture_of(page, chromium)


@pytest.mark.browser
def test_the_browser_reaches_nobody(chromium):
    """Not even this machine, which needs no resolver."""
    met = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        threading.Thread(target=lambda: met.append(server.accept()), daemon=True).start()
        page = f"<!doctype html><p>あ<img src='http://127.0.0.1:{port}/a.png'><img src='http://localhost:{port}/b'>"
        browser.picture_of(page, chromium)
        assert met == []


@pytest.mark.browser
def test_nothing_of_the_browser_is_left_behind(chromium, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    browser.picture_of("<!doctype html><p>あ", chromium)
    assert list(tmp_path.iterdir()) == []
    left = [each for each in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path).encode() in read(each)]
    assert left == []


def read(file):
    try:
        return file.read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        "echo no picture > picture.png",
        ": > picture.png",
    ],
)
def test_a_browser_that_fails_gives_no_picture(tmp_path, script):
    with pytest.raises(browser.NoPicture):
        browser.picture_of("<p>", a_program(tmp_path, script))


def test_neither_does_one_with_another_window_than_was_asked_for(tmp_path):
    Image.new("RGB", (500, 8_000)).save(tmp_path / "wide.png")
    with pytest.raises(browser.NoPicture):
        browser.picture_of("<p>", a_program(tmp_path, f"cp {tmp_path}/wide.png picture.png"))


def test_nor_one_that_shows_no_end_of_the_page(tmp_path):
    for name, size in (("fine", (780, 8_000)), ("coarse", (390, 30_000))):
        Image.new("RGB", size, "white").save(tmp_path / f"{name}.png")
    script = f"case $* in *factor=2*) cp {tmp_path}/fine.png picture.png;; esac"
    script += f"; case $* in *factor=1*) cp {tmp_path}/coarse.png picture.png;; esac"
    with pytest.raises(browser.PictureTooLarge):
        browser.picture_of("<p>", a_program(tmp_path, script))


def test_a_browser_that_hangs_is_ended_with_its_helpers(tmp_path, monkeypatch):
    monkeypatch.setattr(browser, "SECONDS_MAX", 0.5)
    with pytest.raises(browser.PictureLate):
        browser.picture_of("<p>", a_program(tmp_path, f"echo $$ > {tmp_path}/leader; sleep 600 & wait"))
    leader = (tmp_path / "leader").read_text().strip()
    until = time.monotonic() + 10
    while alive_in_group(leader) and time.monotonic() < until:
        pass
    assert alive_in_group(leader) == []


def test_a_worker_that_is_told_to_stop_does_not_wait_for_the_browser(tmp_path, monkeypatch):
    monkeypatch.setattr("shodaku.kit.stopping.asked", (tmp_path / "leader").exists)
    with pytest.raises(browser.PictureStopped):
        browser.picture_of("<p>", a_program(tmp_path, f"echo $$ > {tmp_path}/leader; sleep 600 & wait"))


def alive_in_group(leader):
    """What was killed may still wait to be buried by somebody else."""
    states = [read(each).decode().rpartition(")")[2].split() for each in Path("/proc").glob("[0-9]*/stat")]
    return [state for state in states if state and state[2] == leader and state[0] not in "ZX"]


def test_the_browser_gets_nothing_of_our_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SHODAKU_VAULT_URL", "postgresql://secret")
    with pytest.raises(browser.NoPicture):
        browser.picture_of("<p>", a_program(tmp_path, f"env > {tmp_path}/seen; echo $@ > {tmp_path}/asked"))
    assert "secret" not in (tmp_path / "seen").read_text()
    assert ("--no-sandbox" in (tmp_path / "asked").read_text()) is (os.geteuid() == 0)


def test_a_page_whose_picture_fails_stands_for_itself(shop, tmp_path, told):
    form = a_form(shop)
    assert not services.take_pictures(
        shop.workspace_id, form.form_id, 1, a_program(tmp_path, "exit 1"), now=NOW
    )
    assert [event for event, _ in told] == ["signup.picture_failed"] * 2
    assert [page.picture_sha256 for page in selectors.pages(shop.workspace_id, form.form_id)] == [None, None]
    assert len(acts(shop, "wording")) == 1


def test_without_a_browser_the_page_is_kept_and_the_job_says_so_once(shop, told, monkeypatch):
    monkeypatch.setattr(browser, "NAMES", ("no-such-browser",))
    jobs._say_that_there_is_no_browser.cache_clear()
    form = a_form(shop)
    for _ in range(3):
        jobs.picture(shop.workspace_id, form.form_id, 1)
    assert [event for event, _ in told] == ["signup.no_browser_for_pictures"]
    assert html_of(shop, form)
    assert browser.find_browser() is None
    assert services.defer_due(shop.workspace_id, pictures=False) == 0


def test_a_browser_that_is_installed_later_takes_the_pictures_that_are_missing(shop):
    form = a_form(shop)
    publish_again(shop, form, NOW)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("delete from procrastinate_jobs where task_name = 'signup.picture'")
    assert services.defer_due(shop.workspace_id, pictures=True) == 2


def test_browsers_are_looked_for_on_the_path(tmp_path, monkeypatch):
    monkeypatch.setattr(browser, "NAMES", ("chromium",))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.find_browser() is None
    assert browser.find_browser() == shutil.which("chromium")
    assert a_program(tmp_path, "") == browser.find_browser()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_is_set_once(shop, language):
    form = a_form(shop)
    which = {"form_id": form.form_id, "language": language}
    write = (
        "update form_page set picture = %(picture)s, picture_sha256 = encode(sha256(%(picture)s), 'hex'),"
        " pictured_at = now() where form_id = %(form_id)s and language = %(language)s"
    )
    with db.transaction(shop.workspace_id) as connection:
        assert connection.execute(write, {**which, "picture": b"one"}).rowcount == 1
    with pytest.raises(psycopg.errors.RestrictViolation), db.transaction(shop.workspace_id) as connection:
        connection.execute(write, {**which, "picture": b"two"})


def test_a_picture_under_a_hash_that_is_not_its_own_cannot_be_written(shop):
    a_form(shop)
    with pytest.raises(psycopg.errors.CheckViolation), db.transaction(shop.workspace_id) as connection:
        connection.execute("update form_page set picture = 'one', picture_sha256 = 'ab', pictured_at = now()")


def test_a_picture_that_fails_three_times_is_not_tried_again(shop, tmp_path, told):
    form = a_form(shop)
    failing = a_program(tmp_path, f"echo tried >> {tmp_path}/tries; exit 1")
    for attempt in range(1, 5):
        without_jobs(shop)
        assert services.defer_due(shop.workspace_id, pictures=True) == (1 if attempt <= 3 else 0)
        services.take_pictures(shop.workspace_id, form.form_id, 1, failing, now=NOW)
    assert [event for event, _ in told] == ["signup.picture_failed"] * 6
    assert html_of(shop, form)


def test_who_has_no_page_comes_before_who_has_no_picture(database, shop, monkeypatch):
    monkeypatch.setattr(pages, "DUE_ROWS_MAX", 1)
    old = a_form(shop)
    as_if_published_before_pages_were_kept(database, shop)
    publish_again(shop, old, NOW)
    without_jobs(shop)
    assert services.defer_due(shop.workspace_id, pictures=True) == 1
    with db.transaction(shop.workspace_id) as connection:
        waiting = connection.execute(
            "select (args ->> 'version')::int from procrastinate_jobs where task_name = 'signup.picture'"
            " and (args ->> 'workspace_id')::int = %s",
            [shop.workspace_id],
        ).fetchall()
    assert waiting == [(1,)]


def without_jobs(shop):
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("delete from procrastinate_jobs where task_name = 'signup.picture'")
