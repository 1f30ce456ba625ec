"""A request that was sent and came back stays its patient's, whatever is typed over it or picked instead."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from dermavis.domain.errors import InvalidInput
from dermavis.domain.roles import Role
from dermavis.models import Case, CaseRevision, Patient
from dermavis.services import drafts, pooling, sending
from dermavis.services.patients import read_identity
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World


def test_a_request_sent_back_cannot_be_given_to_another_patient(system: System, world: World) -> None:
    hers = cases.content()["patient"]
    twin = cases.sent(world, "pooled_requester", patient=hers | {"first_name": "Rose"})
    case_id = cases.sent(world, "pooled_requester")
    with reading(system) as work:
        patient_id = work.session.get_one(Case, case_id).patient_id
        twin_id = str(work.session.get_one(Case, twin).patient_id)
    with writing(system, world.actor(Role.COORDINATOR)) as work:
        pooling.send_back(work, case_id, "insufficient_history", "")

    def again(**traits: Any) -> None:
        with writing(system, world.actor("pooled_requester")) as work:
            draft = drafts.read(work, case_id)
            drafts.save(work, case_id, draft.content | {"patient": hers | traits}, draft.revision)
        with writing(system, world.actor("pooled_requester")) as work:
            sending.send(work, case_id, drafts.read(work, case_id).revision)

    for other in (
        {"birth_name": "Quesnel", "first_name": "Paul", "birth_date": "1949-01-02"},
        {"first_name": "Rose", "id": twin_id},
    ):
        with pytest.raises(InvalidInput) as refused:
            again(**other)
        assert "saisie par erreur" in refused.value.errors["patient.birth_name"]
    with reading(system) as work:
        known = read_identity(work, work.session.get_one(Patient, patient_id))
        assert (known["birth_name"], known["first_name"]) == (hers["birth_name"], hers["first_name"])
    again(birth_name=hers["birth_name"] + "s")
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).patient_id == patient_id
        revisions = select(func.count()).where(CaseRevision.case_id == case_id)
        assert work.session.scalar(revisions.select_from(CaseRevision)) == 2
