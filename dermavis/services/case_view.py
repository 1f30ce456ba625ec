"""What the page of a case shows to every role: who, what is asked, the facts, the pictures, the words, the answers.

``view_of`` checks that the actor may read the case and opens it; whoever shows it then notes the reading with
``note_reading`` before the page leaves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dermavis.domain.case_states import State, Transition, state_seen
from dermavis.domain.child_cases import BY_AN_EXPERT
from dermavis.domain.deadlines import URGENCY_WORDS, patient_waiting
from dermavis.domain.permissions import Permission
from dermavis.domain.specialty import Fact, Specialty, describe, lesion_names, lesion_title, reason_label
from dermavis.domain.wording import age_words, ago_words, at_words, birth_date_words, duration_words
from dermavis.models import Case
from dermavis.services.access import find_case, may
from dermavis.services.case_people import Asker, Holder, Telephone, asker_of, holder_of, telephones
from dermavis.services.case_photos import CasePhoto, photos_shown, skipped_views
from dermavis.services.conversation import ShownMessage, messages
from dermavis.services.drafts import local_today
from dermavis.services.error_mark import ErrorMark, error_of
from dermavis.services.identity_corrections import IdentityChange, change_of
from dermavis.services.lists import motive_label, patient_name
from dermavis.services.moves import last_step
from dermavis.services.opinion_readers import OpinionReader, readers_of
from dermavis.services.opinion_versions import sees_leaving
from dermavis.services.promises import Promise, Promises
from dermavis.services.readings import record_reading
from dermavis.services.referral_view import ReferredFrom, ReferredTo, referred_from, referred_to
from dermavis.services.request_versions import reason_words
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.second_opinion_view import AskedFor, asked_for
from dermavis.services.sending_anew import remade_from
from dermavis.services.statements import Statement, statements_of
from dermavis.services.versions_shown import OpinionVersion, versions_shown
from dermavis.services.work import Actor, System, Work

SEXES = {"F": "F", "M": "M", "U": "sexe non précisé"}


@dataclass(frozen=True)
class PatientView:
    """Whose skin it is. ``born_as`` is the birth name where another is used; ``more``: "F · phototype II"."""

    name: str
    born_as: str
    birth_date: str
    age: str
    sex: str
    more: str
    phone: str
    treating_doctor: str
    representative: str
    traits: dict[str, Any]


@dataclass(frozen=True)
class FactLine:
    """One line of the facts: its parts in order, each with whether it is emphasised."""

    section: str
    label: str
    parts: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class LesionView:
    """A lesion of the request and its title in words; ``name``, "Lésion 2 : abdomen à gauche", among several."""

    id: UUID
    title: str
    name: str
    content: dict[str, Any]


@dataclass(frozen=True)
class CaseView:
    """A case as its readers see it; plain values, usable after the transaction. ``content`` is the last revision's.

    ``awaited`` are pictures that cannot be looked at yet; ``skipped`` the views not taken, with their reasons.
    ``asked_again`` says since when a question after the opinion waits for its reply, in words; empty where none does.
    ``questions_after`` is all that was asked since then.
    ``statements`` are the patient's own; ``held``: kept from every erasure, for who may know.
    ``asked_for`` says which case a second opinion is about, ``referred_to`` and ``referred_from`` what went up with an
    opinion, and whence.
    ``waiting`` is the patient's clock in words. ``content_revision`` is what a completion starts from. ``error``: the
    mark of a case entered in error; ``remade_from``: the number of one whose place this takes.
    ``identity_change``: how the identity that the case shows was corrected since it was sent.
    ``readers``: to whom the opinion goes or has gone.
    """

    id: UUID
    number: str
    state: str
    downstream: str
    version: int
    specialty: Specialty
    motive: str
    motive_label: str
    urgency: str
    urgency_words: str
    asked_urgency: str
    sent: str
    sent_at: datetime | None
    waiting: str
    without_reply: bool
    content: dict[str, Any]
    content_revision: int
    completed: str
    patient: PatientView
    asker: Asker
    question: str
    thought: str
    lesions: list[LesionView]
    facts: list[FactLine]
    photos: list[CasePhoto]
    awaited: list[CasePhoto]
    skipped: list[tuple[str, str]]
    asked_again: str
    questions_after: list[ShownMessage]
    messages: list[ShownMessage]
    holder: Holder | None
    promise: Promise | None
    telephones: list[Telephone]
    versions: list[OpinionVersion]
    statements: list[Statement]
    held: bool
    declined: str
    error: ErrorMark | None
    remade_from: str
    identity_change: IdentityChange | None
    readers: tuple[OpinionReader, ...]
    asked_for: AskedFor | None
    referred_to: ReferredTo | None
    referred_from: ReferredFrom | None

    @property
    def opinion(self) -> OpinionVersion | None:
        """The version signed last, of those that the actor sees."""
        return self.versions[-1] if self.versions else None


def view_of(work: Work, case_id: UUID) -> CaseView:
    """Open a sent case for the actor. Raises NotFound for a stranger and for a request that was never sent."""
    case = find_case(work, case_id)
    revision = last_revision(work, case)
    content = open_content(work, case, revision)
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    facts = describe(specialty, content)
    zone = work.acting.time_zone
    shown, awaited = photos_shown(work, case, specialty, content)
    names = lesion_names(specialty, content.get("lesions") or [])
    exchanged = messages(work, case)
    return CaseView(
        id=case.id,
        number=case.number or "",
        state=case.state
        if sees_leaving(work, case)
        else state_seen(State(case.state), case.answered_at, work.now).value,
        downstream=case.downstream,
        version=case.version,
        specialty=specialty,
        motive=case.motive,
        motive_label=motive_label(work, case.specialty_id, case.motive),
        urgency=case.urgency,
        urgency_words=URGENCY_WORDS.get(case.urgency, ""),
        asked_urgency=URGENCY_WORDS.get(case.asked_urgency, ""),
        sent=ago_words(case.sent_at, work.now, zone, True) if case.sent_at else "",
        sent_at=case.sent_at,
        waiting=duration_words(patient_waiting(case.sent_at, work.now, case.answered_at))
        if case.sent_at
        else "",
        without_reply=case.without_reply,
        content=content,
        content_revision=revision.number,
        completed=f"{reason_words(revision.reason)} {ago_words(revision.made_at, work.now, zone, True)}"
        if revision.number > 1
        else "",
        patient=patient_view(content.get("patient") or {}, facts, local_today(work, zone)),
        asker=asker_of(work, case),
        question=_value(facts, "Question"),
        thought=_thought(facts, asked_by_expert=case.parent_kind in BY_AN_EXPERT),
        lesions=[
            LesionView(
                UUID(lesion["id"]),
                lesion_title(specialty, case.motive, lesion),
                names.get(lesion["id"], ""),
                lesion,
            )
            for lesion in content.get("lesions") or []
        ],
        facts=_lines(fact for fact in facts if fact.section not in {"Demande", "Photos"}),
        photos=shown,
        awaited=awaited,
        skipped=skipped_views(specialty, content, shown),
        asked_again=at_words(case.asked_again_at, work.now, zone) if case.asked_again_at else "",
        questions_after=[row for row in exchanged if _waits_for_reply(row, case)],
        messages=exchanged,
        holder=holder_of(work, case),
        promise=Promises(work).of(case),
        telephones=telephones(work, case, content),
        versions=versions_shown(work, case),
        statements=statements_of(work, case),
        held=case.legal_hold and may(work, Permission.HOLD_READ, case),
        declined=_last_reason(work, case, specialty, Transition.DECLINE),
        error=error_of(work, case),
        remade_from=remade_from(work, case),
        identity_change=change_of(work, case),
        readers=readers_of(work, case, content.get("patient") or {}),
        asked_for=asked_for(work, case),
        referred_to=referred_to(work, case),
        referred_from=referred_from(work, case),
    )


def _waits_for_reply(message: ShownMessage, case: Case) -> bool:
    asked_at = case.asked_again_at
    return message.kind == "question_after" and asked_at is not None and message.at >= asked_at


def note_reading(system: System, actor: Actor, view: CaseView, screen: str) -> None:
    """Audit that the actor read the case, and which version of the opinion with it; durable when this returns."""
    opinion = view.opinion
    record_reading(
        system,
        actor,
        "case.read",
        case_id=view.id,
        subject_kind="opinion" if opinion else "case",
        subject_id=opinion.id if opinion else view.id,
        screen=screen,
        revision=view.content_revision,
    )


def patient_view(traits: dict[str, Any], facts: list[Fact], today: date) -> PatientView:
    """Return whose skin it is, on a day; ``facts`` of the request tell the phototype."""
    born = date.fromisoformat(traits["birth_date"]) if traits.get("birth_date") else None
    sex = traits.get("sex") or ""
    phototype = _value(facts, "Phototype")
    representative = traits.get("representative") or {}
    birth_name, used_name = traits.get("birth_name") or "", traits.get("used_name") or ""
    return PatientView(
        name=patient_name(traits),
        born_as=birth_name if used_name and used_name != birth_name else "",
        birth_date=birth_date_words(born) if born else "",
        age=age_words(born, today) if born else "",
        sex=sex,
        more=" · ".join(
            part for part in (SEXES.get(sex, ""), f"phototype {phototype}" if phototype else "") if part
        ),
        phone=traits.get("phone") or "",
        treating_doctor=traits.get("treating_doctor") or "",
        representative=", ".join(
            part for part in (representative.get("name"), representative.get("relation")) if part
        ),
        traits=traits,
    )


def _value(facts: list[Fact], label: str) -> str:
    return next((fact.value for fact in facts if fact.label == label), "")


def _thought(facts: list[Fact], asked_by_expert: bool) -> str:
    """What the requester thinks and would have done: "Pense à : kératose (peu sûr). Sans avis, aurait adressé."

    Of a case that an expert began it is the patient's doctor's, not of whom the question is.
    """
    thought, without = _value(facts, "Hypothèse"), _value(facts, "Sans cet avis")
    who = "Le médecin du patient pense à" if asked_by_expert else "Pense à"
    sentences = [f"{who}\u00a0: {thought}".rstrip(".") + "."] if thought else []
    if without:
        sentences.append(f"Sans cet avis, {without[:1].lower()}{without[1:]}.")
    return " ".join(sentences)


def _lines(facts: Iterable[Fact]) -> list[FactLine]:
    lines: list[FactLine] = []
    for fact in facts:
        part = (fact.value, fact.emphasised)
        if lines and (lines[-1].section, lines[-1].label) == (fact.section, fact.label):
            lines[-1] = FactLine(fact.section, fact.label, (*lines[-1].parts, part))
        else:
            lines.append(FactLine(fact.section, fact.label, (part,)))
    return lines


def _last_reason(work: Work, case: Case, specialty: Specialty, step: Transition) -> str:
    row = last_step(work, case, step)
    return reason_label(specialty, row.reason) if row else ""
