"""A case whose owner vanished goes to another team or expert, by an administrator who says why.

Nobody is made its holder: it lies in a queue again, and whoever is told of it takes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import func, select

from dermavis.domain.case_states import HELD, State, Transition, Who
from dermavis.domain.errors import Conflict, InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.domain.repairs import check_repair_reason
from dermavis.domain.roles import ANSWERING
from dermavis.domain.second_opinions import SECOND_OPINION
from dermavis.models import Addressing, Case, Membership, Organization, Person, Team, TeamMember
from dermavis.models.queries.validity import holds_on
from dermavis.services.access import require
from dermavis.services.child_links import forebears_of
from dermavis.services.claiming import give_back
from dermavis.services.deadlines import set_deadlines
from dermavis.services.moves import move
from dermavis.services.names import name_of
from dermavis.services.notices import announce, announce_submission
from dermavis.services.numbered_cases import case_numbered
from dermavis.services.queue_watch import watch_queue
from dermavis.services.schedule import unschedule
from dermavis.services.second_opinion_links import check_none_awaited
from dermavis.services.work import Work

OPEN = (State.SUBMITTED, State.CLAIMED, State.ON_HOLD, State.DECLINED)


@dataclass(frozen=True)
class Reassignment:
    """Where a case is and where it goes, in names of people and places. ``already``: it is there, nothing changes."""

    number: str
    state: str
    from_team: str
    from_person: str
    to_team: str
    to_person: str
    already: bool


def reassign(
    work: Work, number: str, reason: str, *, team: str = "", expert: str = "", apply: bool = False
) -> Reassignment:
    """Tell where a case would go, and send it there when ``apply`` says so.

    ``team`` is the name of a team or of its organisation, ``expert`` an address; one of them will do. Raises
    Forbidden, NotFound, InvalidInput, and Conflict for a case that waits for no expert, or whose expert awaits a second
    opinion while it would leave their centre.
    """
    require(work, Permission.SERVICE_REPAIR)
    check_repair_reason(reason)
    case = case_numbered(work, number, lock=True)
    if case.state not in OPEN or case.erased_at is not None:
        raise Conflict(
            "not_open", f"Le télédossier {case.number} n’attend pas d’expert\u00a0: rien à réattribuer."
        )
    person = _expert(work, expert) if expert else None
    target = _team(work, case, team, person)
    _check_relations(work, case, target)
    plan = Reassignment(
        number=case.number or "",
        state=case.state,
        from_team=_team_name(work, work.session.get(Team, case.team_id)) if case.team_id else "",
        from_person=name_of(work, case.claimed_by or case.expert_id)
        if case.claimed_by or case.expert_id
        else "",
        to_team=_team_name(work, target),
        to_person=name_of(work, person.id) if person else "",
        already=_is_there(case, target, person),
    )
    if apply and not plan.already:
        _send(work, case, target, person, reason)
    return plan


def _check_relations(work: Work, case: Case, team: Team) -> None:
    """What its expert still awaits holds a case in its centre, and who asks or refers does not answer themselves."""
    if team.organization_id != case.centre_id:
        check_none_awaited(work, case)
    if case.parent_kind == SECOND_OPINION and team.organization_id == case.site_id:
        raise InvalidInput(
            {"team": "C’est le centre qui demande ce second avis\u00a0: choisissez-en un autre."}
        )
    if any(team.organization_id == forebear.centre_id for forebear in forebears_of(work, case)):
        raise InvalidInput(
            {"team": "C’est le centre qui a adressé cette demande plus haut\u00a0: choisissez-en un autre."}
        )


def _is_there(case: Case, team: Team, person: Person | None) -> bool:
    wanted = person.id if person else None
    if case.state in HELD and wanted is not None and case.claimed_by == wanted:
        return True
    return case.state == State.SUBMITTED and case.team_id == team.id and case.expert_id == wanted


def _send(work: Work, case: Case, team: Team, person: Person | None, reason: str) -> None:
    holder, elsewhere = case.claimed_by, case.centre_id != team.organization_id
    if case.state in HELD:
        give_back(work, case, Who.ADMINISTRATOR)
    case.centre_id, case.team_id = team.organization_id, team.id
    case.expert_id = person.id if person else None
    move(work, case, Transition.REDIRECT, Who.ADMINISTRATOR, reason=reason)
    # What a refusal left behind ends as well: the case is somebody's to answer again.
    case.claimed_by = case.claimed_at = case.executing_organization_id = None
    unschedule(work, "declined_reminder", case_id=case.id)
    work.session.add(
        Addressing(
            id=uuid4(),
            case_id=case.id,
            mode="named",
            team_id=team.id,
            person_id=case.expert_id,
            rule="repair",
            reason="Réattribuée par l’exploitation",
            decided_by=work.acting.person_id,
            decided_at=work.now,
        )
    )
    if elsewhere:
        # Another centre has another charter: its clock begins, the patient's goes on.
        case.submitted_at, case.held_at, case.held_seconds, case.without_reply = work.now, None, 0, False
        set_deadlines(work, case)
    watch_queue(work, case)
    announce_submission(work, case)
    announce(work, "claim_released", case, [holder])
    work.audit("case.reassign", case_id=case.id, subject_kind="team", subject_id=team.id, reason=reason)


def _expert(work: Work, email: str) -> Person:
    person = work.session.scalar(select(Person).where(func.lower(Person.email) == email.strip().lower()))
    if person is None or person.state != "active":
        raise InvalidInput({"expert": f"Aucun compte actif n’a l’adresse «\u00a0{email}\u00a0»."})
    return person


def _team(work: Work, case: Case, named: str, person: Person | None) -> Team:
    """The team that is meant: by its name, by its place's, or as the one in which the expert answers."""
    today = work.now.date()
    rows = (
        select(Team)
        .join(Organization, Organization.id == Team.organization_id)
        .where(
            Team.network_id == work.acting.facts.network_id,
            Team.specialty_id == case.specialty_id,
            Organization.closed_at.is_(None),
        )
        .order_by(Team.name)
    )
    if named:
        wanted = named.strip().lower()
        rows = rows.where((func.lower(Team.name) == wanted) | (func.lower(Organization.name) == wanted))
    if person is not None:
        rows = (
            rows.join(TeamMember, TeamMember.team_id == Team.id)
            .join(
                Membership,
                (Membership.person_id == TeamMember.person_id)
                & (Membership.organization_id == Team.organization_id),
            )
            .where(
                TeamMember.person_id == person.id,
                holds_on(TeamMember, today),
                Membership.role.in_([role.value for role in ANSWERING]),
                holds_on(Membership, today),
            )
            .distinct()
        )
    if not named and person is None:
        raise InvalidInput({"team": "À qui\u00a0? --team NOM, ou --expert ADRESSE."})
    found = list(work.session.scalars(rows))
    own = [team for team in found if team.id == case.team_id]
    if own and not named:
        found = own
    if len(found) != 1:
        raise InvalidInput({"team": _not_one(work, found, person)})
    return found[0]


def _not_one(work: Work, found: list[Team], person: Person | None) -> str:
    if not found and person is not None:
        return "Cette personne ne signe aujourd’hui dans aucune équipe de cette spécialité, ou pas dans celle-là."
    if not found:
        return "Aucune équipe ouverte de cette spécialité ne porte ce nom dans votre réseau."
    return f"Plusieurs équipes\u00a0: précisez par --team. {', '.join(_team_name(work, team) for team in found)}."


def _team_name(work: Work, team: Team | None) -> str:
    if team is None:
        return ""
    place = work.session.get_one(Organization, team.organization_id).name
    return team.name if team.name == place else f"{team.name} ({place})"
