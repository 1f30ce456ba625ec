"""The report of a signed opinion as an archivable, accessible PDF (PDF/A-3a and PDF/UA-1), typeset by typst.

What people wrote reaches the template as JSON: it is text there, never markup. Pictures stay in memory.
"""

from __future__ import annotations

import json
from datetime import UTC
from functools import cached_property
from pathlib import Path
from typing import Any

from dermavis.adapters.reports import french_dates
from dermavis.adapters.reports.glyphs import printable
from dermavis.adapters.reports.picture_pages import in_svg, size_of

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
FONT = FONTS / "SourceSans3-Regular.ttf"
MOST_PICTURES = 8


class TypstReports:
    """Typesets reports. The same report gives the same bytes."""

    def make(self, report: dict[str, Any]) -> bytes:
        """Return the PDF of a ``dermavis.domain.report.Report``; at most eight pictures are shown, four in a row.

        Raises ValueError for a picture that is not a JPEG.
        """
        import typst  # half a second and fonts: only whoever prints pays for it

        signed_at = french_dates.local_instant(report["signed_at"], report["time_zone"])
        pictures = report.get("pictures", [])[:MOST_PICTURES]
        sizes = [size_of(picture["content"]) for picture in pictures]
        words = self._printed(report, sizes)
        inputs = {"report": json.dumps(words, ensure_ascii=False, sort_keys=True)}
        for rank, picture in enumerate(pictures):
            inputs[f"picture-{rank}"] = in_svg(picture["content"], *sizes[rank], picture.get("marks", ()))
        pdf = typst.compile(
            self._template,
            font_paths=self._fonts,
            ignore_system_fonts=True,
            sys_inputs=inputs,
            pdf_standards=["a-3a", "ua-1"],
            timestamp=int(signed_at.astimezone(UTC).timestamp()),
        )
        if not isinstance(pdf, bytes):
            raise TypeError("typst gave several files for one report")
        return pdf

    @cached_property
    def _template(self) -> bytes:
        return (HERE / "opinion.typ").read_bytes()

    @cached_property
    def _fonts(self) -> Any:
        import typst

        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])

    def _printed(self, report: dict[str, Any], sizes: list[tuple[int, int]]) -> Any:
        """Return the report with its dates written out, its blanks filled and its characters printable."""
        zone = report["time_zone"]
        signed_at = french_dates.local_instant(report["signed_at"], zone)
        signed_on = signed_at.date()
        patient = report["patient"]
        calls = [{**call, "at": _written(call.get("at", ""), zone)} for call in report.get("calls", [])]
        pictures = report.get("pictures", [])[:MOST_PICTURES]
        whole = {
            **report,
            "signed_at": _written(report["signed_at"], zone),
            "signed_on": french_dates.written_date(signed_on),
            "signed_stamp": list(signed_at.astimezone(UTC).timetuple()[:6]),
            "requested_at": _written(report.get("requested_at", ""), zone),
            "request_made_at": _written(report.get("request_made_at", ""), zone),
            "replaces_signed_at": _written(report.get("replaces_signed_at", ""), zone),
            "replaced_at": _written(report.get("replaced_at", ""), zone),
            "identity_corrected_at": _written(report.get("identity_corrected_at", ""), zone),
            "entered_in_error_at": _written(report.get("entered_in_error_at", ""), zone),
            "patient": {
                **patient,
                "birth_date": french_dates.short_date(patient.get("birth_date", "")),
                "age": french_dates.age_in_words(patient.get("birth_date", ""), signed_on),
            },
            "calls": calls,
            "pictures": [
                {
                    "legend": picture.get("legend", ""),
                    "alternative": picture.get("alternative") or picture.get("legend") or "Photographie",
                    "ratio": width / height,
                }
                for picture, (width, height) in zip(pictures, sizes, strict=True)
            ],
        }
        return _printable(whole)


def _written(iso: str, zone: str) -> str:
    return french_dates.written_instant(iso, zone) if iso else ""


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value, FONT).strip()
    if isinstance(value, dict):
        return {name: _printable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_printable(each) for each in value]
    return value
