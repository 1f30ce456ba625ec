"""The ten tones of the Monk scale, and skin of one tone made into skin of another (docs/domain.md says how)."""

from __future__ import annotations

from PIL import Image

MONK = ("f6ede4", "f3e7db", "f7ead0", "eadaba", "d7bd96", "a07e56", "825c43", "604134", "3a312a", "292420")
_LIGHTEST, _DARKEST = 250, 15  # the last levels that are not clipped: a tone is no exposure
_TAIL = 0.001


def recoloured(image: Image.Image, tone: int) -> Image.Image:
    """Return the picture with its median colour at that tone (1 to 10).

    Each channel is moved by what its median lacks; relief, hair and lesion keep their contrast, unless there is not the
    room for it: then the lighter or the darker half is drawn together until one pixel in a thousand stands at the end.
    """
    wanted = bytes.fromhex(MONK[tone - 1])
    table: list[int] = []
    for channel, target in zip(image.split(), wanted, strict=True):
        counts = channel.histogram()
        low, median, high = (_level(counts, share) for share in (_TAIL, 0.5, 1 - _TAIL))
        up = min(1.0, (_LIGHTEST - target) / max(1, high - median))
        down = min(1.0, (target - _DARKEST) / max(1, median - low))
        table += [
            max(0, min(255, round(target + (level - median) * (up if level > median else down))))
            for level in range(256)
        ]
    return image.point(table)


def _level(counts: list[int], share: float) -> int:
    left = sum(counts) * share
    for level, count in enumerate(counts):
        left -= count
        if left <= 0:
            return level
    return 255
