"""Four machines over one database (F10): each worker has a home, and so journals, of its own."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
from collections import Counter
from contextlib import ExitStack, contextmanager

import pytest
from tests.delivery.mailings import (
    EVERYBODY,
    arrived,
    in_order,
    launched,
    many_readers,
    newsletter,
    now,
    outcomes,
    rows,
    sink_process,
    wait_until,
    worker_process,
)
from tests.people import a_reader, a_shop

from shodaku.campaigns import services as campaigns
from shodaku.campaigns.services import NewCampaign
from shodaku.config.commands import campaign_command
from shodaku.config.commands.campaign_command import HoldsNothing
from shodaku.delivery import selectors, services
from shodaku.delivery.domain import MailingKind
from shodaku.kit import db
from shodaku.policy.domain import Ads, MessageClass

MACHINES = 4
PEOPLE = 4_000
NOTICE = {
    "kind": MailingKind.NOTICE,
    "message_class": MessageClass.TRANSACTIONAL,
    "ads": Ads.NONE,
    "promotional": False,
}


@contextmanager
def machines(database, folder, port):
    """Running workers by their homes."""
    homes = [folder / f"machine{number}" for number in range(MACHINES)]
    with ExitStack() as stack:
        yield {home: stack.enter_context(worker_process(database, home, port)) for home in homes}


def a_campaign(shop):
    """Counted and launched as at the desk."""
    letter = NewCampaign(name="冬", topic_id=shop.topic_id, subject="冬の便り", text="{{ name }}\n\n冬です。")
    campaign_id = campaigns.create(shop.workspace_id, letter, staff_id=None, now=now())
    counted = campaigns.count(shop.workspace_id, campaign_id, now=now())
    answer = campaigns.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=now())
    return campaign_id, answer


def held(database, shop, mailing_id, host):
    """Everybody in the chunks that this machine has opened."""
    statement = """select unnest(contact_ids) from chunk
                   where mailing_id = %(m)s and state = 'open' and host = %(host)s"""
    return {row[0] for row in rows(database, shop, statement, m=mailing_id, host=host)}


def unfinished_elsewhere(database, shop, mailing_id, host):
    statement = """select count(*) from chunk
                   where mailing_id = %(m)s and (state = 'planned' or state = 'open' and host <> %(host)s)"""
    return rows(database, shop, statement, m=mailing_id, host=host)[0][0]


def stopped_in_the_middle(database, shop, mailing_id, worker, home):
    """The number of the machine, which stands still with a chunk open."""
    wait_until((home / "journals/host").exists)
    host = (home / "journals/host").read_text()

    def caught():
        worker.send_signal(signal.SIGSTOP)
        if held(database, shop, mailing_id, host):
            return True
        worker.send_signal(signal.SIGCONT)
        return False

    wait_until(caught)
    return host


def answered(capsys, shop, *words):
    """What `shodaku campaign lost` answers."""
    parser = argparse.ArgumentParser()
    campaign_command.define(parser)
    options = parser.parse_args(["lost", *map(str, words), "--workspace", shop.slug])
    assert campaign_command.run(options) == 0
    return capsys.readouterr().out


def lost(capsys, shop, *words):
    return json.loads(answered(capsys, shop, *words, "--json"))


def test_f10_a_machine_that_is_lost_with_its_journals_makes_nobody_else_uncertain(database, tmp_path, capsys):
    shop = a_shop()
    people = many_readers(database, shop, PEOPLE)
    with sink_process(tmp_path, 0.002) as (port, log_file), machines(database, tmp_path, port) as running:
        campaign_id, answer = a_campaign(shop)
        mailing_id = answer.mailing_id
        assert answer.people == PEOPLE
        wait_until(lambda: sum(arrived(log_file, people).values()) > PEOPLE // 10)
        home, worker = next(iter(running.items()))
        host = stopped_in_the_middle(database, shop, mailing_id, worker, home)
        worker.kill()
        worker.wait()
        shutil.rmtree(home)
        with worker_process(database, home, port):  # started again, on an empty disk
            wait_until(lambda: not unfinished_elsewhere(database, shop, mailing_id, host), 60)
        doubtful = held(database, shop, mailing_id, host)
        assert doubtful, "its chunk stays open: nobody else can tell what became of it"
        assert selectors.progress(shop.workspace_id, mailing_id).state == "running"
        (told,) = lost(capsys, shop, campaign_id)
        assert (told["host"], told["people"]) == (host, len(doubtful))
        assert lost(capsys, shop, campaign_id, "--host", host)["uncertain"] == len(doubtful)
        wait_until(lambda: selectors.progress(shop.workspace_id, mailing_id).state == "done")
        counted = arrived(log_file, people)

    results = outcomes(database, shop, mailing_id)
    assert sorted(results) == people, "nobody is lost"
    assert max(counted.values()) == 1, "nobody got it twice"
    uncertain = {contact for contact, (outcome, _, _) in results.items() if outcome == "uncertain"}
    assert uncertain == doubtful
    assert {contact for contact, (outcome, _, _) in results.items() if outcome == "accepted"} == {
        *people
    } - doubtful
    assert {*people} - counted.keys() <= doubtful, "accepted is what arrived"
    assert lost(capsys, shop, campaign_id) == []


def test_a_machine_that_holds_nothing_is_not_given_up(database, capsys):
    shop = a_shop()
    a_reader(shop)
    campaign_id, answer = a_campaign(shop)
    with pytest.raises(HoldsNothing):
        lost(capsys, shop, campaign_id, "--host", "0" * 32)
    assert answered(capsys, shop, campaign_id) == "no machine holds anything of it\n"
    services.cancel(shop.workspace_id, answer.mailing_id, now=now())


def test_two_campaigns_share_the_machines_and_a_notice_overtakes_both(database, tmp_path, monkeypatch):
    monkeypatch.setattr(services, "_rate", lambda _kind: 500.0)  # or each has a chunk for every second worker
    first, second, third = a_shop(), a_shop(), a_shop()
    everybody = {shop: many_readers(database, shop, PEOPLE // 2) for shop in (first, second)}
    (waiting,) = many_readers(database, third, 1)
    mailings = {}
    for shop in everybody:  # the second one is behind the whole of the first
        with db.transaction(shop.workspace_id):
            mailings[shop] = services.plan(newsletter(shop), EVERYBODY, now=now()).mailing_id
    both = [*everybody[first], *everybody[second]]
    with sink_process(tmp_path, 0.002) as (port, log_file), machines(database, tmp_path, port):
        wait_until(lambda: len(in_order(log_file, both)) > PEOPLE // 10)
        launched(third, [waiting], **NOTICE)
        for shop, mailing_id in mailings.items():
            wait_until(lambda s=shop, m=mailing_id: selectors.progress(s.workspace_id, m).state == "done", 60)
        wait_until(lambda: arrived(log_file, [waiting]))
        order = in_order(log_file, [*both, waiting])
    assert Counter(order) == Counter([*both, waiting]), "everybody once"
    seconds = {*everybody[second]}
    half = [each in seconds for each in order[: PEOPLE // 2]]
    assert PEOPLE // 8 < sum(half) < PEOPLE * 3 // 8, "of the first half each campaign has its share"
    assert order.index(waiting) < len(order) - PEOPLE // 10, "a notice does not wait for the campaigns' end"
