"""Who has taken the photo course, whom it is offered to, and the request that waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select

from dermavis.domain.errors import InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.domain.photo_course import check_pairs, is_held_back
from dermavis.models import Case, Organization, Person, Team
from dermavis.services.access import may, require
from dermavis.services.charters import charter_of
from dermavis.services.work import Work


@dataclass(frozen=True)
class CourseOffer:
    """The course is offered before the first request; ``asked_by`` names the centres that ask for it."""

    asked_by: tuple[str, ...]


def taken_at(work: Work) -> datetime | None:
    """Return when the actor took the course. Raises Forbidden for who asks for nothing."""
    require(work, Permission.CASE_CREATE)
    return _taken_at(work)


def finish(work: Work, answers: Mapping[str, str]) -> None:
    """Keep on the actor's profile that the course was taken; a second time changes nothing.

    Raises Forbidden, and InvalidInput by pair.
    """
    require(work, Permission.CASE_CREATE)
    check_pairs(answers)
    person = work.session.get_one(Person, work.acting.person_id)
    if person.photo_course_at is None:
        person.photo_course_at = work.now
        work.audit("photo_course.finish", subject_kind="person", subject_id=person.id)


def offer_of(work: Work) -> CourseOffer | None:
    """Return what is said to who has sent nothing yet and has not taken the course; None to everybody else."""
    me = work.acting.person_id
    sent = select(exists().where(Case.requester_id == me, Case.number.is_not(None)))
    if not may(work, Permission.CASE_CREATE) or _taken_at(work) is not None or work.session.scalar(sent):
        return None
    centres = work.session.execute(
        select(Organization.id, Organization.name)
        .join(Team, Team.organization_id == Organization.id)
        .where(
            Team.network_id == work.acting.facts.network_id,
            Team.closed_at.is_(None),
            Organization.closed_at.is_(None),
        )
        .distinct()
        .order_by(Organization.name)
    )
    return CourseOffer(tuple(name for centre_id, name in centres if charter_of(work, centre_id).photo_course))


def is_lacking(work: Work) -> bool:
    """Tell whether the actor has not taken the course."""
    return _taken_at(work) is None


def wait_for_course(work: Work, centre_id: UUID, urgency: str, specialty_id: str) -> None:
    """Refuse a request whose centre asks for the course first. Raises InvalidInput beside the addressing."""
    charter = charter_of(work, centre_id, specialty_id)
    if is_held_back(charter.photo_course, is_lacking(work), urgency):
        words = (
            f"{charter.name} demande la formation photo avant la première demande\u00a0: "
            "cinq minutes, depuis «\u00a0Compte\u00a0»."
        )
        raise InvalidInput({"addressing": words}, "La formation photo est demandée avant l’envoi.")


def _taken_at(work: Work) -> datetime | None:
    return work.session.scalar(select(Person.photo_course_at).where(Person.id == work.acting.person_id))
