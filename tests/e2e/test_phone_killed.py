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
from tests.e2e.guided_request import READY, GuidedRequest
from tests.e2e.phone_code import CODE, choose_code, enter, type_code, use_once
from tests.fixtures.browsers import FRENCH, SHAPES, chromium_path

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

    from tests.fixtures.servers import LiveServer

pytestmark = [pytest.mark.e2e, pytest.mark.whole_browser]


def test_a_browser_killed_without_network_takes_the_request_up_again_and_its_disk_holds_nothing_in_clear(
    playwright: Playwright, server: LiveServer, tmp_path: Path
) -> None:
    profile, secret = tmp_path / "profile", "Zzyzxovitch"
    picture, control = (material.planted_jpeg(material.scene(1600, 1200, seed=seed)) for seed in (3, 4))
    with killed_browser(playwright, server, profile) as page:
        enter(page, server, server.world.who(Role.REQUESTER))
        page.goto("/")
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        choose_code(page)
        use_once(page)
        page.evaluate("localStorage.setItem('control', 'Planted in clear')")
        page.evaluate(PLANT, list(control))
        server.stop("web")
        page.goto("/requests/new")
        type_code(page, CODE)
        page.wait_for_selector(READY)
        page.get_by_role("link", name="Aucun de ces signes").click()
        request = GuidedRequest(page, tmp_path)
        request.at("patient")
        request.name_patient(secret, "23/07/1961")
        request.describe_lesion()
        request.photograph(picture)
        address, place = page.url.split("#")[0], request.place
        page.wait_for_timeout(1500)
    on_disk = written(profile)
    assert found_in(on_disk, "Planted in clear"), "the search finds what stands in clear"
    middle = slice(len(control) // 3, len(control) // 3 + 24)
    assert found_in(on_disk, control[middle]), "the search finds a picture that stands in clear"
    for clear in (secret, "1961-07-23", picture[middle], picture[len(picture) // 2 :][:24]):
        assert not found_in(on_disk, clear)
    with killed_browser(playwright, server, profile) as page:
        page.goto(address)
        type_code(page, CODE)
        page.wait_for_selector(READY)
        expect(page.locator("#band")).to_contain_text(secret)
        assert GuidedRequest(page, tmp_path).place == place
        page.wait_for_selector("figure.photo img")


PLANT = """bytes => new Promise((resolve) => {
  const opening = indexedDB.open('planted', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('one');
  opening.onsuccess = () => {
    const kept = opening.result.transaction('one', 'readwrite', { durability: 'strict' });
    kept.objectStore('one').put(new Uint8Array(bytes).buffer, 'one');
    kept.oncomplete = resolve;
  };
})"""
"""Keeps a picture in clear, in a database of its own: what the search of the disk must find."""


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
