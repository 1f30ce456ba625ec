"""To whom the opinion of a case goes, said before it is given and after: who was given it, and when each read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.permission_grounds import ANSWERED_STATES
from dermavis.domain.permissions import Permission
from dermavis.domain.referrals import REFERRAL
from dermavis.domain.second_opinions import SECOND_OPINION
from dermavis.domain.treating_doctor import COPY, who_gets_a_copy
from dermavis.domain.wording import ago_words
from dermavis.models import Case, Delivery
from dermavis.services.access import may
from dermavis.services.names import PersonNames, full_name, organizations, people
from dermavis.services.opinion_versions import in_force, sees_leaving
from dermavis.services.referral_links import opinions_brought, referral_of
from dermavis.services.referring import chosen_by_actor
from dermavis.services.treating_copies import copy_goes_to
from dermavis.services.work import Work

PARTS = {
    "requester": "Demandeur",
    COPY: "Médecin traitant",
    "substitute": "Remplaçant",
    "on_call": "Médecin de garde",
}
"""Kinds of delivery in the order in which they are told, as screens name them."""

WILL = "recevra l’avis"
OTHER_CENTRE = "Autre centre"
BOTH = "Demandeur et médecin traitant"
OBJECTS = "le patient s’oppose à ce que l’avis lui soit transmis"
BY_HAND = "sans compte ici\u00a0: le demandeur lui remet le compte rendu"
BROUGHT = "a reçu la demande avec cet avis"
BROUGHT_BEFORE = "a reçu la demande avec une version précédente"
WILL_GO = "recevra la demande avec l’avis, à votre signature"
GOES = "reçoit la demande quand l’avis part"
NOT_GIVEN = "l’avis ne lui a pas été transmis par DermAvis"


@dataclass(frozen=True)
class OpinionReader:
    """``part``: a kind of delivery or a centre's, ``label`` says it in French. ``words``: what has come of it, or will.

    ``given``: DermAvis gives them the opinion, or has.
    """

    part: str
    label: str
    name: str
    words: str
    given: bool


def readers_of(work: Work, case: Case, patient: Mapping[str, Any]) -> tuple[OpinionReader, ...]:
    """Return to whom the opinion goes, the requester first; ``patient`` is that part of the last revision."""
    return (*_people(work, case, patient), *_other_centre(work, case))


def _people(work: Work, case: Case, patient: Mapping[str, Any]) -> tuple[OpinionReader, ...]:
    opinion = in_force(work, case)
    rows = (
        work.session.scalars(select(Delivery).where(Delivery.opinion_id == opinion.id)).all()
        if opinion
        else []
    )
    doctor_id = copy_goes_to(work, case)[0] if opinion is None else None
    known = people(
        work,
        [
            case.requester_id,
            doctor_id,
            *(row.recipient_id for row in rows),
            *(row.acknowledged_by for row in rows),
        ],
    )
    found = [_given(work, row, known) for row in sorted(rows, key=_order)]
    if opinion is None:
        found.append(_will(known, "requester", case.requester_id))
    if doctor_id is not None:
        found.append(_will(known, COPY, doctor_id))
    if case.parent_kind == SECOND_OPINION or any(row.part == COPY for row in found):
        return tuple(found)
    words = str(patient.get("treating_doctor") or "")
    if who_gets_a_copy(patient) == case.requester_id:
        return tuple(
            OpinionReader(row.part, BOTH, row.name, row.words, row.given) if row.part == "requester" else row
            for row in found
        )
    if words or patient.get("treating_doctor_refused"):
        found.append(OpinionReader(COPY, PARTS[COPY], words, _why_not(patient, opinion is not None), False))
    return tuple(found)


def _other_centre(work: Work, case: Case) -> tuple[OpinionReader, ...]:
    """The centre to which the request goes or went with its opinion, and whether it has the version in force."""
    child = referral_of(work, case)
    if child is None:
        return _centre_to_come(work, case)
    if child.centre_id is None or child.erased_at is not None:
        return ()
    opinion = in_force(work, case)
    newest = opinion is not None and opinion.id in opinions_brought(work, child)
    name = organizations(work, [child.centre_id])[child.centre_id].name
    return (OpinionReader(REFERRAL, OTHER_CENTRE, name, BROUGHT if newest else BROUGHT_BEFORE, True),)


def _centre_to_come(work: Work, case: Case) -> tuple[OpinionReader, ...]:
    """The centre that the actor has chosen beside their text, or that an opinion which was signed goes to.

    Before the signature its writer alone knows; until the opinion has left, the centre that answers.
    """
    signed = case.state in ANSWERED_STATES
    if not sees_leaving(work, case) or not (signed or may(work, Permission.CASE_REFER, case)):
        return ()
    chosen = chosen_by_actor(work, case)
    if chosen is None:
        return ()
    return (OpinionReader(REFERRAL, OTHER_CENTRE, chosen.centre, GOES if signed else WILL_GO, True),)


def _order(row: Delivery) -> tuple[int, Any, UUID]:
    return list(PARTS).index(row.kind), row.sent_at, row.id


def _will(known: dict[UUID, PersonNames], part: str, person_id: UUID) -> OpinionReader:
    name = full_name(known[person_id]) if person_id in known else ""
    return OpinionReader(part, PARTS[part], name, WILL, True)


def _given(work: Work, row: Delivery, known: dict[UUID, PersonNames]) -> OpinionReader:
    person = known.get(row.recipient_id) if row.recipient_id else None
    words = "pas encore ouvert"
    if row.acknowledged_at is not None:
        reader = known.get(row.acknowledged_by) if row.acknowledged_by else None
        by = f" par {full_name(reader)}" if reader and row.acknowledged_by != row.recipient_id else ""
        words = f"lu{by}, {_ago(work, row.acknowledged_at)}"
    elif row.opened_at is not None:
        words = f"ouvert, {_ago(work, row.opened_at)}"
    return OpinionReader(row.kind, PARTS[row.kind], full_name(person) if person else "", words, True)


def _ago(work: Work, at: Any) -> str:
    return ago_words(at, work.now, work.acting.time_zone, True)


def _why_not(patient: Mapping[str, Any], is_given: bool) -> str:
    if patient.get("treating_doctor_refused"):
        return OBJECTS
    if patient.get("treating_doctor_id") and is_given:
        return NOT_GIVEN
    return BY_HAND
