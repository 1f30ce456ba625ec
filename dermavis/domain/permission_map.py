"""Who may do what: one map, and what it does not name is denied.

A permission is granted by a role held in the acting organisation, when its predicate over (actor, case) is true.
"""

from __future__ import annotations

from collections.abc import Mapping

from dermavis.domain.permission_facts import ActorFacts, CaseFacts
from dermavis.domain.permission_grounds import (
    ANSWERED_STATES,
    SENT_STATES,
    Predicate,
    addressed_here,
    answered_in_error,
    answers_here,
    any_case,
    both,
    centre_had_in_error,
    claimable,
    claimed_by_actor,
    either,
    first_opinion,
    had_in_error,
    in_states,
    opinion_left,
    own_draft,
    own_request,
    own_site,
    pooled_here,
    pooled_now,
    prepared_draft,
    second_opinion_asked,
    second_opinion_here,
    sent_back,
    sent_once,
    sent_to_centre,
    site_draft,
    told_of_error,
    treats_here,
    unread_here,
    was_addressed_here,
)
from dermavis.domain.permissions import Permission
from dermavis.domain.roles import Role

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
    P.DOCTOR_SEARCH: frozenset({*_REQUESTERS, R.SITE_SECRETARY}),
    P.PATIENT_MERGE_PROPOSE: frozenset({*_REQUESTERS, R.SITE_SECRETARY}),
    # Which of them confirms a given proposal is ``joining.confirmation``.
    P.PATIENT_MERGE_CONFIRM: frozenset({*_REQUESTERS, R.SITE_SECRETARY}),
    P.PATIENT_MERGE_UNDO: frozenset(_REQUESTERS),
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
    # The cards are laid beside the lesion where the request is made; a centre prints them for its sites.
    P.CARDS_PRINT: frozenset({*_REQUESTERS, R.SUPER_USER}),
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
    P.CASE_REFER: dict.fromkeys(_SIGNERS, both(_ANSWERING, first_opinion)),
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
        **dict.fromkeys(_REQUESTERS, both(either(own_request, treats_here), _OPINION_THERE)),
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
    P.COPY_ACKNOWLEDGE: dict.fromkeys(_REQUESTERS, both(treats_here, opinion_left)),
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
