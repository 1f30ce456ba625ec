"""From the original to three sealed pictures, against a bare full decode of the same file by Pillow.

The rounds alternate, so that a noisy machine slows both alike; medians are compared. A picture in Display P3 costs its
conversion besides. Then twenty of them at once, through the service as it runs: peak memory of web, worker and of a
picture's child.
"""

from __future__ import annotations

import argparse
import io
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from PIL import Image

from dermavis.adapters.imaging import ChildImaging
from dermavis.adapters.imaging.icc import DISPLAY_P3, matrix_profile
from dermavis.bootstrap import build
from dermavis.models import Case
from dermavis.services.photo_files import Sent, store_files
from dermavis.services.vault import Sealer, owner_place
from dermavis.services.work import System
from dermavis.settings import Settings
from tests import material
from tests.fixtures.databases import fast_folder
from tests.load.at_once import PHONES, peaks_of_uploads
from tests.load.measuring import Verdict, conclude

RATIO = 1.5
MORE_FOR_P3_MS = 60.0
MOST_CHILD_MB = 700.0
ROUNDS = 15
TWELVE_MPX = (4032, 3024)


def main() -> int:
    """Measure, print, and say whether every budget is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    plain = picture()
    wide = picture(icc_profile=matrix_profile(DISPLAY_P3))
    print(f"picture: {TWELVE_MPX[0]} × {TWELVE_MPX[1]}, {len(plain) / 1e6:.1f} MB")
    with fast_folder() as folder:
        system = _system(folder)
        floor, whole, whole_wide = _measure(system, plain, wide, options.rounds)
        if isinstance(system.imaging, ChildImaging):
            system.imaging.close()
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        together = peaks_of_uploads(
            folder, [picture(comment=f"{number} of {PHONES}") for number in range(PHONES)]
        )
    for name, seconds in (
        ("bare decode", floor),
        ("original to renditions", whole),
        ("Display P3", whole_wide),
    ):
        print(f"{name}: {_median_ms(seconds):.0f} ms ({min(seconds) * 1000:.0f}–{max(seconds) * 1000:.0f})")
    ratio = statistics.median(whole) / statistics.median(floor)
    verdicts = [
        Verdict("original to renditions against a bare decode", ratio, RATIO, " ×"),
        Verdict("Display P3 more", _median_ms(whole_wide) - _median_ms(whole), MORE_FOR_P3_MS, " ms"),
        Verdict("peak memory of the picture's process", child, MOST_CHILD_MB, " MB"),
        *together,
    ]
    return conclude("photo", ratio, RATIO, verdicts)


def picture(**options: object) -> bytes:
    """A 12-Mpx JPEG of about four megabytes, with the grain of a phone's."""
    scene = material.scene(1008, 756).resize(TWELVE_MPX, Image.Resampling.BICUBIC).convert("RGB")
    grain = Image.effect_noise(TWELVE_MPX, 60)
    grainy = Image.blend(scene, Image.merge("RGB", (grain, grain, grain)), 0.12)
    content = io.BytesIO()
    grainy.save(content, "JPEG", quality=90, **options)
    return content.getvalue()


def _system(folder: Path) -> System:
    settings = Settings.from_environment({"DERMAVIS_ENV": "test", "DATA_DIR": str(folder / "var")})
    return replace(build(settings), imaging=ChildImaging())


def _measure(
    system: System, plain: bytes, wide: bytes, rounds: int
) -> tuple[list[float], list[float], list[float]]:
    case_id = uuid4()
    key = system.cipher.masters[0].wrap(system.cipher.new_key(), owner_place("cases", case_id))
    sealer = Sealer(system.cipher, Case(id=case_id, data_key=key))

    def bare() -> None:
        with Image.open(io.BytesIO(plain)) as image:
            image.load()

    def through(content: bytes) -> None:
        made = system.imaging.process(content, close_up=True)
        store_files(system, sealer, Sent(uuid4(), "original", b""), made)

    found: tuple[list[float], list[float], list[float]] = ([], [], [])
    for number in range(rounds + 1):
        for seconds, measured in zip(
            found, (bare, lambda: through(plain), lambda: through(wide)), strict=True
        ):
            took = _seconds(measured)
            if number:  # the first warms up
                seconds.append(took)
    return found


def _seconds(measured: Callable[[], None]) -> float:
    started = time.perf_counter()
    measured()
    return time.perf_counter() - started


def _median_ms(seconds: list[float]) -> float:
    return statistics.median(seconds) * 1000


if __name__ == "__main__":
    raise SystemExit(main())
