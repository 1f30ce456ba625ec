"""Patients of a site: kept sealed, found through keyed hashes, never matched by guesswork."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from dermavis.domain.errors import NotFound
from dermavis.domain.identity_corrections import identity_of, refreshed, written_status
from dermavis.domain.permissions import Permission
from dermavis.domain.phonetic import phonetic_key
from dermavis.domain.text import name_keys, normalise_name, search_words
from dermavis.domain.treating_doctor import with_objection
from dermavis.models import Patient, PatientIdentityVersion, PatientSearchKey
from dermavis.services.access import require
from dermavis.services.identity_versions import earlier_identities
from dermavis.services.master_keys import newest_key
from dermavis.services.schedule import schedule
from dermavis.services.vault import Sealer, new_patient_key
from dermavis.services.work import Work

NAMES = ("birth_name", "used_name", "first_name", "given_names")
SHORTEST_PREFIX, LONGEST_PREFIX = 3, 6
MOST_FOUND = 20
MOST_RECENT = 3
_DATE = re.compile(r"\b(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})\b")


@dataclass(frozen=True)
class FoundPatient:
    """A patient of the site: the identity part of a request, and when it was last written, to tell namesakes apart."""

    id: UUID
    identity: dict[str, Any]
    written_at: datetime


def search_patients(work: Work, query: str) -> list[FoundPatient]:
    """Return the patients of the acting site whose names begin with every word typed, or born on the date typed.

    At most 20. One audit row notes that a search was made and which patients it showed. Raises Forbidden.
    """
    require(work, Permission.PATIENT_SEARCH)
    words, born = _parse(query)
    if not words and not born:
        return []
    hashes = [("name", _prefix(word)) for word in words] + ([("birth_date", born)] if born else [])
    chosen: set[UUID] | None = None
    for kind, value in hashes:
        ids = set(work.session.scalars(_matching(work, kind, value)))
        chosen = ids if chosen is None else chosen & ids
    found = []
    alive = select(Patient).where(Patient.id.in_(chosen or set()), Patient.merged_into.is_(None))
    for patient in work.session.scalars(alive):
        identity = read_identity(work, patient)
        if all(any(name.startswith(word) for name in _name_words(identity)) for word in words):
            found.append(FoundPatient(patient.id, identity, patient.updated_at))
    found.sort(key=lambda row: (normalise_name(row.identity.get("birth_name", "")), str(row.id)))
    found = found[:MOST_FOUND]
    work.audit("patient.search", subject_kind="patients", found=[str(row.id) for row in found])
    return found


def recent_patients(work: Work) -> list[FoundPatient]:
    """Return the patients of the acting site written to last, at most 3; audited like a search. Raises Forbidden."""
    require(work, Permission.PATIENT_SEARCH)
    rows = work.session.scalars(
        select(Patient)
        .where(
            Patient.organization_id == work.acting.organization_id,
            Patient.erased_at.is_(None),
            Patient.merged_into.is_(None),
        )
        .order_by(Patient.updated_at.desc(), Patient.id)
        .limit(MOST_RECENT)
    )
    found = [FoundPatient(patient.id, read_identity(work, patient), patient.updated_at) for patient in rows]
    if found:
        work.audit("patient.search", subject_kind="patients", found=[str(row.id) for row in found])
    return found


def find_patient(work: Work, patient_id: UUID, site_id: UUID) -> Patient:
    """Return a patient of a site; the record that was kept where two were joined. Raises NotFound for any other."""
    patient = kept_record(work, patient_id)
    if patient is None or patient.organization_id != site_id or patient.erased_at is not None:
        raise NotFound("Ce patient n’est pas connu de votre site.")
    return patient


def keep_patient(
    work: Work,
    identity: dict[str, Any],
    site_id: UUID,
    patient_id: UUID | None,
    reason: str = "",
    begun_at: datetime | None = None,
) -> Patient:
    """Store the identity given with a request: a new patient of the site, or a new version of a known one.

    An identity that did not change makes no version, and an old copy of one that was corrected since does not undo it.
    A patient who was erased since the request was begun is a new one. ``reason``: the code of a version written here.
    ``begun_at``: when the request was begun; the patient's objection to their treating doctor's copy that was written
    since stands, for the request could not know of it.
    """
    traits = {name: value for name, value in identity.items() if name != "id"}
    if patient_id is None or _is_erased(work, patient_id, site_id):
        return _new_patient(work, traits | {"identity_status": written_status(traits, None).value}, site_id)
    patient = find_patient(work, patient_id, site_id)
    current = read_identity(work, patient)
    if identity_of(traits) != identity_of(current):
        traits = refreshed(traits, current, earlier_identities(work, patient))
    traits = traits | {"identity_status": written_status(traits, current).value}
    if begun_at is not None and begun_at < patient.updated_at:
        traits = with_objection(traits, current)
    if current != traits:
        patient.version += 1
        write_identity(work, patient, traits, reason=reason)
    return patient


def read_identity(work: Work, patient: Patient) -> dict[str, Any]:
    """Open a patient's identity."""
    sealer = Sealer(work.system.cipher, patient)
    identity: dict[str, Any] = sealer.open(patient.identity_sealed, "patients", patient.id, "identity_sealed")
    return identity


def kept_record(work: Work, patient_id: UUID) -> Patient | None:
    """Follow a record to the one that it was joined to; itself where it was not."""
    patient = work.session.get(Patient, patient_id)
    while patient is not None and patient.merged_into is not None:
        patient = work.session.get(Patient, patient.merged_into)
    return patient


def _is_erased(work: Work, patient_id: UUID, site_id: UUID) -> bool:
    patient = kept_record(work, patient_id)
    return patient is not None and patient.organization_id == site_id and patient.erased_at is not None


def _new_patient(work: Work, traits: dict[str, Any], site_id: UUID) -> Patient:
    patient_id = uuid4()
    key = new_patient_key(work, patient_id)
    patient = Patient(
        id=patient_id,
        network_id=work.acting.facts.network_id,
        organization_id=site_id,
        data_key=key.wrapped,
        key_version=key.version,
        identity_sealed=b"",
        created_at=work.now,
        updated_at=work.now,
        version=1,
    )
    work.session.add(patient)
    write_identity(work, patient, traits)
    return patient


def write_identity(
    work: Work, patient: Patient, traits: dict[str, Any], reason: str = "", why: str = ""
) -> None:
    """Write the identity under the patient's version, keep it as that version, and renew what it is found by.

    ``reason`` is a code, ``why`` the words given for it.
    """
    sealer = Sealer(work.system.cipher, patient)
    patient.identity_sealed = sealer.seal(traits, "patients", patient.id, "identity_sealed")
    patient.identity_status = traits.get("identity_status") or "provisional"
    patient.updated_at = work.now
    version_id = uuid4()
    work.session.flush()
    work.session.add(
        PatientIdentityVersion(
            id=version_id,
            patient_id=patient.id,
            version=patient.version,
            identity_sealed=sealer.seal(traits, "patient_identity_versions", version_id, "identity_sealed"),
            identity_status=patient.identity_status,
            reason=reason,
            why_sealed=sealer.seal(why, "patient_identity_versions", version_id, "why_sealed")
            if why
            else None,
            changed_by=work.acting.person_id,
            organization_id=work.acting.organization_id,
            changed_at=work.now,
        )
    )
    write_search_keys(work, patient, traits)
    schedule(work, "pairing", work.now, subject_id=patient.id)
    work.audit(
        "patient.identity",
        subject_kind="patient",
        subject_id=patient.id,
        version=patient.version,
        reason=reason,
    )


def write_search_keys(work: Work, patient: Patient, traits: dict[str, Any]) -> None:
    """Write what a patient is found by, in place of what was there, under the newest key."""
    newest = newest_key(work)
    work.session.execute(delete(PatientSearchKey).where(PatientSearchKey.patient_id == patient.id))
    for kind, value in sorted(set(_search_values(traits))):
        work.session.add(
            PatientSearchKey(
                id=uuid4(),
                patient_id=patient.id,
                organization_id=patient.organization_id,
                kind=kind,
                value_hash=newest.master.search_hash(kind, value),
                key_version=newest.version,
            )
        )


def _search_values(traits: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for word in _name_words(traits):
        for length in range(min(SHORTEST_PREFIX, len(word)), min(LONGEST_PREFIX, len(word)) + 1):
            yield "name", word[:length]
    for kind in ("birth_name", "used_name"):
        if name := normalise_name(traits.get(kind) or ""):
            yield kind, name
    born = traits.get("birth_date") or ""
    if born:
        yield "birth_date", born
    if born and (key := phonetic_key(traits.get("birth_name") or "")):
        yield "phonetic_year", f"{key} {born[:4]}"
    if number := traits.get("ins"):
        yield "ins", number


def _name_words(traits: dict[str, Any]) -> set[str]:
    return {key for field in NAMES for key in name_keys(traits.get(field) or "")}


def _parse(query: str) -> tuple[tuple[str, ...], str]:
    born = ""
    if match := _DATE.search(query):
        day, month, year = (int(part) for part in match.groups())
        try:
            born = date(year, month, day).isoformat()
        except ValueError:
            born = "none"
        query = query.replace(match.group(), " ")
    return tuple(word for word in search_words(query) if word), born


def _prefix(word: str) -> str:
    return word[:LONGEST_PREFIX]


def _matching(work: Work, kind: str, value: str) -> Any:
    # While one key replaces another, some rows are hashed under the one and some under the other.
    hashes = [master.search_hash(kind, value) for master in work.system.cipher.masters]
    return (
        select(PatientSearchKey.patient_id)
        .where(
            PatientSearchKey.organization_id == work.acting.organization_id,
            PatientSearchKey.kind == kind,
            PatientSearchKey.value_hash.in_(hashes),
        )
        .distinct()
        .order_by(PatientSearchKey.patient_id)
        .limit(500)
    )
