"""A patient's demand follows the record that it is about, when two are joined and when they are taken apart."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict
from dermavis.domain.roles import Role
from dermavis.models import Case, Patient
from dermavis.services import demands
from dermavis.services.access_export import hand_over
from dermavis.services.patient_merges import confirm, propose, undo
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.demanding import checked, demanded
from tests.factories import World


def test_a_demand_follows_a_joining_and_hands_nobody_elses_record_over_once_it_is_undone(
    system: System, world: World
) -> None:
    ids = [
        cases.closed(world, patient=cases.content()["patient"] | {"birth_name": name})
        for name in ("Vautrin", "Vautrain")
    ]
    kept, merged = (_patient(system, case_id) for case_id in ids)
    before = checked(world, number="D-2")
    demanded(world, asked_by="heir", who="Jeanne Vautrin", died_on=date(2026, 3, 1), number="D-2")
    with writing(system, world.actor(Role.SITE_SECRETARY)) as work:
        merge_id = propose(work, kept, merged).id
    with writing(system, world.actor(Role.REQUESTER)) as work:
        confirm(work, merge_id)
    assert _handed_over(world, before) == ["D-1", "D-2"], "not the empty record"
    assert _died(system) == {kept: date(2026, 3, 1), merged: date(2026, 3, 1)}
    meanwhile = checked(world, number="D-2")
    opposition = checked(world, "opposition")
    with writing(system, world.actor(Role.DATA_PROTECTION_OFFICER)) as work:
        demands.close(work, opposition, "accepted", "")

    with writing(system, world.actor(Role.REQUESTER)) as work:
        undo(work, merge_id)

    assert _died(system) == {kept: None, merged: date(2026, 3, 1)}
    with reading(system) as work:
        assert all(row.opposed_at for row in work.session.scalars(select(Patient))), (
            "nobody knows whose it was"
        )
    assert _handed_over(world, before) == ["D-2"]
    with pytest.raises(Conflict) as refused:
        _handed_over(world, meanwhile)
    assert refused.value.code == "of_another"
    with writing(system, world.actor(Role.REQUESTER)) as work:
        assert demands.close(work, meanwhile, "withdrawn", "").outcome == "withdrawn"


def _patient(system: System, case_id: UUID) -> UUID:
    with reading(system) as work:
        found = work.session.get_one(Case, case_id).patient_id
    assert found is not None
    return found


def _handed_over(world: World, demand_id: UUID) -> list[str]:
    """Hand the record over, and return the numbers of the cases in it."""
    handing = hand_over(world.system, world.actor(Role.REQUESTER), demand_id, lambda *_: {})
    found = zipfile.ZipFile(io.BytesIO(b"".join(handing.pieces)))
    return sorted(case["number"] for case in json.loads(found.read("donnees.json"))["cases"])


def _died(system: System) -> dict[UUID, date | None]:
    with reading(system) as work:
        return {row.id: row.died_on for row in work.session.scalars(select(Patient))}
