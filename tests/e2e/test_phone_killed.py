"""A phone whose browser is killed without network: the request is taken up again, and its disk tells nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from playwright.sync_api import Error, expect

from dermavis.domain.roles import Role
from tests import material
from tests.e2e.arrivals import wait_on
from tests.e2e.guided_request import READY, GuidedRequest
from tests.e2e.phone_code import CODE, choose_code, enter, type_code, use_once
from tests.e2e.phone_database import kept_on_phone
from tests.fixtures.browsers import FRENCH, SHAPES, chromium_path

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

    from tests.fixtures.servers import LiveServer

pytestmark = [pytest.mark.e2e, pytest.mark.whole_browser]


SECRET, BORN = "Zzyzxovitch", "23/07/1961"
JPEG = b"\xff\xe0\x00\x10JFIF"


def test_a_browser_killed_without_network_takes_the_request_up_again_and_its_disk_holds_nothing_in_clear(
    playwright: Playwright, server: LiveServer, tmp_path: Path
) -> None:
    picture = material.planted_jpeg(material.scene(1600, 1200, seed=3))
    middle = slice(len(picture) // 3, len(picture) // 3 + 24)
    looked_for = (SECRET, "1961-07-23", picture[middle], picture[len(picture) // 2 :][:24], JPEG)
    control, profile = tmp_path / "control", tmp_path / "profile"
    with killed_browser(playwright, server, control) as page:
        page.add_init_script(UNSEALED)
        address, place = begun_without_network(page, server, tmp_path, picture)
    for clear in looked_for:
        assert found_in(written(control), clear), f"the search finds {clear!r} where nothing is sealed"
    server.start("web")
    with killed_browser(playwright, server, profile) as page:
        address, place = begun_without_network(page, server, tmp_path, picture)
    for clear in (*looked_for, BORN):
        assert not found_in(written(profile), clear)
    with killed_browser(playwright, server, profile) as page:
        page.goto(address)
        type_code(page, CODE)
        page.wait_for_selector(READY)
        expect(page.locator("#band")).to_contain_text(SECRET)
        assert GuidedRequest(page, tmp_path).place == place
        page.wait_for_selector("figure.photo img")


def begun_without_network(page: Page, server: LiveServer, folder: Path, picture: bytes) -> tuple[str, str]:
    """Begin a request with the server stopped, up to its first picture; return its address and its screen."""
    enter(page, server, server.world.who(Role.REQUESTER))
    page.goto("/")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    choose_code(page)
    use_once(page)
    server.stop("web")
    page.goto("/requests/new")
    type_code(page, CODE)
    page.wait_for_selector(READY)
    page.get_by_role("link", name="Aucun de ces signes").click()
    request = GuidedRequest(page, folder)
    request.at("patient")
    request.name_patient(SECRET, BORN)
    request.describe_lesion()
    request.photograph(picture)
    # The original and the diagnostic picture.
    wait_on(page, lambda: len(kept_on_phone(page)["bytes"]) == 2)
    return page.url.split("#")[0], request.place


UNSEALED = """
    const bytesOf = (data) => (data instanceof ArrayBuffer ? data.slice(0)
        : data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
    for (const name of ['encrypt', 'decrypt']) {
        SubtleCrypto.prototype[name] = async (way, key, data) => bytesOf(data);
    }
"""
"""A phone on which nothing is sealed: what the search of the disk must find there."""


@contextmanager
def killed_browser(playwright: Playwright, server: LiveServer, profile: Path) -> Iterator[Page]:
    """A phone's browser whose profile stays on the disk, and whose processes are killed at the end, not closed."""
    before = set(psutil.Process().children(recursive=True))
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=chromium_path(),
        args=["--no-sandbox"],
        base_url=server.url,
        **FRENCH,
        **SHAPES["phone"],
    )
    try:
        yield context.new_page()
    finally:
        for process in set(psutil.Process().children(recursive=True)) - before:
            if any(f"--user-data-dir={profile}" in part for part in process.cmdline()):
                process.kill()
        with suppress(Error):
            context.close()


def written(profile: Path) -> list[bytes]:
    """Return every file of a profile."""
    return [path.read_bytes() for path in profile.rglob("*") if path.is_file() and "Default" in path.parts]


def found_in(files: list[bytes], what: str | bytes) -> bool:
    """Tell whether a file holds these bytes, or these words in one of the ways in which browsers write them."""
    forms = (
        [what] if isinstance(what, bytes) else [what.encode(c) for c in ("utf-8", "utf-16-le", "utf-16-be")]
    )
    return any(form in content for content in files for form in forms)
