"""Which part the actor plays on a case: it decides which page they see at the case's one address."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from dermavis.domain.errors import NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.roles import Role
from dermavis.services.access import find_case, may
from dermavis.services.work import Work


class Part(StrEnum):
    """``WRITER``: of a request that was not sent yet. ``EXPERT``: everybody of the centre, its secretary included.

    ``TREATING``: the patient's treating doctor, who was given a copy of the opinion and reads nothing else of the case.
    ``TOLD``: of a centre whose request was cancelled, or who once received something of one that was entered in error;
    they learn that and nothing else.
    """

    WRITER = "writer"
    REQUESTER = "requester"
    EXPERT = "expert"
    COORDINATOR = "coordinator"
    TREATING = "treating"
    TOLD = "told"


def part_of(work: Work, case_id: UUID) -> Part:
    """Return the actor's part on a case that they may read, or be told about. Raises NotFound for a stranger."""
    try:
        case = find_case(work, case_id)
    except NotFound:
        return _part_of_reader(work, case_id)
    if case.site_id == work.acting.organization_id:
        return Part.WRITER if case.state == "draft" else Part.REQUESTER
    if case.centre_id == work.acting.organization_id:
        return Part.EXPERT
    if case.pooled_by == work.acting.organization_id and Role.COORDINATOR in work.acting.roles:
        # Who was given the opinion as well reads it here; the board has its own address.
        return Part.TREATING if may(work, Permission.COPY_ACKNOWLEDGE, case) else Part.COORDINATOR
    return Part.EXPERT


def _part_of_reader(work: Work, case_id: UUID) -> Part:
    """The part of who may not read the case itself."""
    try:
        find_case(work, case_id, Permission.OPINION_READ)
    except NotFound:
        find_case(work, case_id, Permission.CANCELLATION_READ)
        return Part.TOLD
    return Part.TREATING
