"""The addresses of all staff pages in one workspace, read from the URLs themselves: nobody forgets a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import reverse

from shodaku.console.urls import urlpatterns

PREFIX = "console_"


@dataclass(frozen=True, slots=True)
class StaffPage:
    """An address of the console; `url` is empty where a value that it needs is not given."""

    name: str  # without the prefix
    url: str


def staff_pages(values: Mapping[str, object]) -> Iterator[StaffPage]:
    """Every address, in the order of the URLs.

    `values` by the names of the parameters: `slug` of the workspace, `contact_id`, and so on. Where one name
    means two things, `<page>.<parameter>` is asked first.
    """
    for entry in urlpatterns:
        name = str(entry.name).removeprefix(PREFIX)
        wanted = entry.pattern.converters
        known = {each: values.get(f"{name}.{each}", values.get(each)) for each in wanted}
        there = all(value is not None for value in known.values())
        yield StaffPage(name, reverse(str(entry.name), kwargs=known) if there else "")
