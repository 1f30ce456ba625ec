"""Patients, owned by the site that knows them; their names are sealed, found through keyed hashes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dermavis.models.base import Base, Code, Id


class Patient(Base):
    """A patient of one site. ``identity_sealed`` is the identity part of a request, under the patient's own key.

    ``died_on`` shortens how long the record is kept; ``opposed_at``: since when they object to any use but care.
    ``merged_into``: the record of the same patient that was kept; this one has nothing of its own until that is undone.
    """

    __tablename__ = "patients"

    id: Mapped[Id]
    network_id: Mapped[UUID] = mapped_column(ForeignKey("networks.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    data_key: Mapped[bytes]
    key_version: Mapped[int]
    identity_sealed: Mapped[bytes]
    identity_status: Mapped[Code] = mapped_column(default="provisional")
    doubtful: Mapped[bool] = mapped_column(default=False)
    fictitious: Mapped[bool] = mapped_column(default=False)
    homonym: Mapped[bool] = mapped_column(default=False)
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("patients.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    died_on: Mapped[date | None]
    opposed_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class PatientIdentityVersion(Base):
    """What a patient's identity was, version by version, and who changed it.

    ``reason``: ``correction``, with its words in ``why_sealed``; ``administrative``, a coordinator's completion; empty
    for what was given with a request.
    """

    __tablename__ = "patient_identity_versions"
    __table_args__ = (UniqueConstraint("patient_id", "version"),)

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"))
    version: Mapped[int]
    identity_sealed: Mapped[bytes]
    identity_status: Mapped[Code]
    reason: Mapped[Code] = mapped_column(default="")
    why_sealed: Mapped[bytes | None]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    changed_at: Mapped[datetime]


class PatientMerge(Base):
    """Two records of one site that may be one patient. ``state``: proposed, done, refused (two people), undone.

    ``moved``: what hung on the merged record and hangs on the kept one: ids by ``cases``, ``consents``, ``lesions``,
    and in ``died_on`` the day of death that the kept record had from the merged one.
    """

    __tablename__ = "patient_merges"
    __table_args__ = (
        Index("ix_patient_merges_site", "organization_id", "state", "proposed_at"),
        Index("ix_patient_merges_pair", "kept_id", "merged_id"),
    )

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    kept_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"))
    merged_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"))
    likeness: Mapped[Code]
    state: Mapped[Code]
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    undone_at: Mapped[datetime | None]


class PatientPair(Base):
    """Two records of one site that are alike. ``one_id`` is the smaller, ``strength`` a value of ``STRENGTH``."""

    __tablename__ = "patient_pairs"
    __table_args__ = (
        UniqueConstraint("one_id", "other_id"),
        Index("ix_patient_pairs_site", "organization_id", "strength", "one_id", "other_id"),
    )

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    one_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), index=True)
    strength: Mapped[int]


class PatientSearchKey(Base):
    """A keyed hash under which a patient is found within one site.

    ``kind``: birth_name, used_name, first_name, phonetic_year, birth_date, ins; name kinds also hold prefixes.
    """

    __tablename__ = "patient_search_keys"
    __table_args__ = (Index("ix_patient_search_keys_lookup", "organization_id", "kind", "value_hash"),)

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), index=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[Code]
    value_hash: Mapped[bytes]
    key_version: Mapped[int]


class Consent(Base):
    """Who agreed to what, recorded by whom. ``kind``: tele_expertise, sensitive_pictures, teaching, patient_access.

    ``second_opinion`` and ``referral``: that another centre sees the request, as an expert knows it.
    """

    __tablename__ = "consents"

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[Code]
    given: Mapped[bool]
    given_by: Mapped[Code]
    representative_sealed: Mapped[bytes | None]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Lesion(Base):
    """A patient's lesion, followed from case to case."""

    __tablename__ = "lesions"

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), index=True)
    created_at: Mapped[datetime]
