"""From Envoyer to the acknowledgement, on slow 4G and a slow phone, three 12-Mpx pictures chosen a minute before.

The reference of the same run is one bare round trip on that line: nothing can be acknowledged faster. Then once more
with the line cut for thirty seconds while the pictures travel: how many bytes went up for those of the diagnosis.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from base64 import b64encode
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

from PIL import Image
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Upload
from dermavis.services.work import reading
from tests import material
from tests.e2e.guided_request import GuidedRequest
from tests.fixtures.servers import LiveServer, serve
from tests.load.measuring import Verdict, conclude, launch, slow_phone
from tests.load.slow_line import SlowLine, slow_line
from tests.signing_in import cookie_name, new_session

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BUDGET_S = 1.0
BYTES = 1.1
CUT_S = 30
MINUTE_S = 60
TWELVE_MPX = (4032, 3024)
ROUNDS = 3
FIRST_BYTES = 200_000
"""How far the pictures have come when the line is cut."""


def main() -> int:
    """Measure, print, and say whether the budget is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = serve(stack, folder)
        line = stack.enter_context(slow_line(urlsplit(server.url).port or 0))
        browser = launch(stack.enter_context(sync_playwright()))
        stack.callback(browser.close)
        pictures = [picture_file(folder, number) for number in range(3)]
        print("pictures: " + ", ".join(f"{path.stat().st_size / 1e6:.1f} MB" for path in pictures))
        sent_twice = _cut_once(browser, server, line, folder, pictures)
        print(f"line cut for {CUT_S} s: {sent_twice:.2f} × the bytes of the diagnostic pictures went up")
        waits, trips = [], []
        for number in range(options.rounds):
            wait, trip = _send_once(browser, server, f"http://127.0.0.1:{line.port}", folder, pictures)
            print(f"round {number + 1}: acknowledged in {wait:.2f} s; a bare round trip takes {trip:.2f} s")
            waits.append(wait)
            trips.append(trip)
    wait = statistics.median(waits)
    ratio = wait / statistics.median(trips)
    verdicts = [
        Verdict("acknowledgement", wait, BUDGET_S, " s"),
        Verdict("bytes after a cut line, against the pictures'", sent_twice, BYTES, " ×"),
    ]
    return conclude("send", ratio, BUDGET_S / statistics.median(trips), verdicts)


def picture_file(folder: Path, number: int) -> Path:
    """A 12-Mpx picture of a few megabytes, with the grain of a phone's."""
    scene = material.scene(1008, 756, seed=number + 1).resize(TWELVE_MPX, Image.Resampling.BICUBIC)
    grain = Image.effect_noise(TWELVE_MPX, 60)
    grainy = Image.blend(scene.convert("RGB"), Image.merge("RGB", (grain, grain, grain)), 0.12)
    content = io.BytesIO()
    grainy.save(content, "JPEG", quality=90)
    path = folder / f"picture-{number}.jpg"
    path.write_bytes(content.getvalue())
    return path


def _send_once(
    browser: Browser, server: LiveServer, base_url: str, folder: Path, pictures: list[Path]
) -> tuple[float, float]:
    context, page = slow_phone(browser, base_url)
    context.set_default_timeout(60_000)
    token = new_session(server.system, server.world.who(Role.REQUESTER))
    context.add_cookies([{"name": cookie_name(server.system), "value": token, "url": base_url}])
    asking = GuidedRequest(page, folder)
    asking.begin_photos("Lésion pigmentée")
    chosen_at = time.monotonic()
    for path in pictures:
        before = asking.place
        asking.pick(path)
        page.wait_for_selector("figure.photo img, figure.photo .placeholder")
        asking.go_on()
        page.wait_for_function("place => location.hash.slice(1) !== place", arg=before)
    asking.answer_history()
    asking.ask()
    page.wait_for_timeout(max(0, MINUTE_S - (time.monotonic() - chosen_at)) * 1000)
    wait = _press_and_wait(page)
    trip = float(
        page.evaluate(
            "async () => { const from = performance.now(); await fetch('/healthz', {cache: 'no-store'});"
            " return (performance.now() - from) / 1000; }"
        )
    )
    context.close()
    return wait, trip


def _cut_once(
    browser: Browser, server: LiveServer, line: SlowLine, folder: Path, pictures: list[Path]
) -> float:
    """Cut the line once a third of the first picture has gone up; return the bytes that went up by its own."""
    base_url = f"http://127.0.0.1:{line.port}"
    # The originals, which would go on by themselves, are kept back; a service worker would hide them from that.
    context, page = slow_phone(browser, base_url, service_workers="block")
    context.set_default_timeout(180_000)
    original = "role " + b64encode(b"original").decode()
    page.route(
        "**/api/v1/uploads",
        lambda route: (
            route.abort()
            if original in (route.request.headers.get("upload-metadata") or "")
            else route.continue_()
        ),
    )
    token = new_session(server.system, server.world.who(Role.REQUESTER))
    context.add_cookies([{"name": cookie_name(server.system), "value": token, "url": base_url}])
    asking = GuidedRequest(page, folder)
    asking.begin_photos("Lésion pigmentée")
    before = line.bytes_up
    for path in pictures:
        here = asking.place
        asking.pick(path)
        page.wait_for_selector("figure.photo img, figure.photo .placeholder")
        asking.go_on()
        page.wait_for_function("place => location.hash.slice(1) !== place", arg=here)
    while line.bytes_up - before < FIRST_BYTES:
        page.wait_for_timeout(100)
    line.cut(CUT_S)
    case_id = UUID(asking.case_id)
    while True:
        page.wait_for_timeout(200)
        up = line.bytes_up - before
        with reading(server.system) as work:
            uploads = work.session.scalars(select(Upload).where(Upload.case_id == case_id)).all()
        wanted = [upload for upload in uploads if upload.role == "diagnostic"]
        if len(wanted) == len(pictures) and all(upload.offset == upload.length for upload in wanted):
            break
    context.close()
    return up / sum(upload.length for upload in wanted)


def _press_and_wait(page: Page) -> float:
    """Press Envoyer and return the seconds until the receipt stands, by the page's own clock."""
    page.evaluate(
        """() => { window.__acknowledged = new Promise((done) => {
          const press = () => { window.__pressed = performance.now(); };
          document.addEventListener("click", press, {capture: true, once: true});
          new MutationObserver((_, watching) => {
            if (document.querySelector(".receipt-number")) { watching.disconnect(); done(performance.now()); }
          }).observe(document.body, {childList: true, subtree: true});
        }); }"""
    )
    page.get_by_role("button", name="Envoyer").click()
    return float(page.evaluate("async () => (await window.__acknowledged - window.__pressed) / 1000"))


if __name__ == "__main__":
    raise SystemExit(main())
