"""What contradicts itself in a request that is about to be sent. What is merely missing is the specialty's to say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from dermavis.domain.identity import INS_OIDS, normalise_nir, status_fault
from dermavis.domain.phones import normalise_phone
from dermavis.domain.places import normalise_commune_code, normalise_postcode, territory_of_postcode
from dermavis.domain.requests import RequestContent

ADULT_YEARS = 18


def faults(content: RequestContent, today: date) -> dict[str, str]:
    """Field path → French sentence for every wrong answer; empty when nothing stands against sending."""
    found: dict[str, str] = {}
    for check in (_identity, _reach, _consent, _lesions_and_photos, _target):
        for path, sentence in check(content):
            found.setdefault(path, sentence)
    if is_minor(content, today) and not _represented(content):
        found.setdefault("patient.representative", "Patient mineur\u00a0: indiquez son représentant légal.")
    return found


def is_minor(content: RequestContent, today: date) -> bool:
    """Whether the patient is under 18 on the local date ``today``; False without a birth date."""
    born = content.patient.birth_date
    if born is None:
        return False
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < ADULT_YEARS


def _represented(content: RequestContent) -> bool:
    patient = content.patient.representative
    return bool(patient and patient.name) or bool(content.consent.representative_name)


def _identity(content: RequestContent) -> Iterator[tuple[str, str]]:
    patient = content.patient
    if patient.ins and normalise_nir(patient.ins) is None:
        yield "patient.ins", "Ce numéro ne correspond pas à sa clé. Vérifiez les chiffres."
    if patient.ins_oid and patient.ins_oid not in INS_OIDS:
        yield "patient.ins_oid", "L’origine de ce numéro n’est pas reconnue."
    if patient.birthplace_insee and normalise_commune_code(patient.birthplace_insee) is None:
        yield "patient.birthplace_insee", "Ce code de lieu de naissance n’existe pas. Inconnu\u00a0: 99999."
    fault = status_fault(patient.identity_status, patient.ins, patient.ins_oid, patient.document)
    if fault:
        yield "patient.identity_status", fault


def _reach(content: RequestContent) -> Iterator[tuple[str, str]]:
    patient = content.patient
    territory = territory_of_postcode(patient.postcode)
    for path, number in (("patient.phone", patient.phone), ("contact.phone", content.contact.phone)):
        if number and normalise_phone(number, territory) is None:
            yield path, "Ce numéro de téléphone est incomplet ou impossible."
    if patient.postcode and normalise_postcode(patient.postcode) is None:
        yield "patient.postcode", "Ce code postal n’existe pas."


def _consent(content: RequestContent) -> Iterator[tuple[str, str]]:
    if content.consent.given and content.consent.by == "representative" and not _represented(content):
        yield "consent.representative_name", "Indiquez qui a donné l’accord pour le patient."


def _lesions_and_photos(content: RequestContent) -> Iterator[tuple[str, str]]:
    known = {lesion.id for lesion in content.lesions}
    for place, photo in enumerate(content.photos):
        if photo.lesion is not None and photo.lesion not in known:
            yield f"photos.{place}.lesion", "Cette photo montre une lésion retirée de la demande."
        if photo.skipped and photo.sha256:
            yield f"photos.{place}.skipped", "Cette vue est à la fois prise et passée."


def _target(content: RequestContent) -> Iterator[tuple[str, str]]:
    choice = content.addressing
    if choice.mode == "named" and choice.team is None and choice.person is None:
        yield "addressing", "Choisissez le centre ou l’expert."
    if choice.mode == "team_queue" and choice.team is None:
        yield "addressing", "Choisissez l’équipe."
