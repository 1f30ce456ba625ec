"""What a client of the JSON interface sends: an object of a format that is still understood."""

from __future__ import annotations

from typing import Any

from flask import request

from blueprints.entrance.current import system
from dermavis.domain import client_formats
from dermavis.domain.errors import InvalidInput, Refusal

FORMAT = client_formats.spoken()


class OldClient(Refusal):
    """A client of a format that is no longer understood; its draft stays on its device."""

    status = 426


class NewerClient(Refusal):
    """A client of a format that is not understood yet: this process is the old one, and its time passes."""

    status = 503


def read_body() -> dict[str, Any]:
    """Return what was sent. Raises InvalidInput for what is no object, OldClient and NewerClient."""
    payload = request.get_json(silent=True)
    if not isinstance(payload, dict):
        raise InvalidInput({"content": "La demande est illisible."})
    standing = client_formats.standing(payload.get("format"), system().clock.now().date())
    if standing == "old":
        raise OldClient(
            "old_client",
            "Cette page de DermAvis est trop ancienne\u00a0: mettez à jour. Votre brouillon est gardé.",
        )
    if standing == "newer":
        raise NewerClient(
            "newer_client",
            "Le serveur se met à jour. Votre brouillon est gardé, il partira dans un instant.",
        )
    return payload
