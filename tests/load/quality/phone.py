"""The phone's verdicts: its own module, run by Node.js, or in Chromium where there is no Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from tests.fixtures.servers import ROOT

JUDGE = Path(__file__).with_name("judge.mjs")
MODULES = ROOT / "static" / "js" / "camera"


def judged(pictures: Sequence[tuple[Image.Image, int]], live: bool = False) -> list[dict[str, Any]]:
    """Return what the phone's module says of each picture, given with its original's long side in pixels."""
    return _by_node(pictures, live) if shutil.which("node") else _by_chromium(pictures, live)


def _by_node(pictures: Sequence[tuple[Image.Image, int]], live: bool) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="dermavis-quality-") as name:
        folder = Path(name)
        (folder / "camera").mkdir()
        for module in MODULES.glob("*.js"):
            # Node.js takes a .js file for a module where a package.json says so.
            (folder / "camera" / module.name).write_bytes(module.read_bytes())
        (folder / "package.json").write_text('{"type": "module"}')
        (folder / "judge.mjs").write_bytes(JUDGE.read_bytes())
        asked = []
        for number, (image, side) in enumerate(pictures):
            file = folder / f"{number}.rgba"
            file.write_bytes(image.convert("RGBA").tobytes())
            facts = {
                "file": str(file),
                "width": image.width,
                "height": image.height,
                "side": side,
                "live": live,
            }
            asked.append(json.dumps(facts))
        done = subprocess.run(
            ["node", str(folder / "judge.mjs")],
            input="\n".join(asked),
            capture_output=True,
            text=True,
            check=True,
        )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _by_chromium(pictures: Sequence[tuple[Image.Image, int]], live: bool) -> list[dict[str, Any]]:
    import base64

    from playwright.sync_api import sync_playwright

    from tests.load.measuring import launch

    script = """async ([data, width, height, side, live]) => {
        const { judge, look } = await import('http://modules.test/measures.js');
        const bytes = Uint8ClampedArray.from(atob(data), letter => letter.charCodeAt(0));
        const began = performance.now();
        const said = live ? look({ data: bytes, width, height }) : judge({ data: bytes, width, height }, side);
        return { ...said, ms: performance.now() - began };
    }"""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page()
        page.route(
            "http://modules.test/**",
            lambda route: (
                route.fulfill(path=MODULES / Path(route.request.url).name, content_type="text/javascript")
                if route.request.url.endswith(".js")
                else route.fulfill(body="<!doctype html>", content_type="text/html")
            ),
        )
        page.goto("http://modules.test/")
        said = [
            page.evaluate(
                script,
                [base64.b64encode(image.convert("RGBA").tobytes()).decode(), *image.size, side, live],
            )
            for image, side in pictures
        ]
        browser.close()
    return said
