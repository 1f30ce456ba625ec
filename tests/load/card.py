"""The reference card found in composed pictures, and a lesion of 10 mm beside it measured through what was read.

The card is the sheet's own rendering, so that what is printed and what reads it are tried against each other. No print
and no phone take part: optics, paper and light are simulated (``card_camera``, ``card_scenes``). Seeds are fixed.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from dermavis.adapters.imaging.card import find_card
from dermavis.domain.card_reading import APPROXIMATE, LEAST_MODULE_PIXELS, SCALE, said_at, said_beside
from dermavis.domain.homography import apply
from tests.load.card_camera import FOCAL_35MM, LESION_MM, SIZE, beyond_edge
from tests.load.card_scenes import BATCH, composed, some_scene, without_card
from tests.load.measuring import Verdict, conclude

WITH_CARD = 600
WITHOUT = 200
LEAST_FOUND = 97.0
MOST_P95 = 1.5
MOST_ERROR = 5.0
MOST_MS = 100.0


@dataclass(frozen=True)
class Look:
    """One picture: whether the card in it had to be found and was, what was said, and how wrong the lesion was (%)."""

    seed: int
    must: bool
    flat: bool
    tilt: float
    found: bool
    said: str
    error: float
    ms: float


def main() -> int:
    """Measure, print, and say whether every budget is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=WITH_CARD, help="with a card")
    parser.add_argument("--without", type=int, default=WITHOUT, help="without one")
    options = parser.parse_args()
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        looks = list(workers.map(look, range(options.pictures), chunksize=5))
        empty = list(workers.map(look_without, range(options.without), chunksize=5))
    must = [one for one in looks if one.must]
    found = 100 * sum(one.found for one in must) / len(must)
    print(f"{len(looks)} pictures with the card, {len(must)} of them sharp and of 3 pixels a module or more")
    for name, least, most in (("under 20°", 0, 20), ("20–30°", 20, 30), ("30–40°", 30, 41)):
        of = [one for one in must if least <= one.tilt < most]
        print(f"  tilted {name}: {sum(one.found for one in of)} of {len(of)} found")
    sure = _errors(looks, SCALE, flat=True)
    _tell("« échelle », flat", sure)
    _tell("« échelle », bent", _errors(looks, SCALE, flat=False))
    _tell("« approximative », flat", _errors(looks, APPROXIMATE, flat=True))
    _tell("« approximative », bent", _errors(looks, APPROXIMATE, flat=False))
    said = sum(one.said == SCALE for one in must if one.flat and one.found)
    print(
        f"  « échelle » on {said} of {sum(one.flat and one.found for one in must)} flat ones that had to be found"
    )
    times = [one.ms for one in (*looks, *empty)]
    with_card, without = (statistics.median(one.ms for one in of) for of in (looks, empty))
    print(
        f"processor time, medians: with a card {with_card:.0f} ms, without {without:.0f} ms; peak {max(times):.0f} ms"
    )
    verdicts = [
        Verdict("found where sharp and of 3 pixels a module", found, LEAST_FOUND, " %", at_least=True),
        Verdict("error of 10 mm where « échelle » is said, p95", _p95(sure), MOST_P95, " %"),
        Verdict("the same, at worst", max(sure, default=0.0), MOST_ERROR, " %"),
        Verdict("false finds", float(sum(one.found for one in empty)), 0),
        Verdict("peak time of a picture", max(times), MOST_MS, " ms"),
    ]
    return conclude("card", max(times), MOST_MS, verdicts)


def look(seed: int) -> Look:
    """Compose the picture of a seed and read it."""
    scene = some_scene(seed)
    picture = composed(scene)
    started = time.process_time()
    reading = find_card(picture, FOCAL_35MM)
    ms = (time.process_time() - started) * 1000
    must = scene.fault.sharp and scene.camera.module_pixels >= LEAST_MODULE_PIXELS
    said, error = "", 0.0
    if reading is not None:
        shares = [(u / SIZE[0], v / SIZE[1]) for u, v in map(scene.camera.seen, scene.lesion)]
        ends = [apply(reading.to_mm, share) for share in shares]
        error = abs(math.dist(*ends) - LESION_MM) / LESION_MM * 100
        said = said_at(said_beside(reading, verified=True), max(map(beyond_edge, ends)))
    tilt = math.degrees(scene.camera.tilt)
    found = reading is not None and reading.batch == BATCH
    return Look(seed, must, not scene.camera.radius, tilt, found, said, error, ms)


def look_without(seed: int) -> Look:
    """Make a picture without a card and look for one."""
    picture = without_card(seed)
    started = time.process_time()
    found = find_card(picture, FOCAL_35MM) is not None
    return Look(seed, False, True, 0.0, found, "", 0.0, (time.process_time() - started) * 1000)


def _errors(looks: list[Look], said: str, *, flat: bool) -> list[float]:
    return sorted(one.error for one in looks if one.found and one.said == said and one.flat == flat)


def _p95(ranked: list[float]) -> float:
    return ranked[min(len(ranked) - 1, len(ranked) * 95 // 100)] if ranked else 0.0


def _tell(name: str, ranked: list[float]) -> None:
    if ranked:
        middle, worst = statistics.median(ranked), ranked[-1]
        print(
            f"  {name}: {len(ranked)}, error median {middle:.2f} %, p95 {_p95(ranked):.2f} %, worst {worst:.2f} %"
        )


if __name__ == "__main__":
    raise SystemExit(main())
