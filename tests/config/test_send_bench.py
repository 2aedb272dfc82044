"""What our sending is held against: others send the same newsletter, and all of it, or there is no figure."""

from __future__ import annotations

import email
import email.policy
import html
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.delivery.sink import RunningSink

from shodaku.config.bench import django_newsletter, naive, sample

SHOP = sample.Shop(workspace_id=1, sender_id=1, topic_id=1)


@pytest.fixture
def python(tmp_path):
    """A stand-in: no test may depend on a program under the AGPL."""
    stand_in = tmp_path / "python"
    text = Path(__file__).with_name("a_newsletter_python.py").read_text(encoding="utf-8")
    stand_in.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
    stand_in.chmod(0o755)
    return stand_in


def parts(content):
    message = email.message_from_bytes(content, policy=email.policy.default)
    return {
        each.get_content_type(): html.unescape(
            each.get_content().replace("\r\n", "\n").strip()
        )  # "/" is written in two ways
        for each in message.walk()
        if not each.is_multipart()
    }


def test_django_newsletter_sends_the_very_newsletter_that_the_naive_sender_sends(python):
    letter = sample.newsletter(SHOP)
    with RunningSink() as sink:
        django_newsletter.seconds_taken(str(python), letter, sink.port, 3)
        theirs = {each.recipient: parts(each.content) for each in sink.arrived}
        sink.arrived.clear()
        naive.per_second(letter, sink.port, 3)
        first = {each.recipient: parts(each.content) for each in sink.arrived}
    assert theirs.keys() == {f"{number}@bench.invalid" for number in (1, 2, 3)}
    assert theirs["1@bench.invalid"] == first["1@bench.invalid"]


def test_a_place_that_django_newsletter_cannot_fill_is_no_comparison():
    with pytest.raises(KeyError):
        django_newsletter.templates_of(replace(sample.newsletter(SHOP), text="{{ coupon }}"))


def test_a_message_that_did_not_leave_makes_the_figure_void(python):
    (python.parent / "fails").touch()
    with RunningSink() as sink, pytest.raises(django_newsletter.NotSent) as told:
        django_newsletter.per_second(str(python), sample.newsletter(SHOP), sink.port, 3)
    assert told.value.hint == "Message 1 failed with error"


@pytest.mark.parametrize("named", [None, "/no/such/python"])
def test_who_names_no_python_with_django_newsletter_is_told(named):
    with pytest.raises(django_newsletter.NoNewsletterPython):
        django_newsletter.installed_in(named)


def test_a_python_without_django_newsletter_is_not_taken(python):
    (python.parent / "has none").touch()
    with pytest.raises(django_newsletter.NoNewsletterPython):
        django_newsletter.installed_in(str(python))


def test_the_command_without_it_ends_with_status_3_and_a_sentence():
    command = [sys.executable, "-m", "shodaku", "bench", "send", "--against", "django-newsletter", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 3, done.stderr
    assert "--newsletter-python" in done.stderr
    assert done.stdout == ""
