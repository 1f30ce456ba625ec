"""The case: one request for an opinion about one patient, with all that follows."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from dermavis.models.base import Base, Code, Id


def _waiting(name: str, column: str) -> Index:
    """An index of the cases that still wait for an answer, by deadline; the partial condition is a constant text."""
    condition = text("answered_at IS NULL AND closed_at IS NULL")
    return Index(name, column, "due_at", "id", sqlite_where=condition, postgresql_where=condition)


def _of_the_over(name: str, *columns: str, only: str) -> Index:
    """An index of the cases that are over and not erased, by what their term says; a constant text again."""
    condition = text(f"closed_at IS NOT NULL AND erased_at IS NULL AND {only}")
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class Case(Base):
    """One request. Clear columns hold codes, ids and instants; everything else is sealed under the case's own key.

    ``state`` is the question's, ``downstream`` the appointment's. ``draft_sealed`` is the request being written
    (its ``draft_revision`` is the If-Match value); ``summary_sealed`` is what a list shows: names, birth date,
    question.
    ``answered_at`` is when the first opinion leaves, ``asked_again_at`` when its requester asked something after it
    that nobody has answered yet.
    ``keep_until`` is the first instant at which a case that is over may go; ``legal_hold`` keeps it beyond.
    ``anew_awaited``: entered in error for the wrong patient, and nobody has said yet what becomes of the right one.
    ``care_only``: its patient objects to any use but care, and no figure counts it.
    ``sent_at`` starts the patient's clock, ``submitted_at`` the expert's; ``held_seconds`` is the elapsed time on hold.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("network_id", "number"),
        _waiting("ix_cases_team_waiting", "team_id"),
        _waiting("ix_cases_claimed_waiting", "claimed_by"),
        _waiting("ix_cases_expert_waiting", "expert_id"),
        Index("ix_cases_site", "site_id", "created_at", "id"),
        Index("ix_cases_requester", "requester_id", "created_at", "id"),
        Index("ix_cases_pooled", "pooled_by", "state", "sent_at", "id"),
        Index("ix_cases_centre_state", "centre_id", "state", "answered_at"),
        Index(
            "ix_cases_asked_again",
            "centre_id",
            "asked_again_at",
            "id",
            sqlite_where=text("asked_again_at IS NOT NULL"),
            postgresql_where=text("asked_again_at IS NOT NULL"),
        ),
        _of_the_over("ix_cases_keep_until", "network_id", "keep_until", "id", only="keep_until IS NOT NULL"),
        _of_the_over("ix_cases_without_term", "closed_at", "id", only="keep_until IS NULL"),
        Index(
            "ix_cases_held",
            "network_id",
            "id",
            sqlite_where=text("legal_hold IS 1"),
            postgresql_where=text("legal_hold IS true"),
        ),
    )

    id: Mapped[Id]
    network_id: Mapped[UUID] = mapped_column(ForeignKey("networks.id"))
    number: Mapped[str | None]
    specialty_id: Mapped[Code] = mapped_column(default="dermatology")
    specialty_version: Mapped[int] = mapped_column(default=1)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"), index=True)
    parent_kind: Mapped[Code] = mapped_column(default="")
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patients.id"), index=True)

    site_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    requester_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    pooled_by: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    pool_waits: Mapped[Code] = mapped_column(default="")
    centre_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("teams.id"))
    expert_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    claimed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    executing_organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    charter_id: Mapped[UUID | None] = mapped_column(ForeignKey("centre_charters.id"))

    state: Mapped[Code] = mapped_column(default="draft")
    downstream: Mapped[Code] = mapped_column(default="none")
    version: Mapped[int] = mapped_column(default=1)
    motive: Mapped[Code] = mapped_column(default="")
    urgency: Mapped[Code] = mapped_column(default="routine")
    asked_urgency: Mapped[Code] = mapped_column(default="routine")
    age_band: Mapped[Code] = mapped_column(default="")
    sex: Mapped[Code] = mapped_column(default="")
    commune_code: Mapped[Code] = mapped_column(default="")
    without_reply: Mapped[bool] = mapped_column(default=False)
    to_complete: Mapped[list[Any]] = mapped_column(default=list)
    destination: Mapped[Code] = mapped_column(default="")
    level: Mapped[Code] = mapped_column(default="")

    data_key: Mapped[bytes]
    key_version: Mapped[int]
    draft_sealed: Mapped[bytes | None]
    draft_revision: Mapped[int] = mapped_column(default=0)
    draft_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    summary_sealed: Mapped[bytes | None]

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    held_seconds: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    late_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    asked_again_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    keep_until: Mapped[datetime | None]
    legal_hold: Mapped[bool] = mapped_column(default=False)
    care_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    anew_awaited: Mapped[bool] = mapped_column(default=False, server_default=false())
    erased_at: Mapped[datetime | None]


class CaseRevision(Base):
    """A sent request as it stood, never changed: number 1 is the send, the rest are completions."""

    __tablename__ = "case_revisions"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int]
    content_sealed: Mapped[bytes]
    identity_sealed: Mapped[bytes]
    fingerprint: Mapped[bytes]
    specialty_version: Mapped[int]
    reason: Mapped[Code] = mapped_column(default="")
    made_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    made_at: Mapped[datetime]
    device_time: Mapped[datetime | None]
    device_offset_minutes: Mapped[int | None]


class CaseLook(Base):
    """The last revision of a sent request that a person had before them, and when they last opened the case."""

    __tablename__ = "case_looks"
    __table_args__ = (UniqueConstraint("person_id", "case_id"),)

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    revision: Mapped[int]
    looked_at: Mapped[datetime]


class CaseLesion(Base):
    """A lesion's observation in one case; the observation itself stands in the revision's sealed content."""

    __tablename__ = "case_lesions"
    __table_args__ = (UniqueConstraint("case_id", "lesion_id"),)

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    lesion_id: Mapped[UUID] = mapped_column(ForeignKey("lesions.id"), index=True)
    position: Mapped[int]


class Transition(Base):
    """A change of state, never updated: who, for which organisation and whom, when, from, to, coded reason."""

    __tablename__ = "transitions"
    __table_args__ = (UniqueConstraint("case_id", "case_version"),)

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    case_version: Mapped[int]
    machine: Mapped[Code]
    name: Mapped[Code]
    from_state: Mapped[Code]
    to_state: Mapped[Code]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    on_behalf_of: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    reason: Mapped[Code] = mapped_column(default="")
    at: Mapped[datetime]


class CaseText(Base):
    """A free text that belongs to a transition, a revision or a call, sealed under the case's key.

    ``kind``: reason, call, note, revision; hold.<reason> and hold_lifted (legal hold); statement (the patient's own).
    """

    __tablename__ = "case_texts"

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[Code]
    subject_id: Mapped[UUID | None]
    sealed: Mapped[bytes]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    made_at: Mapped[datetime]


class Addressing(Base):
    """To whom a case went, how, by which rule and why; the last row is the one in force."""

    __tablename__ = "addressings"

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    mode: Mapped[Code]
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    rule: Mapped[Code]
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[datetime]


class Message(Base):
    """A word on the case, never in the report. ``kind``: question (stops the clock), answer, note, system.

    After the opinion: ``question_after`` from the requester, and the centre's ``reply``.

    ``asks``: what is missing, as codes {"views": [id], "answers": [question id]}.
    """

    __tablename__ = "messages"

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[Code]
    sealed: Mapped[bytes]
    asks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answers_id: Mapped[UUID | None] = mapped_column(ForeignKey("messages.id"))
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    written_at: Mapped[datetime]


class AdministrativeNote(Base):
    """A coordinator's or secretary's note; it never reaches the report."""

    __tablename__ = "administrative_notes"

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    sealed: Mapped[bytes]
    version: Mapped[int] = mapped_column(default=1)
    written_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    written_at: Mapped[datetime]


class Aftermath(Base):
    """What the requester did with the opinion and whether it helped. ``done`` and ``helped`` are codes."""

    __tablename__ = "aftermaths"

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    done: Mapped[Code]
    helped: Mapped[Code]
    note_sealed: Mapped[bytes | None]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    written_at: Mapped[datetime]


class Appointment(Base):
    """The downstream care that the centre organises; ``state`` is the downstream machine's."""

    __tablename__ = "appointments"

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    state: Mapped[Code] = mapped_column(default="to_plan")
    kind: Mapped[Code]
    wanted_before: Mapped[datetime | None]
    planned_for: Mapped[datetime | None]
    place_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
