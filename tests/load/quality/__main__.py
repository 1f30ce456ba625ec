"""What the verdicts are worth on pictures that no limit was tuned on: every fault, every tone, server and phone.

Server and phone judge the same file, the JPEG that the phone sends, as both do in a request. The last line
compares the pictures with a severe fault that nobody asks again with those that may (20 %).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from dermavis.adapters.imaging.measures import measure, shrunk
from dermavis.domain.photo_quality import Colour, judge
from tests import material
from tests.load.measuring import Verdict, conclude
from tests.load.quality.degrading import FAULTS, compressed
from tests.load.quality.phone import judged
from tests.load.quality.scenes import AS_TAKEN, Scene, all_scenes, framings, halves
from tests.load.quality.things import THINGS
from tests.load.quality.tones import MONK, recoloured

OF_TONES = tuple(fault for fault in FAULTS if fault.severe or fault.name in {"sharp", "glare 2.5%"})
LIVE = ("sharp", "defocus 3", "motion 12 at 20°")
_SIDE = max(AS_TAKEN)


@dataclass(frozen=True)
class Row:
    """One picture's verdict by the server, and by the phone where it was asked. ``tone`` 0: its own."""

    scene: str
    fault: str
    severe: bool
    tone: int
    colour: Colour
    reasons: tuple[str, ...]
    phone: str = ""
    live: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def main() -> int:
    """Measure, print, and say whether every budget is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--photos", type=Path, default=material.shared_photos(), help="folder of the photographs"
    )
    parser.add_argument(
        "--tuned", action="store_true", help="the half that the limits were tuned on, instead"
    )
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    scenes = all_scenes(options.photos)
    tuned, reported = halves(scenes)
    chosen = tuned if options.tuned else reported
    print(f"{len(scenes)} sharp scenes, {len(chosen)} of them here")
    print(
        "tones: on the skin of both halves, sharp pictures in five framings, where one of a half would be six points"
    )
    with ProcessPoolExecutor(options.processes) as pool:
        rows = [row for found in pool.map(rows_of, chosen) for row in found]
        others = [scene for scene in scenes if scene not in chosen and scene.skin]
        rows += [row for found in pool.map(toned, others) for row in found]
    _print_faults(rows)
    _print_tones(rows)
    severe = [row for row in rows if row.severe and not row.tone]
    verdicts = [*_on_faults(severe, rows), *_on_tones(rows), *_on_things(rows), _agreement(rows)]
    missed = 1 - _share(severe, _is_red)
    return conclude("quality", missed / 0.2, 1, verdicts)


def rows_of(scene: Scene) -> list[Row]:
    """Return a scene's rows: every fault at its own tone, some at each tone of the scale, white things at both."""
    made = [(fault.name, fault.severe, 0, fault.change(scene.image)) for fault in FAULTS]
    phone = judged([(compressed(image), _SIDE) for _, _, _, image in made])
    live = judged([(shrunk(image, 480), _SIDE) for name, _, _, image in made if name in LIVE], live=True)
    told = dict(zip(LIVE, (said["colour"] for said in live), strict=True))
    rows = [
        _row(scene, name, severe, tone, image, said["colour"], told.get(name, ""))
        for (name, severe, tone, image), said in zip(made, phone, strict=True)
    ]
    if scene.skin:
        rows += [_row(scene, f"with {name}", False, 0, lay(scene.image)) for name, lay in THINGS.items()]
        rows += toned(scene)
    return rows


def toned(scene: Scene) -> list[Row]:
    """Return a scene's rows at each tone: sharp in each framing, severe faults, one white thing after the other."""
    rows = []
    for tone in range(1, len(MONK) + 1):
        skin = recoloured(scene.image, tone)
        rows += [_row(scene, fault.name, fault.severe, tone, fault.change(skin)) for fault in OF_TONES]
        rows += [_row(scene, "sharp", False, tone, nearer) for nearer in framings(skin)]
        name, lay = list(THINGS.items())[(tone + len(scene.name)) % len(THINGS)]
        rows.append(_row(scene, f"with {name}", False, tone, lay(skin)))
    return rows


def _row(
    scene: Scene, fault: str, severe: bool, tone: int, image: Image.Image, phone: str = "", live: str = ""
) -> Row:
    values = measure(compressed(image), AS_TAKEN) | {"long_side": _SIDE}
    verdict = judge(values)
    return Row(scene.name, fault, severe, tone, verdict.colour, verdict.reasons, phone, live, values)


def _is_red(row: Row) -> bool:
    return row.colour == "red"


def _is_noticed(row: Row) -> bool:
    return row.colour != "green"


def _share(rows: Iterable[Row], holds: Callable[[Row], bool]) -> float:
    counted = [holds(row) for row in rows]
    return sum(counted) / len(counted) if counted else 0.0


def _print_faults(rows: list[Row]) -> None:
    print(f"{'':32}{'amber or red':>14}{'red':>8}   reasons")
    for fault in dict.fromkeys(row.fault for row in rows if not row.tone):
        these = [row for row in rows if row.fault == fault and not row.tone]
        reasons = sorted({reason for row in these for reason in row.reasons})
        counts = ", ".join(f"{reason} {sum(reason in row.reasons for row in these)}" for reason in reasons)
        print(f"{fault:32}{_share(these, _is_noticed):14.1%}{_share(these, _is_red):8.1%}   {counts}")
    for fault in LIVE:
        these = [row for row in rows if row.fault == fault and row.live]
        live = sum(row.live != "green" for row in these) / len(these)
        print(f"{'live, ' + fault:32}{live:14.1%}")


def _print_tones(rows: list[Row]) -> None:
    print(f"{'tone':40}" + "".join(f"{tone:>7}" for tone in range(1, len(MONK) + 1)))
    for fault in OF_TONES:
        for name, holds in (("amber or red", _is_noticed), ("red", _is_red)):
            shares = _by_tone([row for row in rows if row.fault == fault.name], holds)
            print(f"{fault.name + ', ' + name:40}" + "".join(f"{share:7.1%}" for share in shares))


def _by_tone(rows: list[Row], holds: Callable[[Row], bool]) -> list[float]:
    return [_share([row for row in rows if row.tone == tone], holds) for tone in range(1, len(MONK) + 1)]


def _on_faults(severe: list[Row], rows: list[Row]) -> list[Verdict]:
    sharp = [row for row in rows if row.fault == "sharp" and not row.tone]
    plain = [row for row in severe if "grain" not in row.fault]
    grainy = [row for row in severe if "grain" in row.fault]
    return [
        Verdict("severe blur, amber or red", 100 * _share(plain, _is_noticed), 95, " %", at_least=True),
        Verdict("severe blur, red", 100 * _share(plain, _is_red), 80, " %", at_least=True),
        Verdict("severe blur under grain, red", 100 * _share(grainy, _is_red), 80, " %", at_least=True),
        Verdict("sharp, red", 100 * _share(sharp, _is_red), 2, " %"),
        Verdict("sharp, amber", 100 * _share(sharp, lambda row: row.colour == "amber"), 10, " %"),
    ]


def _on_tones(rows: list[Row]) -> list[Verdict]:
    """Return how far the tones lie apart: sharp pictures, and those with a severe blur."""
    groups = {
        "sharp": [row for row in rows if row.fault == "sharp"],
        "severe blur": [row for row in rows if row.severe],
    }
    verdicts = []
    for name, group in groups.items():
        for words, holds in (("noticed", _is_noticed), ("red", _is_red)):
            shares = _by_tone(group, holds)
            verdicts.append(
                Verdict(f"{name}, {words}: between tones", 100 * (max(shares) - min(shares)), 3, " points")
            )
    return verdicts


def _on_things(rows: list[Row]) -> list[Verdict]:
    things = [row for row in rows if row.fault.startswith("with ")]
    taken = [row for row in things if "glare" in row.reasons]
    for row in taken:
        print(f"taken for glare: {row.scene} {row.fault}, tone {row.tone}")
    return [Verdict(f"white things taken for glare, of {len(things)}", len(taken), 0)]


def _agreement(rows: list[Row]) -> Verdict:
    both = [row for row in rows if row.phone]
    for row in both:
        if row.phone != row.colour:
            print(f"server {row.colour}, phone {row.phone}: {row.scene}, {row.fault}")
    same = _share(both, lambda row: row.phone == row.colour)
    return Verdict(f"server and phone agree, of {len(both)}", 100 * same, 98, " %", at_least=True)


if __name__ == "__main__":
    raise SystemExit(main())
