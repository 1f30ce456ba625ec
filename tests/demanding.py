"""A patient's demand about their data, registered as people do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from dermavis.domain.calendars import local_day
from dermavis.domain.roles import Role
from dermavis.services import demands
from dermavis.services.work import writing
from tests.factories import World


def demanded(
    world: World, kind: str = "access", by: Role | str = Role.REQUESTER, number: str = "D-1", **changes: Any
) -> UUID:
    """Return a demand received today, of the patient of the case of this number."""
    with writing(world.system, world.actor(by)) as work:
        typed: dict[str, Any] = {
            "number": number,
            "kind": kind,
            "asked_by": "patient",
            "who": "",
            "words": "Mon prénom s’écrit Hélaine." if kind in {"rectification", "erasure"} else "",
            "received_on": local_day(work.now, "Europe/Paris"),
        }
        return demands.register(work, demands.NewDemand(**typed | changes)).id


def checked(world: World, kind: str = "access", **changes: Any) -> UUID:
    """Return a demand whose author's identity was checked."""
    demand_id = demanded(world, kind, **changes)
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        demands.check_identity(work, demand_id, "document")
    return demand_id
