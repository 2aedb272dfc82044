"""What changes between two wordings is shown line by line, and nothing is hidden in between."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shodaku.signup.comparing import Line, Mark, differences

lines = st.lists(
    st.sampled_from(["見出し", "頻度：月1回", "目的：案内", "送る人", "停止できます"]), max_size=8
)


def test_a_changed_line_stands_beside_the_old_one_with_its_neighbours():
    before = "見出し\n\n頻度：月1回\n送る人\n停止できます"
    after = "見出し\n\n頻度：週1回\n送る人\n停止できます"
    assert differences(before, after) == (
        Line(Mark.SAME, "見出し"),
        Line(Mark.GONE, "頻度：月1回"),
        Line(Mark.NEW, "頻度：週1回"),
        Line(Mark.SAME, "送る人"),
    )


def test_nothing_is_said_where_nothing_but_blank_lines_changed():
    assert differences("a\n\nb", "a\nb\n") == ()


@given(lines, lines)
def test_every_line_that_went_or_came_is_named(before, after):
    shown = differences("\n".join(before), "\n".join(after))
    gone = [line.text for line in shown if line.mark is Mark.GONE]
    new = [line.text for line in shown if line.mark is Mark.NEW]
    for text in set(before) | set(after):
        assert gone.count(text) - new.count(text) == before.count(text) - after.count(text)
