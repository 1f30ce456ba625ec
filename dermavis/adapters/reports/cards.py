"""The reference card on paper, typeset by typst: a sheet of five with the outlines that verify the print."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

import segno

from dermavis.adapters.reports import FONT, FONTS, HERE
from dermavis.adapters.reports.glyphs import printable
from dermavis.domain import reference_card as card


class TypstCards:
    """Typesets the sheets. The same batch and day give the same bytes."""

    def sheet(self, batch: str, printed: str) -> bytes:
        """Return the PDF of a batch's sheet, A4; ``printed``: who prints it and when, in words."""
        return self._compiled(self._words(batch, printed, single=False), format="pdf", pdf_standards=["ua-1"])

    def picture(self, batch: str, pixels_per_mm: float) -> bytes:
        """Return one card alone as a PNG, cut at its edge: what the reader is tried on."""
        return self._compiled(self._words(batch, "", single=True), format="png", ppi=pixels_per_mm * 25.4)

    def _compiled(self, words: dict[str, Any], **options: Any) -> bytes:
        import typst  # half a second and fonts: only whoever prints pays for it

        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
        made = typst.compile(
            self._template,
            font_paths=fonts,
            ignore_system_fonts=True,
            sys_inputs={"sheet": json.dumps(words, ensure_ascii=False, sort_keys=True)},
            timestamp=0,
            **options,
        )
        if not isinstance(made, bytes):
            raise TypeError("typst gave several files for one sheet")
        return made

    @cached_property
    def _template(self) -> bytes:
        return (HERE / "card.typ").read_bytes()

    def _words(self, batch: str, printed: str, *, single: bool) -> dict[str, Any]:
        return {
            "batch": batch,
            "printed": printable(printed, FONT),
            "single": single,
            "rows": _rows(card.payload(batch)),
            "layout": {
                "width": card.WIDTH_MM,
                "height": card.HEIGHT_MM,
                "discs": card.DISCS,
                "disc": card.DISC_MM,
                "corner": card.CODE_CORNERS[0],
                "code": card.CODE_MM,
                "ruler": card.RULER_MM,
                "greys": card.GREY_PATCHES,
                "grey": card.GREY_MM,
                "lights": card.LIGHT_PATCHES,
                "light": card.LIGHT_MM,
                "light_level": card.LIGHT_LEVEL,
            },
        }


def _rows(payload: str) -> list[str]:
    """Return the code's modules, a row a string of 0 and 1. Raises ValueError where it wants a larger code."""
    code = segno.make(payload, version=1, error="h", mode="alphanumeric", boost_error=False, micro=False)
    return ["".join("1" if module else "0" for module in row) for row in code.matrix]
