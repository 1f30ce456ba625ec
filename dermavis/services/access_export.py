"""The file that a patient gets: prepared for one demand, noted before its first byte leaves, read as it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from dermavis.adapters.zip_stream import Entry, zip_stream
from dermavis.domain.demands import demand_number
from dermavis.domain.errors import Conflict, Forbidden, NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.second_opinions import SECOND_OPINION
from dermavis.models import Case, Delivery, PhotoFile
from dermavis.services.access import may, require
from dermavis.services.access_case import CaseContents
from dermavis.services.access_contents import Contents, cases_of, contents_of
from dermavis.services.demand_patients import patient_of_demand
from dermavis.services.demands import find_demand, note_handing_over, open_demand
from dermavis.services.opinion_versions import in_force
from dermavis.services.photos import read_file
from dermavis.services.readings import record_reading
from dermavis.services.reports import report_pdf
from dermavis.services.work import Actor, System, Work, reading, writing

ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}

Pages = Callable[[Contents, datetime], dict[str, str]]
"""Makes the readable pages: name of a file → its text."""


@dataclass(frozen=True)
class Handing:
    """A record on its way to its patient: a name for the archive, and its bytes, to be read once."""

    name: str
    pieces: Iterator[bytes]


def hand_over(system: System, actor: Actor, demand_id: UUID, pages: Pages) -> Handing:
    """Return the archive of a demand of access. Each case is noted as read, and the demand as answered, before.

    Raises NotFound, Forbidden where a part of the record is a colleague's, and Conflict: identity not checked, an
    opinion that its doctor has not read yet, no record, a demand of another patient since records were taken apart.
    """
    with writing(system, actor) as work:
        demand = open_demand(work, demand_id)
        require(work, Permission.ACCESS_HAND_OVER)
        if demand.kind != "access":
            raise NotFound
        if not demand.identity_check:
            raise Conflict("unchecked", "Vérifiez d’abord l’identité de la personne qui demande.")
        _check_all_may_leave(work, cases_of(work, patient_of_demand(work, demand)))
        note_handing_over(work, demand)
        name = f"dossier-{demand_number(demand.number)}.zip"
    with reading(system, actor) as work:
        demand = find_demand(work, demand_id)
        contents = contents_of(work, patient_of_demand(work, demand))
        made_at = work.now
    for case in contents.cases:
        record_reading(
            system,
            actor,
            "access.hand_over",
            case_id=case.id,
            subject_kind="demand",
            subject_id=demand_id,
            to="patient",
        )
    entries = _entries(system, actor, contents, made_at, pages(contents, made_at))
    return Handing(name, zip_stream(entries, made_at))


def _check_all_may_leave(work: Work, cases: list[Case]) -> None:
    if not cases:
        raise Conflict("nothing", "Il n’y a aucun dossier à remettre.")
    everywhere = may(work, Permission.DEMANDS_READ_ALL)
    if not everywhere and not all(may(work, Permission.CASE_READ, case) for case in cases):
        raise Forbidden(
            "Une partie de ce dossier est celle d’un confrère\u00a0: l’administration du réseau ou le délégué à la "
            "protection des données peut le remettre en entier."
        )
    for case in cases:
        if _is_unread(work, case):
            raise Conflict(
                "unread_opinion",
                f"L’avis de la demande {case.number} n’a pas encore été lu par le médecin qui l’a demandé\u00a0: le "
                "patient doit l’apprendre de lui, pas d’un fichier.",
            )


def _is_unread(work: Work, case: Case) -> bool:
    """Whether an opinion that wants to be confirmed is known to no doctor of the patient."""
    opinion = in_force(work, case)
    if opinion is None or opinion.level == "ordinary":
        return False
    confirmed = select(Delivery.id).where(
        Delivery.opinion_id == opinion.id, Delivery.acknowledged_at.is_not(None)
    )
    if work.session.scalar(confirmed.limit(1)) is None:
        return True
    return case.parent_kind == SECOND_OPINION and not _has_reached_doctor(work, case)


def _has_reached_doctor(work: Work, second: Case) -> bool:
    """Whether an answer to the case that a second opinion is about was read there; the asking expert read this one."""
    asking = work.session.get(Case, second.parent_id)
    if asking is None or asking.closed_at is not None:
        return True
    read = select(Delivery.id).where(
        Delivery.case_id == asking.id,
        or_(Delivery.opened_at.is_not(None), Delivery.acknowledged_at.is_not(None)),
    )
    return work.session.scalar(read.limit(1)) is not None


def _entries(
    system: System, actor: Actor, contents: Contents, made_at: datetime, pages: dict[str, str]
) -> Iterator[Entry]:
    for name, text in pages.items():
        yield Entry(name, text.encode())
    told = json.dumps(contents.for_programs(made_at), ensure_ascii=False, indent=1)
    yield Entry("donnees.json", told.encode())
    for case in contents.cases:
        yield from _files(system, actor, case)


def _files(system: System, actor: Actor, case: CaseContents) -> Iterator[Entry]:
    """The reports and pictures of one case, each read when its turn comes."""
    for opinion_id in case.opinions:
        report = report_pdf(system, actor, case.id, opinion_id)
        yield Entry(f"{case.folder}/{report.name}", report.content, packed=True)
    for picture in case.pictures:
        for role, mark in (("diagnostic", ""), ("original", "-plein-format")):
            with reading(system, actor) as work:
                there = work.session.scalar(
                    select(PhotoFile.id).where(PhotoFile.photo_id == picture.photo_id, PhotoFile.role == role)
                )
                if there is None:
                    continue
                opened = read_file(work, work.session.get_one(Case, case.id), picture.photo_id, role)
            ending = ENDINGS.get(opened.media_type, "bin")
            yield Entry(f"{case.folder}/{picture.name}{mark}.{ending}", opened.content, packed=True)
