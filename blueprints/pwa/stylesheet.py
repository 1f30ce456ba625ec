"""The style sheets joined into one: ``static/css/app.css`` lists the layers and the files in their order."""

from __future__ import annotations

import re
from pathlib import Path

IMPORT = re.compile(r'@import "(?P<file>[^"]+)" layer\((?P<layer>[a-z]+)\);')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
STRING = re.compile(r'("[^"\n]*"|\'[^\'\n]*\')')


def join(entry: Path) -> str:
    """Return the sheet that ``entry`` describes: its own rules, and each imported file within its layer.

    Raises FileNotFoundError for a file that is listed and missing.
    """

    def imported(match: re.Match[str]) -> str:
        rules = (entry.parent / match["file"]).read_text(encoding="utf-8")
        return f"@layer {match['layer']}{{{rules}}}\n"

    return shrink(IMPORT.sub(imported, entry.read_text(encoding="utf-8")))


def shrink(sheet: str) -> str:
    """Return the sheet without comments and needless blanks; what stands in quotes is left alone.

    Blanks around ``+`` and ``-`` and before ``:`` and ``(`` have a meaning (calc, descendant selectors, media
    queries) and stay.
    """
    parts = STRING.split(COMMENT.sub("", sheet))
    return (
        "".join(part if index % 2 else _shrink_words(part) for index, part in enumerate(parts)).strip() + "\n"
    )


def _shrink_words(words: str) -> str:
    words = re.sub(r"\s+", " ", words)
    words = re.sub(r" ?([{};,>]) ?", r"\1", words)
    words = re.sub(r": ", ":", words)
    return words.replace(";}", "}")
