"""Who is around a case, with the telephones that answer: requester, substitute, site, centre, patient, expert."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dermavis.domain.case_states import State
from dermavis.domain.phones import normalise_phone, phone_link, show_phone
from dermavis.domain.referrals import REFERRAL
from dermavis.domain.wording import ago_words
from dermavis.models import Case, Organization, Person
from dermavis.services.charters import charter_of
from dermavis.services.child_links import parent_of
from dermavis.services.lists import patient_name, place_words
from dermavis.services.names import full_name, name_of, short_name
from dermavis.services.work import Work

_PHONE_IN_WORDS = re.compile(r"(?:\+|00|0)[\d .\-()]{7,20}\d")


@dataclass(frozen=True)
class Telephone:
    """A number to call. ``part``: requester, substitute, referring, first_requester, site, centre, patient, expert;
    ``label`` says it in French.

    ``shown`` is read by people, ``link`` dials; both are empty when no number is known.
    """

    part: str
    label: str
    name: str
    shown: str
    link: str


@dataclass(frozen=True)
class Holder:
    """The expert who has the case, since when in words ("8 h 31", "hier"), and their ``phone``."""

    name: str
    short_name: str
    since: str
    at: datetime | None
    mine: bool
    phone: Telephone


@dataclass(frozen=True)
class Asker:
    """Who asks: "Dr Rose Hennequin", "Dr Hennequin", the site, and both in short ("Dr Hennequin, Buxy")."""

    name: str
    short_name: str
    profession: str
    site: str
    place: str
    for_another: str


def asker_of(work: Work, case: Case) -> Asker:
    """Return who asks; ``for_another`` names who wrote the request when it was somebody else."""
    person = work.session.get(Person, case.requester_id)
    site = work.session.get(Organization, case.site_id)
    return Asker(
        name=full_name(person) if person else "",
        short_name=short_name(person) if person else "",
        profession=person.profession if person else "",
        site=site.name if site else "",
        place=place_words(site, person),
        for_another=name_of(work, case.created_by) if case.created_by != case.requester_id else "",
    )


def holder_of(work: Work, case: Case) -> Holder | None:
    """Return who has the case to answer it, or answered it; None while nobody does."""
    person = work.session.get(Person, case.claimed_by) if case.claimed_by else None
    if person is None:
        return None
    since = ago_words(case.claimed_at, work.now, work.acting.time_zone, True) if case.claimed_at else ""
    mine = person.id == work.acting.person_id
    phone = _telephone("expert", "Expert", full_name(person), person.phone)
    return Holder(full_name(person), short_name(person), since, case.claimed_at, mine, phone)


def telephones(work: Work, case: Case, content: dict[str, Any]) -> list[Telephone]:
    """Return whom to call about the case, in the order in which to try: the patient last."""
    contact = content.get("contact") or {}
    patient = content.get("patient") or {}
    asker = work.session.get(Person, case.requester_id)
    site = work.session.get(Organization, case.site_id)
    found = [
        _telephone(
            "requester",
            "Demandeur",
            full_name(asker) if asker else "",
            contact.get("phone") or (asker.phone if asker else ""),
        ),
        *_substitutes(work, contact.get("substitute") or "", asker),
        *_of_the_first(work, case),
        _telephone(
            "site", "Site", (site.short_name or site.name) if site else "", site.phone if site else ""
        ),
    ]
    if case.centre_id is not None and case.state not in {State.DRAFT, State.POOLED}:
        charter = charter_of(work, case.centre_id, case.specialty_id)
        found.append(_telephone("centre", "Centre, astreinte", charter.name, charter.on_call_phone))
    found.append(_telephone("patient", "Patient", patient_name(patient), patient.get("phone") or ""))
    return [row for row in found if row.name or row.shown]


def _of_the_first(work: Work, case: Case) -> list[Telephone]:
    """The patient's doctor, when a colleague asks for a second opinion; the colleague, when one refers the request."""
    parent = parent_of(work, case)
    if parent is None:
        return []
    referred = case.parent_kind == REFERRAL
    person = work.session.get(Person, case.created_by if referred else parent.requester_id)
    if person is None:
        return []
    part, label = (
        ("referring", "Confrère qui adresse") if referred else ("first_requester", "Médecin du patient")
    )
    return [_telephone(part, label, full_name(person), person.phone)]


def _substitutes(work: Work, written: str, asker: Person | None) -> list[Telephone]:
    """The substitute named in the request, and the one declared in the account when the requester is away."""
    found = []
    if written:
        number = _PHONE_IN_WORDS.search(written)
        name = written.replace(number.group(), "").strip(" ,;:-–()") if number else written
        found.append(_telephone("substitute", "Remplaçant", name, number.group() if number else ""))
    declared = asker.substitute_id if asker else None
    person = work.session.get(Person, declared) if declared else None
    if person is not None:
        known = next((row for row in found if person.last_name.lower() in row.name.lower()), None)
        if known is not None and not known.shown:
            return [_telephone("substitute", "Remplaçant", known.name, person.phone)]
        if known is None:
            found.append(_telephone("substitute", "Remplaçant déclaré", full_name(person), person.phone))
    return found


def _telephone(part: str, label: str, name: str, number: str) -> Telephone:
    kept = normalise_phone(number) if number else None
    return Telephone(
        part=part,
        label=label,
        name=name,
        shown=show_phone(kept) if kept else number,
        link=phone_link(kept) if kept else "",
    )
