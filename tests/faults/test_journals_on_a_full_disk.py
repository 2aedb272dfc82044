"""The disk that the journals lie on is full: nothing leaves, nobody is lost, and staff read why."""

from __future__ import annotations

import errno
from dataclasses import replace

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.console.test_campaigns import counted, draft, launch
from tests.delivery.mailings import launched, outcomes, send_now, wait_until
from tests.delivery.sink import RunningSink
from tests.delivery.test_worker import planned
from tests.people import a_reader, a_shop

from shodaku.config.commands import doctor_command
from shodaku.delivery import journal
from shodaku.delivery.disk import Disk
from shodaku.delivery.outside import REAL
from shodaku.kit import runtime

SENTENCES = {
    "en": "The disk of this server is full, so nothing is sent",
    "ja": "このサーバーのディスクがいっぱいのため、送信を止めています",
}


class FullDisk(Disk):
    """No file more; or no line more, where there is a file."""

    def __init__(self, *, takes_files):
        self.takes_files = takes_files

    def create(self, file):
        if self.takes_files:
            return super().create(file)
        raise OSError(errno.ENOSPC, "No space left on device")

    def append(self, descriptor, content):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("takes_files", [False, True])
def test_nothing_leaves_and_when_there_is_room_everybody_gets_it_once(database, tmp_path, takes_files):
    shop = a_shop()
    people = [a_reader(shop), a_reader(shop)]
    mailing_id = launched(shop, people)
    with RunningSink() as sink:
        full = replace(REAL, disk=FullDisk(takes_files=takes_files))
        send_now(database, shop, mailing_id, sink.port, home=tmp_path, outside=full)
        assert (sink.arrived, outcomes(database, shop, mailing_id)) == ([], {})
        send_now(database, shop, mailing_id, sink.port, home=tmp_path, during=lambda worker: worker.recover())

        def left():  # what made no progress waits for a second
            send_now(database, shop, mailing_id, sink.port, home=tmp_path)
            return planned(database, shop, mailing_id) == []

        wait_until(left)
    assert len(sink.arrived) == len(people)
    assert {each[0] for each in outcomes(database, shop, mailing_id).values()} == {"accepted"}
    assert planned(database, shop, mailing_id) == []


@pytest.mark.parametrize("language", SENTENCES)
def test_the_page_of_the_campaign_says_why_it_stands_still(database, monkeypatch, language):
    shop = a_shop()
    a_reader(shop)
    desk = at_desk(shop, language=language)
    campaign_id = draft(desk, shop)
    launch(desk, shop, campaign_id, counted(desk, shop, campaign_id)[1])
    (runtime.current().home / "journals").mkdir(exist_ok=True)
    assert SENTENCES[language] not in text_of(desk.get(url(shop, "campaign", campaign_id)))
    monkeypatch.setattr(journal, "ROOM_BYTES_MIN", 1 << 62)
    assert SENTENCES[language] in text_of(desk.get(url(shop, "campaign", campaign_id)))


def test_the_doctor_says_where_to_make_room(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor_command.environment, "home", lambda: tmp_path)
    (tmp_path / "journals").mkdir()
    monkeypatch.setattr(journal, "ROOM_BYTES_MIN", 1 << 62)
    assert doctor_command._disk() == (
        False,
        f"nothing is sent from here, for {tmp_path / 'journals'} cannot be written: make room there",
    )
