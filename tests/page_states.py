"""Every state of the page that somebody may meet: its address, and how it is come by. Routes and dialogs of the page's
own source that no state is for are found here, too."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

SOURCE = Path(__file__).parents[1] / "web/src"
KINDS = (
    "all_slides_analysis",
    "all_narratives_generation",
    "all_audio_generation",
    "all_avatar_videos_generation",
    "presentation_video",
)
Do = Callable[[Page, dict[str, str]], None]


def _nothing(page: Page, names: dict[str, str]) -> None:
    pass


@dataclass(frozen=True)
class State:
    """`shows` is a text that is there once it is. `prepare` comes before the address, `do` after it; `dialog` is the
    file whose dialog it is; `complaints` belong to it."""

    name: str
    address: str
    shows: str | re.Pattern[str]
    do: Do = _nothing
    prepare: Callable[[Page], None] = lambda page: None
    dialog: str = ""
    worker_rests: bool = False
    complaints: tuple[str, ...] = ()


def click(*names: str) -> Do:
    """Press these buttons, one after the other."""

    def do(page: Page, _: dict[str, str]) -> None:
        for name in names:
            page.get_by_role("button", name=name, exact=True).last.click()

    return do


def _no_presentations(page: Page) -> None:
    page.route("**/api/presentations?*", lambda route: route.fulfill(json={"items": [], "nextCursor": None}))


def _unreachable(page: Page) -> None:
    page.route("**/api/me", lambda route: route.abort())


def _broken(page: Page) -> None:
    page.route(
        re.compile(r"/api/presentations/pre_\w+$"), lambda route: route.fulfill(json={"state": "ready"})
    )


def _refused_deck(page: Page, _: dict[str, str]) -> None:
    file = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no deck"}
    page.locator("input[type=file]").first.set_input_files(files=[file])  # type: ignore[list-item]


def _deck_read(page: Page, _: dict[str, str]) -> None:
    file = {"name": "new.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 nothing else"}
    page.locator("input[type=file]").first.set_input_files(files=[file])  # type: ignore[list-item]


def _menu(label: str, item: str = "") -> Do:
    def do(page: Page, _: dict[str, str]) -> None:
        page.get_by_role("button", name=label).click()
        if item:
            page.get_by_role("menuitem", name=item).click()

    return do


def _film_shared(page: Page, _: dict[str, str]) -> None:
    page.get_by_text("Download single slides").click()
    page.get_by_role("button", name="Make link").click()
    expect(page.get_by_label("Address of the share")).to_be_visible()


def _signed_in(page: Page, names: dict[str, str]) -> None:
    page.get_by_label("Token").fill(names["token"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("What it is for").fill("night shift")
    page.get_by_role("button", name="Make a token").click()


def _versions(page: Page, _: dict[str, str]) -> None:
    page.get_by_role("button", name=re.compile("^Version ")).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _written_over(page: Page, _: dict[str, str]) -> None:
    narrative = page.get_by_role("region", name="Narrative", exact=True)
    narrative.get_by_role("button", name=re.compile("^(Write|Make anew)$")).click()


def _settled(page: Page, _: dict[str, str]) -> None:
    page.get_by_role("button", name="Settle it").click()
    page.get_by_role("radio", name="It is there").check()


def _hook_to_remove(page: Page, names: dict[str, str]) -> None:
    page.get_by_label("Token").fill(names["token"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Address to call").fill("https://hooks.example.com/deckcast")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_label("Secret of the hook")).to_be_visible()
    page.get_by_role("button", name="Remove", exact=True).first.click()


def _token_to_revoke(page: Page, names: dict[str, str]) -> None:
    _signed_in(page, names)
    page.get_by_role("button", name="Revoke “night shift”").first.click()


def _wrong_token(page: Page, _: dict[str, str]) -> None:
    page.get_by_label("Token").fill("dct_forged")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


OF = "/presentations/{filmed}"
STATES = [
    State("empty", "/", "Try the sample deck", prepare=_no_presentations),
    State("list", "/", "Not readable"),
    State("refused deck", "/", "Dismiss", do=_refused_deck, complaints=("status of 4",)),
    State("being read", "/", "is being read", do=_deck_read, worker_rests=True),
    State("not readable", "/presentations/{broken}", "Choose another file"),
    State(
        "unreachable", "/", "The server cannot be reached", prepare=_unreachable, complaints=("ERR_FAILED",)
    ),
    State("broken", OF, "Something on this page went wrong", prepare=_broken, complaints=(".",)),
    State("presentation", OF, "Narrative"),
    State("slides", f"{OF}/slides", "filmed"),
    State("slide", f"{OF}/slides/{{stale}}", re.compile("^Out of date until")),
    State("slide that failed", "/presentations/{partly}/slides/{failed}", "The last try failed"),
    State("title", OF, "Narrative", do=click("Rename")),
    State("menu", OF, "Upload a new version", do=_menu("More for this presentation")),
    State(
        "delete",
        OF,
        "Not now",
        do=_menu("More for this presentation", "Delete"),
        dialog="features/presentation/components/delete-dialog.tsx",
    ),
    State(
        "new version",
        OF,
        "Choose a file",
        do=_menu("More for this presentation", "Upload a new version"),
        dialog="features/presentation/components/replace-dialog.tsx",
    ),
    State(
        "versions",
        f"{OF}/slides/{{stale}}",
        "Close",
        do=_versions,
        dialog="features/slides/components/versions.tsx",
    ),
    State(
        "words to write over",
        f"{OF}/slides/{{stale}}",
        "Write these words anew?",
        do=_written_over,
        dialog="features/slides/components/make-button.tsx",
    ),
    State(
        "pronunciations",
        f"{OF}/slides/{{stale}}",
        re.compile("^Names and abbreviations"),
        do=click("Pronunciation", "Add a word"),
        dialog="features/slides/components/pronunciations.tsx",
    ),
    State(
        "video to settle",
        "/presentations/{partly}/slides/{failed}",
        "The video's id at HeyGen",
        do=_settled,
        dialog="features/batches/components/resolve.tsx",
    ),
    State(
        "make one anew",
        f"{OF}/make/all_avatar_videos_generation",
        re.compile("^The video that is there is used"),
        do=click("Show", "Regenerate the video of slide 1"),
        dialog="features/batches/components/make-one.tsx",
    ),
    State("actions", f"{OF}/actions", "up to date"),
    State("actions at work", "/presentations/{waiting}/actions", "0 of 2 done"),
    *(State(f"make {kind}", f"{OF}/make/{kind}", "Estimate") for kind in KINDS),
    State(
        "make some",
        f"{OF}/make/all_avatar_videos_generation",
        "Up to date",
        do=click("Choose"),
        dialog="features/batches/components/make-dialog.tsx",
    ),
    State(
        "make nothing",
        f"{OF}/make/nothing",
        "There is nothing here",
        dialog="features/batches/components/batch-dialogs.tsx",
    ),
    State("batch running", "/presentations/{waiting}/batches/{running}", "Running for"),
    State(
        "batch to stop",
        "/presentations/{waiting}/batches/{running}",
        "Stop this batch?",
        do=click("Stop the batch"),
        dialog="features/batches/components/watch-footer.tsx",
    ),
    State(
        "batch partly completed",
        "/presentations/{partly}/batches/{partial}",
        "Retry failed (1)",
        dialog="features/batches/components/watch-dialog.tsx",
    ),
    State("batch played", f"{OF}/batches/{{videos}}", "Took", do=click("Play slide 1")),
    State("batch of nobody", f"{OF}/batches/bat_x", "This batch is not there", complaints=("status of 404",)),
    State("presenter", f"{OF}/presenter", "Place on the slide"),
    State("film", f"{OF}/film", "Copy it now", do=_film_shared),
    State("no film", "/presentations/{partly}/film", "No film yet"),
    State("settings", "/settings", "No limit"),
    State("theme", "/settings", "As the system", do=_menu("Theme")),
    State("shared", "/shared/{secret}", "Made with"),
    State("shared no more", "/shared/" + "x" * 43, "does not open a film", complaints=("status of 404",)),
    State("nothing there", "/nothing/here", "There is nothing here"),
    State(
        "nobody's presentation",
        "/presentations/pre_x",
        "There is nothing here",
        complaints=("status of 404", "response code: 404"),  # its events are asked for meanwhile
    ),
]
OF_USERS = [
    State("sign-in", "/", "Whoever runs this server gives you a token"),
    State(
        "token to revoke",
        "/settings",
        "locked out at once",
        do=_token_to_revoke,
        dialog="features/account/components/tokens.tsx",
    ),
    State(
        "hook to remove",
        "/settings",
        "Remove this hook?",
        do=_hook_to_remove,
        dialog="features/account/components/hooks.tsx",
    ),
    State("wrong token", "/", "Whoever runs this server", do=_wrong_token),
    State("tokens", "/settings", "Copy it now", do=_signed_in),
]


def routes() -> list[str]:
    """Every address that the page's source knows, as a pattern."""
    table = (SOURCE / "app/routes.tsx").read_text()
    page = (SOURCE / "features/presentation/components/presentation-page.tsx").read_text()
    kinds = re.findall(r'\bkind: "(\w+)"', (SOURCE / "features/batches/kinds.ts").read_text())
    tabs = re.findall(r'\bcase "(\w+)":', page)
    assert {"slides", "film"} <= set(tabs)
    assert set(kinds) == set(KINDS)
    known = re.findall(r'\bmatch\("(/[^"]+)"', table) + re.findall(r'\bpath === "(/[^"]*)"', table)
    assert len(known) > 4
    with_tabs = [known for known in known if ":tab" not in known]
    for tab in tabs:
        # A dialog's address has a part more, and alone is nothing.
        with_tabs += [f"/presentations/:id/{tab}"] if tab not in ("make", "batches") else []
    with_tabs += [f"/presentations/:id/make/{kind}" for kind in kinds]
    with_tabs += ["/presentations/:id/slides/:slide", "/presentations/:id/batches/:batch"]
    return [re.sub(r":\w+", r"[^/]+", each) for each in with_tabs]


def users_of_dialogs() -> set[str]:
    """The files of the page's source that open a dialog."""
    uses = re.compile(r"<(?:Dialog|Confirm)\b")
    found = {
        str(file.relative_to(SOURCE))
        for file in SOURCE.glob("features/**/*.tsx")
        if uses.search(file.read_text())
    }
    assert found
    return found
