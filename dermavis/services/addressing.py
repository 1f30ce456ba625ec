"""To whom a case goes: its target found by the rule, fixed, and remembered with how and why."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from dermavis.domain import addressing as rules
from dermavis.domain.requests import RequestContent
from dermavis.models import Addressing, Case, Organization, Team
from dermavis.services.addressing_places import grants_of, places_of, profession_of, question_of
from dermavis.services.asked_places import facts_of_asking
from dermavis.services.work import Work


def address(work: Work, case: Case, content: RequestContent, why: str = "") -> Addressing:
    """Fix the target of a case that is being submitted, and remember how and why (``why``, else the rule's words).

    Raises NotAddressable.
    """
    found = target_of(work, case, content)
    return fix_target(work, case, replace(found, why=why) if why else found)


def address_to_own_team(work: Work, case: Case, why: str) -> Addressing:
    """Give a case that waits for a named expert to the whole of that expert's team."""
    return address_to_team(work, case, _set(case.team_id), why)


def address_to_team(work: Work, case: Case, team_id: UUID, why: str) -> Addressing:
    """Give a case to the queue of a team, whatever stands in the way: that was looked at when it was chosen."""
    centre_id = work.session.get_one(Team, team_id).organization_id
    target = rules.Addressing(rules.Mode.TEAM_QUEUE, team_id, centre_id, None, rules.Rule.CHOSEN, why)
    return fix_target(work, case, target)


def fix_target(work: Work, case: Case, found: rules.Addressing) -> Addressing:
    """Give a case the target that was found for it."""
    case.centre_id = found.organization_id
    case.team_id = found.team_id
    case.expert_id = found.person_id
    row = Addressing(
        id=uuid4(),
        case_id=case.id,
        mode=found.mode.value,
        team_id=found.team_id,
        person_id=found.person_id,
        rule=found.rule.value,
        reason=found.why,
        decided_by=work.actor.person_id if work.actor else None,
        decided_at=work.now,
    )
    work.session.add(row)
    work.audit("case.address", case_id=case.id, subject_kind="team", subject_id=found.team_id, rule=row.rule)
    return row


def _set(value: UUID | None) -> UUID:
    if value is None:
        raise RuntimeError("a case that was submitted has its target")
    return value


def target_of(work: Work, case: Case, content: RequestContent) -> rules.Addressing:
    """Return where a case would go now, without sending it. Raises NotAddressable."""
    site = work.session.get_one(Organization, case.site_id)
    places, _ = places_of(work, case.network_id, case.specialty_id)
    profession = profession_of(work, case.requester_id, site.id)
    question = question_of(content, site, profession, **facts_of_asking(work, case))
    return rules.address(question, places, grants_of(work, site.id))
