"""A case to be erased: one that holds all that a case can, and its erasure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Case, CaseRevision, Opinion, Patient
from dermavis.services import conversation, following
from dermavis.services.erasure import Erasure, erase_case
from dermavis.services.reports import report_pdf
from dermavis.services.vault import Sealer
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World
from tests.pictured_cases import claimed_with_pictures
from tests.planted import files_of


def erased(world: World, number: str = "D-1", reason: str = "trial") -> Erasure:
    """Erase a case for good, as the administrator of its network."""
    with writing(world.system, world.actor(Role.ADMINISTRATOR)) as work:
        return erase_case(work, number, reason)


@dataclass
class Life:
    """A case through which everything went that a case can hold, and its bytes as they lie about."""

    case_id: UUID
    opinion_id: UUID
    photo_id: UUID
    sealed: list[bytes]
    keys: list[bytes]
    store: set[Path]


def lived(system: System, world: World) -> Life:
    """Return a closed case with pictures, a question, a message, an opinion, its report and an aftermath."""
    case_id = claimed_with_pictures(world)
    with writing(system, world.actor(Role.EXPERT)) as work:
        conversation.ask(work, case_id, "Depuis combien de lunaisons ?", [], [])
    with writing(system, world.actor(Role.REQUESTER)) as work:
        conversation.write(work, case_id, "Depuis la foire de la Saint-Martin.")
    cases.sign(world, case_id)
    with reading(system) as work:
        opinion_id = work.session.scalars(select(Opinion.id).where(Opinion.case_id == case_id)).one()
    report_pdf(system, world.actor(Role.REQUESTER), case_id, opinion_id)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
        following.tell_aftermath(work, case_id, "followed", "yes", "Opérée par la voisine.")
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        assert case.state == "closed"
        revision = work.session.scalars(
            select(CaseRevision.content_sealed).where(CaseRevision.case_id == case_id)
        )
        patient = work.session.get_one(Patient, case.patient_id)
        photo_id = UUID(_first_photo(work, case))
        return Life(
            case_id,
            opinion_id,
            photo_id,
            [bytes(next(iter(revision)))[:400], bytes(case.summary_sealed or b"")],
            [case.data_key, patient.data_key],
            set(files_of(system.settings.data_dir / "photos")),
        )


def _first_photo(work: Any, case: Case) -> str:
    summary = Sealer(work.system.cipher, case).open(
        case.summary_sealed or b"", "cases", case.id, "summary_sealed"
    )
    return str(summary["photo"])
