"""Whether a person could open a case, were they to follow a notice that leads to it."""

from __future__ import annotations

from uuid import UUID

from dermavis.domain.permission_map import allowed
from dermavis.domain.permissions import Permission
from dermavis.models import Case
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
