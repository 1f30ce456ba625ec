"""Requests that a coordinator reads again, and how the pages that show them are asked for and read."""

from __future__ import annotations

import re
from uuid import UUID

from tests import cases
from tests.factories import World

PARTIAL = {"HX-Request": "true", "HX-Target": "board"}


def pooled(world: World, name: str = "", lacks: tuple[str, ...] = (), **changes: object) -> UUID:
    content = cases.content()
    patient = content["patient"] | ({"birth_name": name, "used_name": ""} if name else {})
    history = {key: answer for key, answer in content["history"].items() if key not in lacks}
    return cases.sent(world, "pooled_requester", patient=patient, history=history, **changes)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")
