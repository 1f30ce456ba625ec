"""A patient whose treating doctor has an account."""

from __future__ import annotations

from typing import Any

from dermavis.domain.roles import Role
from tests import cases
from tests.factories import World


def treated_by(world: World, name: Role | str = "stranger", **more: Any) -> dict[str, Any]:
    """Return the patient's part of a request that names this person of the world as treating doctor."""
    who = world.who(name)
    named = {"treating_doctor": f"Dr {who.name}", "treating_doctor_id": str(who.person_id)}
    patient: dict[str, Any] = cases.content()["patient"] | named | more
    return patient
