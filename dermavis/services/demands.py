"""A patient's demand about their data: registered, its author's identity checked, answered in time, step by step.

The words are sealed under the patient's key; the register keeps codes and days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from dermavis.domain import demands as rules
from dermavis.domain.calendars import local_day
from dermavis.domain.demands import CHECKS_OF, OUTCOMES, WANTS_WORDS
from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.text import clean
from dermavis.models import Case, DataDemand, DataDemandStep, Network, Patient
from dermavis.services.access import hold_patients, may, require
from dermavis.services.demand_patients import is_of_erased, patient_of_demand
from dermavis.services.demand_reminders import end_watch, watch_demand
from dermavis.services.further_use import oppose
from dermavis.services.numbered_cases import case_numbered
from dermavis.services.retention import write_terms_of_patient
from dermavis.services.statements import attach_statement
from dermavis.services.vault import Sealer
from dermavis.services.work import Work

WITHOUT_EFFECT = frozenset({"refused", "withdrawn"})
"""Outcomes that nothing follows from."""


@dataclass(frozen=True)
class NewDemand:
    """A demand as it was typed. ``number`` is that of a case of the patient; days are local."""

    number: str
    kind: str
    asked_by: str
    who: str
    words: str
    received_on: date | None
    died_on: date | None = None


def register(work: Work, typed: NewDemand) -> DataDemand:
    """Write a demand into the register: of the actor's site, or of the network for who looks after demands.

    Raises Forbidden and InvalidInput by field.
    """
    require(work, Permission.DEMANDS_REGISTER)
    who, words = clean(typed.who), clean(typed.words, multiline=True)
    today = local_day(work.now, work.acting.time_zone)
    errors = rules.faults(
        kind=typed.kind,
        asked_by=typed.asked_by,
        who=who,
        words=words,
        received=typed.received_on,
        died=typed.died_on,
        today=today,
    )
    case = _case_of_patient(work, typed.number)
    if case is not None:
        hold_patients(work, case.patient_id)
        work.session.refresh(case)
    if case is None:
        errors["number"] = (
            "Aucune demande envoyée de ce numéro ne vous est ouverte."
            if typed.number.strip()
            else "Écrivez le numéro de la demande d’avis du patient."
        )
    if errors or case is None or case.patient_id is None or typed.received_on is None:
        raise InvalidInput(errors)
    patient = work.session.get_one(Patient, case.patient_id)
    demand_id = uuid4()
    content = {"who": who, "words": words}
    demand = DataDemand(
        id=demand_id,
        network_id=case.network_id,
        number=_next_number(work, case.network_id),
        kind=typed.kind,
        site_id=case.site_id,
        patient_id=patient.id,
        case_id=case.id,
        asked_by=typed.asked_by,
        content_sealed=Sealer(work.system.cipher, patient).seal(
            content, "data_demands", demand_id, "content_sealed"
        ),
        received_on=typed.received_on,
        due_on=rules.due_on(typed.kind, typed.received_on),
        registered_by=work.acting.person_id,
        registered_at=work.now,
    )
    work.session.add(demand)
    work.session.flush()
    _step(work, demand, "registered")
    watch_demand(work, demand)
    work.audit("demand.register", subject_kind="demand", subject_id=demand.id, kind=typed.kind)
    if typed.asked_by == "heir" and typed.died_on is not None:
        _note_death(work, patient, typed.died_on)
    return demand


def check_identity(work: Work, demand_id: UUID, how: str) -> DataDemand:
    """Say how it was checked who asks. Raises NotFound, Forbidden, InvalidInput and Conflict once it is answered."""
    demand = open_demand(work, demand_id, erased_too=True)
    require(work, Permission.DEMANDS_REGISTER)
    if how not in CHECKS_OF[demand.asked_by]:
        raise InvalidInput({"identity_check": "Dites comment l’identité a été vérifiée."})
    demand.identity_check = how
    _step(work, demand, "checked", detail=how)
    work.audit("demand.check", subject_kind="demand", subject_id=demand.id, how=how)
    return demand


def extend(work: Work, demand_id: UUID, words: str) -> DataDemand:
    """Add two months, once, within the first; the patient is told why. Raises as ``check_identity``."""
    demand = open_demand(work, demand_id)
    require(work, Permission.DEMANDS_DECIDE)
    today = local_day(work.now, work.acting.time_zone)
    if not rules.may_extend(
        demand.kind, demand.received_on, demand.extended, demand.closed_at is not None, today
    ):
        raise Conflict(
            "not_extendable", "Le délai ne peut être prolongé qu’une fois, pendant le premier mois."
        )
    words = _words(words, "extension_words", "Écrivez le motif dit au patient.")
    demand.extended = True
    demand.due_on = rules.due_on(demand.kind, demand.received_on, extended=True)
    watch_demand(work, demand)
    _step(work, demand, "extended", words=words)
    work.audit("demand.extend", subject_kind="demand", subject_id=demand.id)
    return demand


def note(work: Work, demand_id: UUID, words: str) -> DataDemand:
    """Add a word to the history. Raises as ``check_identity``."""
    demand = open_demand(work, demand_id)
    _step(work, demand, "noted", words=_words(words, "note", "Écrivez une note."))
    work.audit("demand.note", subject_kind="demand", subject_id=demand.id)
    return demand


def close(work: Work, demand_id: UUID, outcome: str, words: str) -> DataDemand:
    """Say how the demand was answered, and let follow from it what does.

    An access is ended by whoever may hand the record over, after they did; the rest by who decides on demands. Of a
    patient who was erased the answer is kept as its code, without words. Raises as ``check_identity``, and Conflict
    ``of_another`` as ``patient_of_demand``.
    """
    demand = open_demand(work, demand_id, erased_too=True)
    erased = is_of_erased(work, demand)
    _check_may_close(work, demand)
    words = clean(words, multiline=True)
    errors = {}
    if outcome not in OUTCOMES[demand.kind]:
        errors["outcome"] = "Choisissez la réponse donnée."
    if erased:
        words = ""
    elif outcome in WANTS_WORDS | {"stated"} and not words:
        errors["answer"] = (
            "Recopiez la déclaration du patient." if outcome == "stated" else "Écrivez ce qui a été répondu."
        )
    if outcome == "stated" and work.session.get_one(Case, demand.case_id).erased_at is not None:
        errors["outcome"] = "Cette demande d’avis a été effacée\u00a0: rien ne s’y joint plus."
    if len(words) > rules.LONGEST_WORDS:
        errors["answer"] = f"{rules.LONGEST_WORDS} caractères au plus."
    if errors:
        raise InvalidInput(errors)
    if outcome not in WITHOUT_EFFECT and not demand.identity_check:
        raise Conflict("unchecked", "Vérifiez d’abord l’identité de la personne qui demande.")
    if outcome == "given" and not _was_handed_over(work, demand):
        raise Conflict(
            "not_given", "Téléchargez d’abord le dossier à remettre\u00a0: il est noté comme remis."
        )
    if not erased and outcome not in WITHOUT_EFFECT | {"given"}:
        _let_follow(work, demand, outcome, words)
    demand.outcome, demand.closed_at = outcome, work.now
    end_watch(work, demand)
    _step(work, demand, "closed", words=words, detail=outcome)
    work.audit("demand.close", subject_kind="demand", subject_id=demand.id, outcome=outcome)
    return demand


def note_handing_over(work: Work, demand: DataDemand) -> None:
    """Write into the history that the record was handed over."""
    _step(work, demand, "handed_over")


def find_demand(work: Work, demand_id: UUID) -> DataDemand:
    """Return a demand: of the network for who looks after them, of the actor's site for the site. Raises NotFound."""
    demand = work.session.get(DataDemand, demand_id)
    if demand is None or demand.network_id != work.acting.facts.network_id:
        raise NotFound
    of_site = demand.site_id == work.acting.organization_id and may(work, Permission.DEMANDS_REGISTER)
    if not of_site and not may(work, Permission.DEMANDS_READ_ALL):
        raise NotFound
    return demand


def open_demand(work: Work, demand_id: UUID, erased_too: bool = False) -> DataDemand:
    """Return a demand that still waits for its answer, held until the end. Raises NotFound, Conflict.

    ``erased_too``: also where its patient was erased meanwhile.
    """
    demand = find_demand(work, demand_id)
    work.session.flush()
    work.session.refresh(demand, with_for_update=True)
    if demand.closed_at is not None:
        raise Conflict("closed", "Cette demande a déjà sa réponse.")
    if not erased_too and is_of_erased(work, demand):
        raise Conflict(
            "erased", "Le dossier de ce patient a été effacé\u00a0: il n’y a plus rien à répondre."
        )
    return demand


def _check_may_close(work: Work, demand: DataDemand) -> None:
    wanted = Permission.ACCESS_HAND_OVER if demand.kind == "access" else Permission.DEMANDS_DECIDE
    if not may(work, wanted):
        raise Forbidden


def _let_follow(work: Work, demand: DataDemand, outcome: str, words: str) -> None:
    hold_patients(work, patient_of_demand(work, demand).id)
    patient = patient_of_demand(work, demand)
    if demand.kind == "opposition" and outcome == "accepted":
        oppose(work, patient)
    if outcome == "stated":
        attach_statement(work, work.session.get_one(Case, demand.case_id), words)


def _note_death(work: Work, patient: Patient, died_on: date) -> None:
    patient.died_on = died_on
    write_terms_of_patient(work, patient.id)
    work.audit("patient.died", subject_kind="patient", subject_id=patient.id)


def _case_of_patient(work: Work, number: str) -> Case | None:
    """A sent case of the actor's site, or of the network for who looks after all demands; none that is not theirs."""
    try:
        case = case_numbered(work, number)
    except NotFound:
        return None
    everywhere = may(work, Permission.DEMANDS_READ_ALL)
    theirs = case.site_id == work.acting.organization_id and may(work, Permission.CASE_READ, case)
    usable = case.patient_id is not None and case.erased_at is None and case.state != "entered_in_error"
    return case if usable and (everywhere or theirs) else None


def _next_number(work: Work, network_id: UUID) -> int:
    # Two who register at once take turns.
    work.session.get_one(Network, network_id, with_for_update=True)
    last = work.session.scalar(select(func.max(DataDemand.number)).where(DataDemand.network_id == network_id))
    return (last or 0) + 1


def _was_handed_over(work: Work, demand: DataDemand) -> bool:
    rows = select(DataDemandStep.id).where(
        DataDemandStep.demand_id == demand.id, DataDemandStep.kind == "handed_over"
    )
    return work.session.scalar(rows.limit(1)) is not None


def _words(words: str, field: str, missing: str) -> str:
    words = clean(words, multiline=True)
    if not words:
        raise InvalidInput({field: missing})
    if len(words) > rules.LONGEST_WORDS:
        raise InvalidInput({field: f"{rules.LONGEST_WORDS} caractères au plus."})
    return words


def _step(work: Work, demand: DataDemand, kind: str, words: str = "", detail: str = "") -> None:
    step_id: UUID = uuid4()
    sealed: Any = None
    if words:
        patient = work.session.get_one(Patient, demand.patient_id)
        sealer = Sealer(work.system.cipher, patient)
        sealed = sealer.seal(words, "data_demand_steps", step_id, "sealed")
    work.session.add(
        DataDemandStep(
            id=step_id,
            demand_id=demand.id,
            kind=kind,
            detail=detail,
            sealed=sealed,
            made_by=work.acting.person_id,
            organization_id=work.acting.organization_id,
            made_at=work.now,
        )
    )
