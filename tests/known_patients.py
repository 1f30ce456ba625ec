"""Patients that a site knows, and who is left there to say which of them are one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import update

from dermavis.domain.roles import Role
from dermavis.models import Person
from dermavis.services.patients import keep_patient
from dermavis.services.work import writing
from tests.factories import World

BASE = {"birth_name": "Vautrin", "first_name": "Hélène", "birth_date": "1958-03-12", "sex": "F"}
OTHERS = (Role.NURSE_REQUESTER, Role.SUBSTITUTE, "other_requester")
"""Who asks for the site beside its requester."""


def known(world: World, *people: dict[str, Any]) -> list[UUID]:
    """Return patients that the site knows."""
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        return [keep_patient(work, BASE | person, world.site_id, None).id for person in people]


def leave(world: World, *names: Role | str) -> None:
    """Have people leave the service."""
    gone = [world.who(name).person_id for name in names]
    with writing(world.system) as work:
        work.session.execute(update(Person).where(Person.id.in_(gone)).values(state="revoked"))
