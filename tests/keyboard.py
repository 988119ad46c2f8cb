"""Somebody with a keyboard alone: goes to what there is by role and name, and fails where it cannot be reached."""

from __future__ import annotations

import re
from typing import Literal

from playwright.sync_api import Locator, Page, expect

Role = Literal["button", "checkbox", "link", "menuitem", "radio", "spinbutton", "textbox"]
MOST_STEPS = 150  # from anywhere to anywhere on one page


class Keyboard:
    """The keys of a page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Put a text in place of the one in the field that has the focus."""
        self.press("Control+a")
        self._page.keyboard.type(text)

    def to(self, role: Role, name: str | re.Pattern[str]) -> Locator:
        """Go to what has this role and name, by Tab alone; fails where Tab does not lead there."""
        exact = isinstance(name, str)
        return self.until(self._page.get_by_role(role, name=name, exact=exact), f"{role} “{name}”")

    def until(self, wanted: Locator, what: str) -> Locator:
        """Press Tab until one of these has the focus, which can be seen on it."""
        expect(wanted.first).to_be_attached()
        passed = []
        for _ in range(MOST_STEPS):
            focused = wanted.and_(self._page.locator(":focus"))
            if focused.count():
                assert focused.evaluate(SHOWS_FOCUS), f"nothing shows that {what} has the focus"
                return wanted
            passed.append(self.place())
            self.press("Tab")
        raise AssertionError(f"Tab does not lead to {what}, but past {list(dict.fromkeys(passed))}")

    def choose(self, name: str) -> None:
        """Choose one of several by the arrow keys, from whichever of them Tab leads to."""
        wanted = self._page.get_by_role("radio", name=name, exact=True)
        group = wanted.locator("xpath=ancestor::fieldset").get_by_role("radio")
        self.until(group, f"the choice of “{name}”")
        for _ in range(group.count()):
            if wanted.is_checked():
                return
            self.press("ArrowRight")
        raise AssertionError(f"no arrow leads to “{name}”")

    def place(self) -> str:
        """What has the focus, in a few words."""
        return str(self._page.evaluate(PLACE))

    def stays_in(self, box: Locator) -> None:
        """Tab leads round in it, both ways, and never out of it."""
        for key in ("Tab", "Shift+Tab"):
            places = set()
            for _ in range(MOST_STEPS):
                self.press(key)
                self._page.wait_for_function(PASSED_ON)
                inside = box.evaluate(INSIDE)
                assert inside, f"{key} leads out of it to {self.place()}"
                if (place := self.place()) in places and len(places) > 1:
                    break
                places.add(place)


SHOWS_FOCUS = """(element) => {
    for (let each = element; each && each !== document.body; each = each.parentElement) {
        const style = getComputedStyle(each);
        if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) return true;
    }
    return element.tagName === "VIDEO" || element.tagName === "AUDIO"; // the browser's own
}"""
PLACE = """() => {
    const element = document.activeElement;
    const label = element.getAttribute("aria-label") || element.labels?.[0]?.innerText;
    const name = label || element.innerText || element.id;
    return `${element.tagName.toLowerCase()} ${(name || "").trim().slice(0, 40)}`;
}"""
# Base UI keeps the focus in by elements beside the dialog that pass it on with the next frame.
PASSED_ON = """() => !document.activeElement.hasAttribute("data-base-ui-focus-guard")"""
INSIDE = """(box) => box.contains(document.activeElement)"""
