"""What the measures of a picture mean: kept, offered again or asked again, and why, in words.

Pure rules over named limits. The phone judges by the same ones: ``as_client`` gives them, with their words, to
``static/js/camera/quality-rules.js``, and a test compares. Sources: the measured gates of the photo protocol and, where
marked "tuned", ``docs/decisions/photo-quality-is-judged-by-measures.md``. No limit is about the colour of skin.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

RULES_VERSION: Final = 4
"""Of the measures that the limits are meant for; older measures are shown to nobody as a verdict."""

MOST_RETRIES: Final = 2
"""After so many new tries of a view the picture is accepted as it is, and flagged."""

Colour = Literal["green", "amber", "red"]
_RANK: Final[dict[Colour, int]] = {"green": 0, "amber": 1, "red": 2}


@dataclass(frozen=True)
class Limit:
    """A measure's limits: ``least`` or not, it is passed at the value itself; None where it never gets that far."""

    reason: str
    measure: str
    least: bool
    amber: float | None
    red: float | None


@dataclass(frozen=True)
class Words:
    """What to do, in at most eight words, and the state in a word or two, for amber and for red."""

    advice: str
    amber: str
    red: str


@dataclass(frozen=True)
class Finding:
    """Why a picture is not green: the reason, how far it goes, and the measure with its value."""

    reason: str
    colour: Colour
    measure: str
    value: float


@dataclass(frozen=True)
class Verdict:
    """The worst colour, and its reasons, the worst first."""

    colour: Colour
    findings: tuple[Finding, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes, each once."""
        return tuple(dict.fromkeys(finding.reason for finding in self.findings))


_NB: Final = "\u00a0"

WORDS: Final[dict[str, Words]] = {
    "uniform": Words("Dégagez l’objectif, puis reprenez", "vide", "vide"),
    "focus": Words("Reculez un peu, attendez la netteté", "un peu floue", "floue"),
    "motion": Words("Ne bougez plus une seconde", "un peu floue", "floue"),
    "dark": Words("Plus de lumière, sans flash", "un peu sombre", "trop sombre"),
    "bright": Words("Moins de lumière directe", "un peu trop claire", "surexposée"),
    "glare": Words("Inclinez pour éviter le reflet", "reflet", "reflet étendu"),
    "grain": Words("Plus de lumière, sans flash", "granuleuse", "granuleuse"),
    "size": Words("Reprenez avec l’appareil, en taille maximale", "petite taille", "trop petite"),
}

LIMITS: Final[tuple[Limit, ...]] = (
    Limit("uniform", "spread", True, None, 6),  # a picture that failed or a covered lens
    Limit("focus", "edge_ratio", True, 0.48, 0.42),  # tuned
    Limit("motion", "sharpness", True, 0.45, 0.41),  # tuned
    Limit("dark", "dark_share", False, 0.30, 0.60),
    Limit("dark", "mean_luma", True, 35, None),
    Limit("bright", "bright_share", False, 0.02, 0.15),
    Limit("bright", "mean_luma", False, 240, None),
    Limit("glare", "glare_share", False, 0.015, 0.04),
    Limit("grain", "noise", False, 8, None),
    Limit("size", "long_side", True, 3000, 1600),
)

LIVE_LIMITS: Final[tuple[Limit, ...]] = (
    *(limit for limit in LIMITS if limit.reason not in {"focus", "motion", "size"}),
    Limit("focus", "edge_ratio", True, 0.50, 0.36),  # tuned
    Limit("motion", "sharpness", True, 0.43, 0.34),  # tuned
)
"""Of a live frame, whose central region has half the pixels: the same blur is half as wide there."""


def judge(measures: Mapping[str, Any], limits: tuple[Limit, ...] = LIMITS) -> Verdict:
    """Return the verdict on what was measured; a measure that is not there is not judged."""
    findings = []
    for limit in limits:
        value = measures.get(limit.measure)
        if not isinstance(value, int | float):
            continue
        colour = _colour(limit, value)
        if colour != "green":
            findings.append(Finding(limit.reason, colour, limit.measure, value))
    findings.sort(key=lambda finding: -_RANK[finding.colour])
    return Verdict(findings[0].colour if findings else "green", tuple(findings))


def _colour(limit: Limit, value: float) -> Colour:
    def beyond(bound: float | None) -> bool:
        return bound is not None and (value < bound if limit.least else value > bound)

    return "red" if beyond(limit.red) else "amber" if beyond(limit.amber) else "green"


def state_words(verdict: Verdict) -> str:
    """Return what is wrong in a few words: "floue, reflet"; of "floue" and "un peu floue" the worse alone."""
    said = [
        WORDS[finding.reason].red if finding.colour == "red" else WORDS[finding.reason].amber
        for finding in verdict.findings
    ]
    worst: dict[str, str] = {}
    for words in said:
        worst.setdefault(words.split()[-1], words)
    return ", ".join(worst.values())


def advice_words(verdict: Verdict) -> list[str]:
    """Return what to do, the most pressing first, each once."""
    return list(dict.fromkeys(WORDS[finding.reason].advice for finding in verdict.findings))


def as_client() -> dict[str, Any]:
    """Return the limits and the words as the phone reads them."""
    return {
        "version": RULES_VERSION,
        "mostRetries": MOST_RETRIES,
        "limits": [asdict(limit) for limit in LIMITS],
        "live": [asdict(limit) for limit in LIVE_LIMITS],
        "words": {reason: asdict(words) for reason, words in WORDS.items()},
    }


def client_module() -> str:
    """Return ``static/js/camera/quality-rules.js`` as it must be."""
    content = json.dumps(as_client(), ensure_ascii=False, separators=(",", ":")).replace("},{", "},\n{")
    home = (
        "/** Written from dermavis/domain/photo_quality.py, where these limits and words have their home. */"
    )
    return f"{home}\nexport default {content};\n"
