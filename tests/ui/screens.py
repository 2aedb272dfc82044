"""Which pages there are: read from the URLs, so that a new one is looked at without anybody's doing."""

from __future__ import annotations

from shodaku.config.page_map import staff_pages

# addresses that answer a GET with something else than a page of their own
NO_SCREEN = {
    "choose": "leads on to the only workspace",
    "start": "opens by a token, while nobody has an account; see tests/console/test_start.py",
    "join": "a page for somebody who does not work here yet; among the public ones",
    "open_file": "a file somebody handed in",
    "paper_next": "leads on to the next paper",
    "paper_picture": "a picture",
    "paper_viewer": "a picture in a frame; see tests/console/test_papers_in_chromium.py",
    "poster": "a PDF",
    "form_sheet": "a PDF",
    "form_picture": "a picture",
    "form_draft": "the page for readers, in a frame",
    "form_preview": "the page for readers, in a frame",
    "form_document": "the page for readers, as it was sent",
    "campaign_preview": "a mail in a frame, without scripts and of another origin",
    "campaign_preview_as": "a mail in a frame, without scripts and of another origin",
    "template_preview": "a mail in a frame, without scripts and of another origin",
    "calendar_file": "a file",
    "event_desk_code": "a picture",
    "preview_opt_out": "the page for readers, in a frame",
    "bulk_progress": "a part of a page, while something moves",
    "import_progress": "a part of a page, while something moves",
    "preflight_progress": "a part of a page, while something moves",
    "simulating": "a part of a page, while something moves",
    "campaign_progress": "a part of a page, while something moves",
    "ledger_checking": "a part of a page, while something moves",
    "ledger_checkpoint": "a signed text",
    "ledger_proof": "a file",
}
METHOD_NOT_ALLOWED = 405


def staff_screens(world, client):
    """Name and path of each page for staff, with its further states; acts answer no GET, and are none."""
    pages = {each.name: each.url for each in staff_pages(world.values) if each.url}
    shown = {name: url for name, url in pages.items() if name not in NO_SCREEN and not is_act(client, url)}
    return shown | world.states


def is_act(client, url):
    return client.get(url).status_code == METHOD_NOT_ALLOWED
