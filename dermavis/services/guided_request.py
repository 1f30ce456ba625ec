"""What the guided request needs to know before it begins: the site's instruments and the requester's own telephone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from dermavis.domain.permissions import Permission
from dermavis.models import Case, Organization, Person
from dermavis.services.access import require
from dermavis.services.coordinations import coordination_of
from dermavis.services.names import full_name
from dermavis.services.treating_doctors import is_doctor
from dermavis.services.work import Work


@dataclass(frozen=True)
class Start:
    """``phone``: the requester's own, else the site's; proposed as the number to reach them at.

    ``own_name``: of a doctor, who may be the patient's treating doctor; empty for anybody else.
    ``read_first_by``: the coordination that reads this person's requests before the expert does; empty without one.
    """

    has_dermatoscope: bool
    phone: str
    read_first_by: str
    own_name: str


def start(work: Work) -> Start:
    """Return what a new request begins with. Raises Forbidden for who makes no requests."""
    require(work, Permission.CASE_CREATE)
    site = work.session.get_one(Organization, work.acting.organization_id)
    person = work.session.get_one(Person, work.acting.person_id)
    coordination = coordination_of(work, site.id, person.id)
    reader = work.session.get_one(Organization, coordination).name if coordination else ""
    own_name = full_name(person) if is_doctor(work) else ""
    return Start(site.has_dermatoscope, person.phone or site.phone, reader, own_name)


def is_known(work: Work, case_id: UUID) -> bool:
    """Tell whether any case, whosever it is, carries this id."""
    return work.session.get(Case, case_id) is not None


def name_of_centre(work: Work, case_id: UUID) -> str:
    """Return the name of the centre that a sent case was addressed to; empty while none is."""
    case = work.session.get_one(Case, case_id)
    return work.session.get_one(Organization, case.centre_id).name if case.centre_id else ""
