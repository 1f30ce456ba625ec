"""What a client of the JSON interface sends: an object of a format that is still understood."""

from __future__ import annotations

from typing import Any

from flask import request

from dermavis.domain.errors import InvalidInput, Refusal

FORMAT = 1
OLDEST_FORMAT = 1
"""Formats are accepted for six months after the next one."""


class OldClient(Refusal):
    """A client of a format that is no longer, or not yet, understood; its draft stays on its device."""

    status = 426


def read_body() -> dict[str, Any]:
    """Return what was sent. Raises InvalidInput for what is no object, and OldClient."""
    payload = request.get_json(silent=True)
    if not isinstance(payload, dict):
        raise InvalidInput({"content": "La demande est illisible."})
    if payload.get("format") not in range(OLDEST_FORMAT, FORMAT + 1):
        raise OldClient(
            "old_client",
            "Cette page de DermAvis n’est plus à jour. Rechargez-la\u00a0: votre brouillon est gardé.",
        )
    return payload
