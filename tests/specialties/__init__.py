"""Whole requests to test with, one for each specialty: complete, ready to be sent.

The files beside them (``haematology.toml``) are specialties that the package does not hold: this folder serves as
``settings.specialties_dir``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def complete_request(specialty_id: str) -> dict[str, Any]:
    """A new copy of the complete request of a specialty."""
    content: dict[str, Any] = json.loads((FOLDER / f"{specialty_id}_request.json").read_text("utf-8"))
    return content
