"""Take a picture of every screen in both languages (`make pictures`, needs Chromium), and write the pages
that show them: docs/en/reference/screens.md and its Japanese sister.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from tests.chromium import a_browser, served, signed_in

DOCS = Path(__file__).parents[2] / "docs"
IMAGES = DOCS / "images" / "screens"
PHONE, DESK = 390, 1366
WIDTH_KEPT = 1_000
HEIGHT_MAX = 2_400  # a picture shows what a screen is, not every row of its table
HEADS = {
    "en": "# Screens\n\nEvery page, taken by `make pictures` from an installation with invented people.\n",
    "ja": "# 画面\n\nすべての画面です。`make pictures` で、架空の人々を使って撮っています。\n",
}
PARTS = {
    "en": ("For the people who get mail", "For the staff"),
    "ja": ("受け取る人の画面", "担当者の画面"),
}


def main():
    from shodaku.config import trial

    with trial.installation() as owner_url:
        from django.conf import settings
        from django.test.utils import setup_test_environment

        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
        setup_test_environment(debug=False)
        take(owner_url)
    return 0


def take(owner_url):
    from django.test import Client
    from tests.console.desk import at_desk
    from tests.ui.screens import staff_screens
    from tests.ui.world import built

    world = built(owner_url)
    parts = [(world.public, PHONE), (staff_screens(world, at_desk(world.shop)), DESK)]
    IMAGES.mkdir(parents=True, exist_ok=True)
    for old in IMAGES.glob("*.webp"):
        old.unlink()
    with a_browser() as browser, served() as base:
        for language, head in HEADS.items():
            text = head
            for title, (screens, width) in zip(PARTS[language], parts, strict=True):
                text += f"\n## {title}\n"
                client = at_desk(world.shop, language=language) if width == DESK else Client()
                page, _ = signed_in(browser, base, client, language=language, width=width, scheme="light")
                for name, path in screens.items():
                    page.goto(f"{base}{path}{'&' if '?' in path else '?'}lang={language}")
                    text += shown(page, name, language)
                page.context.close()
            (DOCS / language / "reference" / "screens.md").write_text(text, encoding="utf-8")


def shown(page, name, language):
    """The lines about one screen; its picture is written."""
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    file = IMAGES / f"{name}.{language}.webp"
    picture = picture.crop((0, 0, picture.width, min(picture.height, HEIGHT_MAX)))
    picture.thumbnail((WIDTH_KEPT, HEIGHT_MAX))
    picture.save(file, quality=50, method=6)
    title = " ".join(page.locator("h1").inner_text().split())
    return f"\n### {title}\n\n![{title}](../../images/screens/{file.name})\n"


if __name__ == "__main__":
    sys.exit(main())
