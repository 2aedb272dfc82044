"""Two ways of using a page: with a mouse, and with the keyboard alone. Both see what a person sees."""

from __future__ import annotations

TABS_MAX = 250  # to the last control of the longest page


class Mouse:
    def __init__(self, page):
        self.page = page

    def fill(self, selector, text):
        self.page.locator(selector).first.fill(text)

    def tick(self, selector):
        self.page.locator(selector).first.check()

    def choose(self, selector, text):
        self.page.locator(selector).first.select_option(label=text)

    def press(self, selector):
        self.page.locator(selector).first.click()


class Keyboard:
    """Tab to the control, with the ring of the focus to be seen; then keys alone."""

    def __init__(self, page):
        self.page = page

    def fill(self, selector, text):
        self._reach(selector)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def tick(self, selector):
        """Of radio buttons Tab reaches one, arrows the others."""
        wanted = self.page.locator(selector).first
        if wanted.get_attribute("type") != "radio":
            self._reach(selector)
            self.page.keyboard.press("Space")
        else:
            name, value = wanted.get_attribute("name"), wanted.get_attribute("value")
            self._reach(f"input[type=radio][name='{name}']")
            self.page.keyboard.press("Space")
            for _ in range(self.page.locator(f"input[type=radio][name='{name}']").count()):
                if self.page.evaluate("document.activeElement.value") == value:
                    break
                self.page.keyboard.press("ArrowDown")
        assert wanted.is_checked(), selector

    def choose(self, selector, text):
        """Of a list by its first letters, as browsers find them."""
        self._reach(selector)
        self.page.keyboard.type(text)
        chosen = self.page.evaluate("document.activeElement.selectedOptions[0].text")
        assert chosen == text, chosen

    def press(self, selector):
        self._reach(selector)
        self.page.keyboard.press("Enter")

    def _reach(self, selector):
        if self._at(selector):
            return
        for _ in range(TABS_MAX):
            self.page.keyboard.press("Tab")
            if self._at(selector):
                ringed = self.page.evaluate("document.activeElement.matches(':focus-visible')")
                assert ringed, f"nobody sees that {selector} has the focus"
                return
        raise AssertionError(f"the keyboard does not reach {selector}")

    def _at(self, selector):
        return self.page.evaluate("s => document.activeElement.matches(s)", selector)
