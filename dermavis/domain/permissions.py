"""Who may do what: one map, and what it does not name is denied.

A permission is granted by a role held in the acting organisation, when its predicate over (actor, case) is true. The
same predicates serve one case; the list queries of ``dermavis.models.queries`` are tested against them on random data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from dermavis.domain.roles import Role


class Permission(StrEnum):
    """Everything a person can be allowed to do."""

    # In one's own organisation, without a case
    CASE_CREATE = "case.create"
    PATIENT_SEARCH = "patient.search"
    PATIENT_MERGE_PROPOSE = "patient.merge_propose"
    PATIENT_MERGE_CONFIRM = "patient.merge_confirm"
    REQUESTS_LIST = "requests.list"
    WORKLIST_LIST = "worklist.list"
    POOL_LIST = "pool.list"
    PEOPLE_MANAGE = "people.manage"
    ORGANIZATIONS_MANAGE = "organizations.manage"
    TEAMS_MANAGE = "teams.manage"
    CHARTERS_MANAGE = "charters.manage"
    AUDIT_READ = "audit.read"
    FACTOR_RESET = "factor.reset"
    CASE_ERASE = "case.erase"
    SERVICE_READ = "service.read"
    SERVICE_REPAIR = "service.repair"
    RETENTION_READ = "retention.read"
    LEGAL_HOLD = "legal_hold"
    DEMANDS_REGISTER = "demands.register"
    DEMANDS_READ_ALL = "demands.read_all"
    DEMANDS_DECIDE = "demands.decide"
    ACCESS_HAND_OVER = "access.hand_over"
    # On one case
    DRAFT_EDIT = "draft.edit"
    CASE_SEND = "case.send"
    CASE_READ = "case.read"
    HOLD_READ = "case.hold_read"
    CASE_COMPLETE = "case.complete"
    CASE_CANCEL = "case.cancel"
    CANCELLATION_READ = "case.cancellation_read"
    CASE_REDIRECT = "case.redirect"
    CASE_CLAIM = "case.claim"
    CASE_RELEASE = "case.release"
    CASE_HAND_OVER = "case.hand_over"
    CASE_DECLINE = "case.decline"
    SECOND_OPINION_ASK = "second_opinion.ask"
    CASE_REGRADE = "case.regrade"
    MESSAGE_WRITE = "message.write"
    PRECISION_ASK = "precision.ask"
    OPINION_PREPARE = "opinion.prepare"
    OPINION_SIGN = "opinion.sign"
    OPINION_CORRECT = "opinion.correct"
    OPINION_READ = "opinion.read"
    OPINION_ACKNOWLEDGE = "opinion.acknowledge"
    PATIENT_REACHED = "opinion.patient_reached"
    AFTERMATH_WRITE = "aftermath.write"
    CASE_CLOSE = "case.close"
    APPOINTMENT_WRITE = "appointment.write"
    POOL_COMPLETE = "pool.complete"
    POOL_RELEASE = "pool.release"
    POOL_SEND_BACK = "pool.send_back"
    ADMIN_NOTE_READ = "admin_note.read"
    ADMIN_NOTE_WRITE = "admin_note.write"
    ENTERED_IN_ERROR = "case.entered_in_error"
    CASE_SEND_ANEW = "case.send_anew"
    IDENTITY_CORRECT = "identity.correct"


@dataclass(frozen=True)
class ActorFacts:
    """Who acts: the person, the organisation they act for, and the roles held there on this day."""

    person_id: UUID
    organization_id: UUID
    network_id: UUID
    roles: frozenset[Role]
    team_ids: frozenset[UUID] = field(default_factory=frozenset)
    substitute_for: frozenset[UUID] = field(default_factory=frozenset)


@dataclass(frozen=True)
class CaseFacts:
    """What the predicates need to know of a case; ids only.

    ``numbered``: it was sent once, and has a number even where it is a draft again. ``prepared``: a draft that the
    site's secretary began, and that nobody who may ask has taken over. ``unsent``: the opinion is signed and may still
    be taken back. ``told``: who was on call when a critical opinion stayed unread; ``told_on``: it still is. Of one
    entered in error: ``submitted``, it had reached its centre; ``answered``, an opinion was given; ``error_told``, who
    was told of the error. ``second_opinion``: an expert asks another centre; the site is theirs, ``asking_team``
    the team that reads the case it is about. ``former_experts``: who took the case since it came to where it lies.
    """

    network_id: UUID
    state: str
    site_id: UUID
    requester_id: UUID
    created_by: UUID
    centre_id: UUID | None = None
    team_id: UUID | None = None
    expert_id: UUID | None = None
    claimed_by: UUID | None = None
    pooled_by: UUID | None = None
    former_experts: frozenset[UUID] = field(default_factory=frozenset)
    numbered: bool = False
    prepared: bool = False
    unsent: bool = False
    told: frozenset[UUID] = field(default_factory=frozenset)
    told_on: bool = False
    submitted: bool = False
    answered: bool = False
    error_told: frozenset[UUID] = field(default_factory=frozenset)
    second_opinion: bool = False
    asking_team: UUID | None = None


Predicate = Callable[[ActorFacts, CaseFacts], bool]

SENT_STATES = frozenset({"submitted", "claimed", "on_hold", "answered", "closed", "declined"})
ANSWERED_STATES = frozenset({"answered", "closed"})
OPEN_FOR_EXPERT = frozenset({"submitted", "claimed", "on_hold"})


def any_case(actor: ActorFacts, case: CaseFacts) -> bool:
    """Every case of the actor's own network."""
    return actor.network_id == case.network_id


def own_request(actor: ActorFacts, case: CaseFacts) -> bool:
    """The actor asked, for this site; or stands in for the person who did."""
    if actor.organization_id != case.site_id:
        return False
    asked = {case.requester_id, case.created_by}
    return actor.person_id in asked or bool(asked & actor.substitute_for)


def own_site(actor: ActorFacts, case: CaseFacts) -> bool:
    """The request comes from the organisation that the actor acts for."""
    return actor.organization_id == case.site_id


def own_draft(actor: ActorFacts, case: CaseFacts) -> bool:
    """A draft stays with who began it and for whom it was begun."""
    return case.state == "draft" and own_request(actor, case)


def site_draft(actor: ActorFacts, case: CaseFacts) -> bool:
    """A site's secretary edits the drafts of the site."""
    return case.state == "draft" and own_site(actor, case)


def prepared_draft(actor: ActorFacts, case: CaseFacts) -> bool:
    """A draft of the site’s secretary: whoever asks for this site opens it, and is its requester once it is sent."""
    return case.state == "draft" and case.prepared and own_site(actor, case)


def sent_back(actor: ActorFacts, case: CaseFacts) -> bool:
    """The actor's request came back from its coordination: a draft that others have seen under its number."""
    return case.numbered and own_draft(actor, case)


def pooled_here(actor: ActorFacts, case: CaseFacts) -> bool:
    """The case waits with, or went through, the coordination that the actor acts for."""
    return case.pooled_by is not None and actor.organization_id == case.pooled_by


def pooled_now(actor: ActorFacts, case: CaseFacts) -> bool:
    """The case waits with the coordination that the actor acts for."""
    return case.state == "pooled" and pooled_here(actor, case)


def addressed_here(actor: ActorFacts, case: CaseFacts) -> bool:
    """A sent case addressed to the actor: to one of their teams, to them or whom they stand in for, or already theirs.

    Whoever was on call when its opinion stayed unread reads it too.
    """
    return case.state in SENT_STATES and _goes_to(actor, case)


def was_addressed_here(actor: ActorFacts, case: CaseFacts) -> bool:
    """A cancelled case that was addressed to the actor, who may know that it was cancelled and nothing else."""
    return case.state == "cancelled" and _goes_to(actor, case)


def had_in_error(actor: ActorFacts, case: CaseFacts) -> bool:
    """A case entered in error that was addressed to the actor: what they had stays readable, with its mark."""
    return case.state == "entered_in_error" and case.submitted and _goes_to(actor, case)


def centre_had_in_error(actor: ActorFacts, case: CaseFacts) -> bool:
    """A case entered in error that the actor's centre had to answer."""
    return case.state == "entered_in_error" and case.submitted and case.centre_id == actor.organization_id


def told_of_error(actor: ActorFacts, case: CaseFacts) -> bool:
    """The actor once received something of a case entered in error: they read that it was, and nothing else."""
    return case.state == "entered_in_error" and actor.person_id in case.error_told


def answered_in_error(_actor: ActorFacts, case: CaseFacts) -> bool:
    """The case was answered before it turned out to be an error."""
    return case.state == "entered_in_error" and case.answered and not case.unsent


def sent_once(_actor: ActorFacts, case: CaseFacts) -> bool:
    """The case left its writer once: others may have seen it."""
    return case.numbered and case.state != "entered_in_error"


def second_opinion_asked(actor: ActorFacts, case: CaseFacts) -> bool:
    """A second opinion that the actor asked for, or that came to them with the case it is about."""
    return case.second_opinion and own_request(actor, case)


def second_opinion_here(actor: ActorFacts, case: CaseFacts) -> bool:
    """A second opinion that the actor, or their team, asked for."""
    of_team = own_site(actor, case) and case.asking_team is not None and case.asking_team in actor.team_ids
    return case.second_opinion and (of_team or own_request(actor, case))


def first_opinion(_actor: ActorFacts, case: CaseFacts) -> bool:
    """The case is no second opinion itself."""
    return not case.second_opinion


def _goes_to(actor: ActorFacts, case: CaseFacts) -> bool:
    if case.centre_id != actor.organization_id:
        return False
    known = {case.claimed_by, case.expert_id, *case.former_experts, *case.told}
    if actor.person_id in known or actor.substitute_for & {case.claimed_by, case.expert_id}:
        return True
    return case.expert_id is None and case.team_id is not None and case.team_id in actor.team_ids


def sent_to_centre(actor: ActorFacts, case: CaseFacts) -> bool:
    """A sent case that the actor's centre answers."""
    return case.state in SENT_STATES and case.centre_id == actor.organization_id


def claimable(actor: ActorFacts, case: CaseFacts) -> bool:
    """Addressed here and still to be answered; who claims second is told by the lifecycle, not by a denial."""
    return case.state in OPEN_FOR_EXPERT and addressed_here(actor, case)


def claimed_by_actor(actor: ActorFacts, case: CaseFacts) -> bool:
    """The actor holds the case for this organisation."""
    return case.claimed_by == actor.person_id and case.centre_id == actor.organization_id


def answers_here(actor: ActorFacts, case: CaseFacts) -> bool:
    """The actor answered the case for this organisation, or reads it with the team that it is addressed to."""
    return claimed_by_actor(actor, case) or (addressed_here(actor, case) and case.team_id in actor.team_ids)


def opinion_left(_actor: ActorFacts, case: CaseFacts) -> bool:
    """The case is answered, and its answer is on its way: the signature can no longer be taken back."""
    return case.state in ANSWERED_STATES and not case.unsent


def unread_here(actor: ActorFacts, case: CaseFacts) -> bool:
    """A critical opinion of a case addressed to the actor stayed unread beyond its time."""
    return case.told_on and addressed_here(actor, case)


def both(first: Predicate, second: Predicate) -> Predicate:
    """True when both are."""
    return lambda actor, case: first(actor, case) and second(actor, case)


def either(*ways: Predicate) -> Predicate:
    """True when one of them is."""
    return lambda actor, case: any(way(actor, case) for way in ways)


def in_states(*states: str) -> Predicate:
    """True when the case's question is in one of the states."""
    return lambda actor, case: case.state in states


R = Role
P = Permission
_REQUESTERS = (R.REQUESTER, R.NURSE_REQUESTER, R.SUBSTITUTE)
_SIGNERS = (R.EXPERT, R.SUPER_USER)
_SENT_REQUEST = both(own_request, in_states("pooled", "submitted", "claimed", "on_hold"))
_STOPPABLE_REQUEST = either(
    sent_back, both(own_request, in_states("pooled", "submitted", "claimed", "on_hold", "declined"))
)
_REDIRECTABLE = in_states("submitted", "declined")
_ANSWERED_REQUEST = both(own_request, opinion_left)
_OPINION_THERE = either(opinion_left, answered_in_error)
_ANSWERING = both(claimed_by_actor, in_states("claimed", "on_hold"))
_IN_QUEUE = both(claimable, in_states("submitted"))
_SECOND_OPINION_OPEN = both(second_opinion_asked, in_states("submitted", "claimed", "on_hold", "declined"))
_GIVEN = either(opinion_left, answered_in_error)
_SECOND_OPINION_GIVEN = both(second_opinion_asked, opinion_left)

ORGANIZATION_RULES: Mapping[Permission, frozenset[Role]] = {
    P.CASE_CREATE: frozenset({*_REQUESTERS, R.SITE_SECRETARY}),
    P.PATIENT_SEARCH: frozenset({*_REQUESTERS, R.SITE_SECRETARY}),
    P.PATIENT_MERGE_PROPOSE: frozenset({*_REQUESTERS, R.SITE_SECRETARY}),
    P.PATIENT_MERGE_CONFIRM: frozenset(_REQUESTERS),
    P.REQUESTS_LIST: frozenset({*_REQUESTERS, R.SITE_SECRETARY}),
    P.WORKLIST_LIST: frozenset({*_SIGNERS, R.JUNIOR}),
    P.POOL_LIST: frozenset({R.COORDINATOR}),
    P.PEOPLE_MANAGE: frozenset({R.ADMINISTRATOR}),
    P.ORGANIZATIONS_MANAGE: frozenset({R.ADMINISTRATOR}),
    P.TEAMS_MANAGE: frozenset({R.ADMINISTRATOR}),
    P.CHARTERS_MANAGE: frozenset({R.ADMINISTRATOR, R.SUPER_USER}),
    P.AUDIT_READ: frozenset({R.ADMINISTRATOR, R.DATA_PROTECTION_OFFICER}),
    P.FACTOR_RESET: frozenset({R.ADMINISTRATOR}),
    P.CASE_ERASE: frozenset({R.ADMINISTRATOR}),
    P.SERVICE_READ: frozenset({R.ADMINISTRATOR, R.SUPPORT}),
    P.SERVICE_REPAIR: frozenset({R.ADMINISTRATOR}),
    P.RETENTION_READ: frozenset({R.ADMINISTRATOR, R.DATA_PROTECTION_OFFICER}),
    P.LEGAL_HOLD: frozenset({R.ADMINISTRATOR}),
    P.DEMANDS_REGISTER: frozenset(
        {*_REQUESTERS, R.SITE_SECRETARY, R.ADMINISTRATOR, R.DATA_PROTECTION_OFFICER}
    ),
    P.DEMANDS_READ_ALL: frozenset({R.ADMINISTRATOR, R.DATA_PROTECTION_OFFICER}),
    P.DEMANDS_DECIDE: frozenset({R.ADMINISTRATOR, R.DATA_PROTECTION_OFFICER}),
    # Who hands a record over reads all of it: its doctors, or who was put in charge of the demands.
    P.ACCESS_HAND_OVER: frozenset({*_REQUESTERS, R.ADMINISTRATOR, R.DATA_PROTECTION_OFFICER}),
}
"""Permissions that need no case."""

CASE_RULES: Mapping[Permission, Mapping[Role, Predicate]] = {
    P.DRAFT_EDIT: {
        **dict.fromkeys(_REQUESTERS, either(own_draft, prepared_draft)),
        R.SITE_SECRETARY: site_draft,
    },
    P.CASE_SEND: dict.fromkeys(_REQUESTERS, either(own_request, prepared_draft)),
    P.CASE_READ: {
        **dict.fromkeys(_REQUESTERS, either(own_request, prepared_draft)),
        R.SITE_SECRETARY: own_site,
        **dict.fromkeys((*_SIGNERS, R.JUNIOR), either(addressed_here, had_in_error, second_opinion_here)),
        R.CENTRE_SECRETARY: either(sent_to_centre, centre_had_in_error),
        R.COORDINATOR: pooled_here,
    },
    P.HOLD_READ: {
        **dict.fromkeys(_REQUESTERS, own_request),
        **dict.fromkeys(_SIGNERS, addressed_here),
    },
    P.CASE_COMPLETE: dict.fromkeys(_REQUESTERS, _SENT_REQUEST),
    P.CASE_CANCEL: {
        **dict.fromkeys(_REQUESTERS, _STOPPABLE_REQUEST),
        **dict.fromkeys(_SIGNERS, _SECOND_OPINION_OPEN),
    },
    P.CANCELLATION_READ: {
        **dict.fromkeys(Role, told_of_error),
        **dict.fromkeys((*_SIGNERS, R.JUNIOR), either(was_addressed_here, told_of_error)),
    },
    P.CASE_REDIRECT: {
        **dict.fromkeys(_REQUESTERS, both(own_request, _REDIRECTABLE)),
        **dict.fromkeys(_SIGNERS, either(_IN_QUEUE, both(second_opinion_asked, _REDIRECTABLE))),
        R.COORDINATOR: both(pooled_here, _REDIRECTABLE),
    },
    P.CASE_CLAIM: dict.fromkeys(_SIGNERS, claimable),
    P.CASE_RELEASE: dict.fromkeys(_SIGNERS, _ANSWERING),
    P.CASE_HAND_OVER: dict.fromkeys(_SIGNERS, _ANSWERING),
    P.CASE_DECLINE: dict.fromkeys(_SIGNERS, either(_ANSWERING, _IN_QUEUE)),
    P.SECOND_OPINION_ASK: dict.fromkeys(_SIGNERS, both(_ANSWERING, first_opinion)),
    P.CASE_REGRADE: dict.fromkeys(_SIGNERS, claimable),
    P.MESSAGE_WRITE: {
        **dict.fromkeys(_REQUESTERS, both(own_request, in_states(*SENT_STATES, "pooled"))),
        **dict.fromkeys(
            _SIGNERS, either(addressed_here, both(second_opinion_asked, in_states(*SENT_STATES)))
        ),
        R.JUNIOR: addressed_here,
    },
    P.PRECISION_ASK: dict.fromkeys(_SIGNERS, _ANSWERING),
    P.OPINION_PREPARE: {**dict.fromkeys(_SIGNERS, _ANSWERING), R.JUNIOR: claimable},
    P.OPINION_SIGN: dict.fromkeys(_SIGNERS, _ANSWERING),
    P.OPINION_CORRECT: dict.fromkeys(_SIGNERS, both(answers_here, in_states(*ANSWERED_STATES))),
    P.OPINION_READ: {
        **dict.fromkeys(_REQUESTERS, both(own_request, _OPINION_THERE)),
        **dict.fromkeys(
            (*_SIGNERS, R.JUNIOR),
            either(addressed_here, had_in_error, both(second_opinion_here, _OPINION_THERE)),
        ),
        R.CENTRE_SECRETARY: either(sent_to_centre, centre_had_in_error),
    },
    P.OPINION_ACKNOWLEDGE: {
        **dict.fromkeys(_REQUESTERS, _ANSWERED_REQUEST),
        **dict.fromkeys(_SIGNERS, _SECOND_OPINION_GIVEN),
    },
    P.PATIENT_REACHED: dict.fromkeys(_SIGNERS, unread_here),
    P.AFTERMATH_WRITE: dict.fromkeys(_REQUESTERS, _ANSWERED_REQUEST),
    P.CASE_CLOSE: {
        **dict.fromkeys(_REQUESTERS, _ANSWERED_REQUEST),
        **dict.fromkeys(_SIGNERS, _SECOND_OPINION_GIVEN),
    },
    P.APPOINTMENT_WRITE: {
        **dict.fromkeys(_REQUESTERS, _ANSWERED_REQUEST),
        R.CENTRE_SECRETARY: both(sent_to_centre, opinion_left),
    },
    P.POOL_COMPLETE: {R.COORDINATOR: pooled_now},
    P.POOL_RELEASE: {R.COORDINATOR: pooled_now},
    P.POOL_SEND_BACK: {R.COORDINATOR: pooled_now},
    P.ADMIN_NOTE_READ: {R.COORDINATOR: pooled_here, R.CENTRE_SECRETARY: sent_to_centre},
    P.ADMIN_NOTE_WRITE: {R.COORDINATOR: pooled_here, R.CENTRE_SECRETARY: sent_to_centre},
    P.ENTERED_IN_ERROR: {
        **dict.fromkeys(_REQUESTERS, both(own_request, sent_once)),
        **dict.fromkeys(_SIGNERS, either(addressed_here, both(second_opinion_asked, sent_once))),
    },
    P.IDENTITY_CORRECT: {
        **dict.fromkeys(_REQUESTERS, both(own_request, in_states(*SENT_STATES, "pooled"))),
        R.SITE_SECRETARY: both(own_site, in_states(*SENT_STATES, "pooled")),
    },
    P.CASE_SEND_ANEW: dict.fromkeys(_REQUESTERS, both(own_request, in_states("entered_in_error"))),
}
"""Permissions on one case: for each role that may have it, the predicate that decides."""

IN_ERROR: frozenset[Permission] = frozenset(
    {P.CASE_READ, P.OPINION_READ, P.CANCELLATION_READ, P.CASE_SEND_ANEW}
)
"""All that is left to do with a case entered in error."""


def allowed(actor: ActorFacts, permission: Permission | str, case: CaseFacts | None = None) -> bool:
    """Tell whether the actor has the permission, on ``case`` where the permission is about one.

    An unknown permission, a role that is not named, another network and a missing case are all denied.
    """
    try:
        known = Permission(permission)
    except ValueError:
        return False
    if known in ORGANIZATION_RULES:
        return bool(actor.roles & ORGANIZATION_RULES[known])
    rules = CASE_RULES.get(known)
    if rules is None or case is None or not any_case(actor, case):
        return False
    if case.state == "entered_in_error" and known not in IN_ERROR:
        return False
    return any(rules[role](actor, case) for role in actor.roles if role in rules)
