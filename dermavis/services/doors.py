"""Whether a person could open a case, or something else, were they to follow a notice that leads to it."""

from __future__ import annotations

from uuid import UUID

from dermavis.domain.permission_map import allowed
from dermavis.domain.permissions import Permission
from dermavis.models import Case, DataDemand, PatientMerge
from dermavis.services.access import facts_of
from dermavis.services.actors import actor_of, places_of
from dermavis.services.work import Work

DOORS = (Permission.CASE_READ, Permission.OPINION_READ, Permission.CANCELLATION_READ)


def may_open(work: Work, case: Case, person_id: UUID) -> bool:
    """Tell whether a live account may open the case for its site, centre or coordination, or as treating doctor."""
    facts = facts_of(work, case)
    places = dict.fromkeys(place for place in (case.site_id, case.centre_id, case.pooled_by) if place)
    if facts.treating:
        # A treating doctor may practise anywhere in the network.
        own = places_of(work.session, person_id).on(work.now.date())
        places |= dict.fromkeys(place for place, _ in own)
    for place in places:
        actor = actor_of(work.session, person_id, work.now, place)
        if actor is not None and any(allowed(actor.facts, door, facts) for door in DOORS):
            return True
    return False


def may_open_demand(work: Work, demand_id: UUID, person_id: UUID) -> bool:
    """Tell whether a live account may open a patient's demand: for its site, or where all demands are looked after."""
    demand = work.session.get_one(DataDemand, demand_id)
    for place, _ in places_of(work.session, person_id).on(work.now.date()):
        actor = actor_of(work.session, person_id, work.now, place)
        if actor is None or actor.facts.network_id != demand.network_id:
            continue
        of_site = place == demand.site_id and allowed(actor.facts, Permission.DEMANDS_REGISTER)
        if of_site or allowed(actor.facts, Permission.DEMANDS_READ_ALL):
            return True
    return False


def may_judge_merge(work: Work, merge_id: UUID, person_id: UUID) -> bool:
    """Tell whether a live account of the site, other than who proposed to join two records, may say something of it."""
    row = work.session.get_one(PatientMerge, merge_id)
    actor = actor_of(work.session, person_id, work.now, row.organization_id)
    if actor is None or actor.organization_id != row.organization_id or person_id == row.proposed_by:
        return False
    return allowed(actor.facts, Permission.PATIENT_MERGE_PROPOSE)
