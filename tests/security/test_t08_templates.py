"""A template is data: no expression runs, nothing is reached through it, and none takes the process along."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people import SENDER

from shodaku.content.domain import FIELDS, LINKS, Draft, TemplateFault
from shodaku.content.merge_fields import SLOT
from shodaku.content.render import Draft as Form
from shodaku.content.render import SenderIdentity, compile_message
from shodaku.content.services import freeze
from shodaku.kit.links import LinkKeys, Purpose

LETTER = Draft("お便り", "本文", "")
KNOWN = set(FIELDS) | LINKS
INJECTIONS = [
    "{{ 7*7 }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ config }}",
    "{{ self }}",
    "{{ name.__class__ }}",
    "{{ name['x'] }}",
    "{{ name|safe }}",
    "{{ range(1000000000) }}",
    "{{ confirm }}",  # a page of another message
    "{{ link0 }}",  # a link that the message does not have
    "{%- set x = 'a' * 1000000000 -%}",
    "{% include '/etc/passwd' %}",
    "{% raw %}{{ x }}{% endraw %}",
    "{{- name -}}",
    "{{ name }",
    "{{{ name }}}",
    "${7*7} {{7*7}}",
    "{# {{ name }} #}",
]


def frozen(sender=SENDER, topic="お便り", **changes):
    return freeze(replace(LETTER, **changes), sender, topic, "ja")


def slots_of(ready):
    return set(SLOT.findall(f"{ready.subject}\n{ready.text}\n{ready.html or ''}"))


@pytest.mark.parametrize("part", ["subject", "text", "html"])
@pytest.mark.parametrize("source", INJECTIONS)
def test_what_is_no_merge_field_is_refused_where_it_stands(part, source):
    with pytest.raises(TemplateFault) as fault:
        frozen(**{part: source})
    assert fault.value.part == part


@pytest.mark.parametrize(
    "html",
    [
        "<p>&#123;&#123; confirm &#125;&#125;</p>",
        "<p>&lcub;&lcub; confirm &rcub;&rcub;</p>",
        "<p>{<b></b>{ confirm }}</p>",
    ],
)
def test_a_brace_in_disguise_is_no_way_around(html):
    with pytest.raises(TemplateFault):
        frozen(html=html)


def test_a_page_of_ours_is_no_part_of_a_subject():
    with pytest.raises(TemplateFault):
        frozen(subject="{{ opt_out }}")


TOO_MUCH = {  # each made the process end by a signal, or take minutes, before it was counted
    "{{ " + "-" * 100_000 + "1 }}": "text",
    "{{ " + "not " * 40_000 + "name }}": "text",
    "{{ name" + "|f" * 60_000 + " }}": "text",
    "<div>" * 90_000: "html",
    "<div></x>" * 50_000: "html",
    "<div>" * 2_500 + "<style>p{color:red}</style>": "html",
    "<p>x</p>" * 2_900 + f"<style>*{{{'color:red;' * 10_000}}}</style>": "html",
    "".join(f"<p><b id={number}>" for number in range(1_400)): "html",
}


SCRIPT = """
import json, sys
from shodaku.accounts.domain import Sender
from shodaku.content.domain import Draft, TemplateFault
from shodaku.content.services import freeze

letters, sender = json.load(sys.stdin)
for letter in letters:
    try:
        freeze(Draft(**letter), Sender(**sender), "x", "ja")
    except TemplateFault:
        print("refused")
"""


def test_nothing_that_is_written_takes_the_process_along():
    """In a process of its own: an overflow of the stack inside a library is no exception, it is the end."""
    letters = [asdict(replace(LETTER, **{part: source})) for source, part in TOO_MUCH.items()]
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps([letters, asdict(SENDER)]),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stdout.split()) == (0, ["refused"] * len(letters)), ended.stderr


@given(st.text(max_size=200), st.text("<>/ab {}%#&;=\"'-!pstyledivm", max_size=200), st.text(max_size=60))
def test_whatever_is_written_only_known_fields_stay_open(text, html, subject):
    try:
        ready = frozen(text=text, html=html, subject=subject)
    except TemplateFault:
        return
    assert slots_of(ready) <= KNOWN


pieces = st.lists(
    st.sampled_from(
        [
            *(
                "{{ name }}",
                "{{ company }}",
                "{{ opt_out }}",
                "<p>",
                "</p>",
                "<b>",
                "</div>",
                "<div>",
                "a",
                " ",
                "\n",
            ),
            *(
                '<a href="{{ opt_out }}">',
                '<a href="https://aoi.example/?q={{ name }}">',
                "</a>",
                "<hr>",
                "&amp;",
                "<",
            ),
            *(
                '<img src="https://aoi.example/a.png" alt="{{ name }}">',
                "<td>",
                "<table>",
                "<!-- x -->",
                "<style>p{}</style>",
            ),
            *(
                '<a title="{{ name }}" href="{{ name }}">',
                "<h1 style='color:red'>",
                "<script>{{ name }}</script>",
            ),
        ]
    ),
    max_size=15,
).map("".join)


@settings(max_examples=200)
@given(pieces, pieces)
def test_what_is_frozen_can_be_compiled_for_every_recipient(text, html):
    """A fault is said to who writes, never found by the worker."""
    try:
        ready = frozen(text=text, html=html)
    except TemplateFault:
        return
    compiled = compile_message(
        Form(ready.subject, ready.text, ready.html, ready.links),
        SenderIdentity("あおい雑貨", "news@aoi.example", "aoi.example", "https://t.aoi.example"),
        workspace_id=1,
        subject_id=1,
        links=LinkKeys({1: b"k" * 32}),
        purpose=Purpose.DELIVERY,
        list_id="news.aoi.example",
        one_click=True,
    )
    assert set(compiled.slots) <= FIELDS.keys()


names = st.text(st.sampled_from("{} %#\n\r\tabc株&<>\"'"), min_size=1, max_size=40).filter(str.strip)


@given(names, names, names)
def test_what_a_sender_or_a_topic_is_called_opens_no_field(name, address, topic):
    ready = frozen(replace(SENDER, formal_name=name, postal_address=address), topic)
    assert slots_of(ready) == LINKS
    assert ready.display.missing == ()


COVERS = [
    "<style>div{position:fixed;top:0;left:0;width:100%;height:100%}</style><div>x</div>",
    '<div style="position:absolute;z-index:9;background:#fff">x</div>',
    '<p style="margin-bottom:-900px;transform:scale(99)">x</p>',
]


@pytest.mark.parametrize("html", COVERS)
def test_a_letter_cannot_be_laid_over_its_legal_display(html):
    ready = frozen(html=html)
    written, display = ready.html.split("<hr>")
    for trick in ("position", "z-index", "transform", "margin"):
        assert trick not in written
    assert ready.display.missing == ()
    assert SENDER.formal_name in display


def test_a_style_sheet_reaches_the_letter_and_never_its_legal_display():
    ready = frozen(html="<style>p,div,a{color:#ffffff;font-size:1px;display:none}</style><p>x</p>")
    written, display = ready.html.split("<hr>")
    assert "display:none" in written.replace(" ", "")
    assert "display:none" not in display.replace(" ", "")
    assert ready.display.missing == ()
