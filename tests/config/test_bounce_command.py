"""`shodaku bounce classify`: a line a mail, without a database, whatever the mails say."""

import json
import os
import subprocess
import sys

import pytest
from tests.delivery.bounce_mails import AT_DATA_END, AT_RCPT, answered, letter, qmail, report

DEAD = answered("550 5.1.1 User unknown", AT_RCPT, status="5.1.1")


def shodaku(*words, home):
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("SHODAKU_", "DJANGO_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "shodaku", "bounce", "classify", *map(str, words)],
        env={**environment, "SHODAKU_HOME": str(home / "nowhere")},
        capture_output=True,
        text=True,
        check=False,
    )


def lines(*words, home):
    ended = shodaku(*words, "--json", home=home)
    assert (ended.returncode, ended.stderr) == (0, "")
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_one_line_tells_all_of_a_mail(tmp_path):
    mail = tmp_path / "returned.eml"
    mail.write_bytes(answered("550 : User unknown", AT_DATA_END, recipient="reader@ezweb.ne.jp"))
    judged = {"hard": False, "reason": "filtered", "status": "5.0.0", "stage": "data_end"}
    assert lines(mail, home=tmp_path) == [
        {
            "file": str(mail),
            "kind": "bounce",
            **judged,
            "recipients": [{"address": "reader@ezweb.ne.jp", **judged, "code": "550"}],
        }
    ]


def test_folders_and_maildirs_are_read_with_all_below_them_in_order(tmp_path):
    folder = tmp_path / "mails"
    for name, raw in {
        "b.eml": DEAD,
        "a/c.eml": letter("いつもありがとう", sender="y@example.jp", subject="Re: x"),
        "box/cur/1:2,S": report("2.0.0", "250 ok", action="delivered"),
        "box/new/2": qmail("<reader@example.org>:\nMailbox full"),
        "box/tmp/3": b"half",
        "box/index": b"of the mail server",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    assert [(line["file"], line["kind"]) for line in lines(folder, home=tmp_path)] == [
        ("a/c.eml", "none"),
        ("b.eml", "bounce"),
        ("box/cur/1:2,S", "delivered"),
        ("box/new/2", "bounce"),
    ]


def test_a_mail_is_hard_only_if_each_of_its_recipients_is(tmp_path):
    mail = tmp_path / "two.eml"
    mail.write_bytes(
        qmail(
            "<gone@example.org>:\n192.0.2.1 does not like recipient.\n550 5.1.1 User unknown",
            "<full@example.org>:\n552 5.2.2 Mailbox full",
        )
    )
    (line,) = lines(mail, home=tmp_path)
    assert [each["hard"] for each in line["recipients"]] == [True, False]
    assert (line["hard"], line["reason"]) == (False, "mailboxfull")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            DEAD,
            "bounce of reader@example.org: hard, no such address / 宛先不明 (userunknown, 550 5.1.1 at rcpt)",
        ),
        (
            letter("Delivery failed"),
            "bounce of an unknown recipient: soft, passing, or in doubt / 一時的、または不明 (onhold)",
        ),
        (b"", "none: no bounce / エラーメールではない"),
    ],
)
def test_people_read_a_sentence(tmp_path, raw, said):
    mail = tmp_path / "returned.eml"
    mail.write_bytes(raw)
    ended = shodaku(mail, home=tmp_path)
    assert ended.stdout == f"{mail}  {said}\n"


def test_a_path_that_is_not_there_is_wrong_use(tmp_path):
    ended = shodaku(tmp_path / "nothing", home=tmp_path)
    assert ended.returncode == 2
    assert "cannot be read" in ended.stderr
