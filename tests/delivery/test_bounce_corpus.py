"""The bounces of many servers, each with its meaning: how many are understood. Nothing breaks the reading."""

import importlib.util
import json
import os
import random
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shodaku.delivery.bounces.classify import classify

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "corpora"
CORPUS = Path(os.environ.get("SHODAKU_CORPORA", BESIDE)) / "bounces"
MUTATIONS = 300  # of 10,000 in the acceptance; more: hypothesis' own --hypothesis-profile

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of bounces is not here: ../shared/corpora, or SHODAKU_CORPORA"
)
MAILS = sorted(CORPUS.glob("mails/*.eml"))


def a_line(raw):
    returned = classify(raw)
    recipients = [{"address": each.address, "hard": each.judged.hard} for each in returned.recipients]
    hard = returned.judged is not None and returned.judged.hard
    return {"kind": returned.sort.value, "hard": hard, "recipients": recipients}


@needs_corpus
def test_the_targets_are_met():
    spec = importlib.util.spec_from_file_location("bounce_score", CORPUS / "score.py")
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    labels = json.loads((CORPUS / "labels.json").read_text(encoding="utf-8"))
    figures, failures = score.score(labels, {mail.name: a_line(mail.read_bytes()) for mail in MAILS})
    missed = [target for target in score.TARGETS if not score.met(figures, target)]
    assert missed == [], "\n".join(failures)


@needs_corpus
def test_line_ends_change_nothing():
    for mail in MAILS:
        unix = mail.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        said = {str(asdict(classify(unix.replace(b"\n", end)))) for end in (b"\n", b"\r\n", b"\r")}
        assert len(said) == 1, mail.name


@needs_corpus
@settings(max_examples=MUTATIONS, deadline=None)
@given(st.integers(min_value=0, max_value=2**32), st.binary(max_size=60))
def test_a_mail_that_was_cut_doubled_and_overwritten_still_gives_an_answer(seed, piece):
    chance = random.Random(seed)
    raw = bytearray(chance.choice(MAILS).read_bytes())
    for _ in range(chance.randint(1, 10)):
        start = chance.randrange(len(raw) + 1)
        end = min(len(raw), start + chance.randrange(300))
        other = chance.choice(MAILS).read_bytes()
        at = chance.randrange(len(other))
        raw[start:end] = chance.choice([b"", piece, bytes(raw[start:end]) * 5, other[at : at + 400]])
    assert classify(bytes(raw)).sort


@settings(max_examples=MUTATIONS, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_an_answer(raw):
    assert classify(b"From: MAILER-DAEMON\nSubject: failure notice\n\n" + raw).sort
    assert classify(raw).sort
