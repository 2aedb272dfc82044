"""The loop whose clock is told: what a process that stands still finds when it goes on."""

from shodaku.config.simulate.loop import WORLD, Loop, Process


def test_what_was_due_comes_in_its_order_however_often_the_process_was_stopped():
    loop, process, seen = Loop(network=None), Process("w"), []
    for at in (1.0, 5.0, 2.0):
        loop.call_at(at, seen.append, at, context=process.context)
    for at, seconds in ((0.5, 9.5), (3.0, 10.0)):
        loop.call_at(at, loop.freeze, process, seconds, context=WORLD)
    loop.run(lambda: False, 100.0, 100)
    assert seen == [1.0, 2.0, 5.0]
    assert loop.now == 13.0
