"""The charter of a centre: the one in force, the former ones, and the publishing of the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from blueprints.administration.charter_form import (
    RANGES,
    Typed,
    by_field,
    content_of,
    first_instant,
    typed_from,
    typed_of,
)
from blueprints.administration.charter_words import charter_facts
from blueprints.administration.frame import (
    CHARTERS,
    ORGANIZATIONS,
    Answer,
    answer_of,
    has_own_charter,
    page,
    see_other,
)
from blueprints.entrance.current import actor, system
from dermavis.domain.calendars import WEEKDAYS
from dermavis.domain.deadlines import URGENCIES, URGENCY_WORDS
from dermavis.domain.errors import Conflict, InvalidInput, NotFound
from dermavis.domain.roles import REQUESTING, ROLE_NAMES
from dermavis.domain.text import whole_number
from dermavis.domain.wording import DAYS, moment_words
from dermavis.models import CentreCharter, Organization
from dermavis.services import charter_versions as use
from dermavis.services.charters import OPENING_HOURS, WHOLE_DAYS, Charter, read_charter
from dermavis.services.names import full_name, people
from dermavis.services.work import reading, writing

blueprint = Blueprint("administration_charters", __name__)

MOST_VERSIONS = 100_000
COUNTING = (
    (WHOLE_DAYS, "en jours ouvrés (48 h demandées mercredi 9 h 20 finissent vendredi 9 h 20)"),
    (OPENING_HOURS, "dans les heures d’ouverture seulement"),
)


@dataclass(frozen=True)
class _Charters:
    """A centre with its charter in force and every published version, newest first."""

    centre: Organization
    present: Charter
    versions: list[CentreCharter]
    authors: dict[UUID, str]
    now_words: dict[UUID, str]

    @property
    def last(self) -> int:
        return self.versions[0].version if self.versions else 0

    @property
    def content(self) -> dict[str, Any]:
        """What was stored of the version in force."""
        return next((row.content for row in self.versions if row.id == self.present.id), {})


@blueprint.get("/administration/charters")
def own() -> ResponseReturnValue:
    """Go to the charter of one's own centre."""
    if not has_own_charter():
        return see_other(ORGANIZATIONS)
    return see_other(f"{CHARTERS}/{actor().organization_id}")


@blueprint.get("/administration/charters/<uuid:organization_id>")
def charter_page(organization_id: UUID) -> ResponseReturnValue:
    """Show the charter in force as a form, and the former versions."""
    found = _charters(organization_id)
    motives = [motive.id for motive in system().specialty("dermatology").motives]
    return _show(found, typed_from(found.present, found.content, motives, found.last), Answer())


@blueprint.post("/administration/charters/<uuid:organization_id>")
def publish(organization_id: UUID) -> ResponseReturnValue:
    """Publish the next version."""
    found = _charters(organization_id)
    typed = typed_of(request.form)
    try:
        with writing(system(), actor()) as work:
            begins = first_instant(typed["effective_from"], found.centre.time_zone, work.now)
            use.publish_charter(
                work,
                organization_id,
                content_of(typed, found.content),
                begins,
                after_version=whole_number(typed["after_version"], MOST_VERSIONS),
            )
    except InvalidInput as refusal:
        return _show(found, typed, answer_of(InvalidInput(by_field(refusal.errors))))
    except Conflict as refusal:
        return _show(found, typed | {"after_version": str(found.last)}, answer_of(refusal))
    return see_other(f"{CHARTERS}/{organization_id}?saved=1")


@blueprint.get("/administration/charters/<uuid:organization_id>/versions/<int:version>")
def version_page(organization_id: UUID, version: int) -> ResponseReturnValue:
    """Show one published version as it was."""
    found = _charters(organization_id)
    row = next((row for row in found.versions if row.version == version), None)
    if row is None:
        raise NotFound
    charter = read_charter(row.content, found.centre, row.id)
    motives = {motive.id: motive.label for motive in system().specialty("dermatology").motives}
    return _page(
        "charter_version", found, Answer(), row=row, facts=charter_facts(charter, row.content, motives)
    )


def _charters(organization_id: UUID) -> _Charters:
    with reading(system(), actor()) as work:
        centre = use.find_centre(work, organization_id)
        versions = use.charters_of(work, organization_id)
        names = people(work, [row.published_by for row in versions])
        return _Charters(
            centre=centre,
            present=use.present_charter(work, organization_id),
            versions=versions,
            authors={person_id: full_name(person) for person_id, person in names.items()},
            now_words={row.id: _standing(row, work.now) for row in versions},
        )


def _standing(row: CentreCharter, now: Any) -> str:
    return "à venir" if row.effective_from > now else "passée"


def _show(found: _Charters, typed: Typed, answer: Answer) -> ResponseReturnValue:
    return _page("charter", found, answer, typed=typed, saved=request.args.get("saved") == "1")


def _page(name: str, found: _Charters, answer: Answer, **context: Any) -> ResponseReturnValue:
    specialty = system().specialty("dermatology")
    return page(
        name,
        CHARTERS if has_own_charter() else ORGANIZATIONS,
        answer,
        found=found,
        centre=found.centre,
        whole=not has_own_charter(),
        urgencies=[(urgency, URGENCY_WORDS[urgency]) for urgency in URGENCIES],
        weekdays=list(zip(WEEKDAYS, DAYS, strict=True)),
        ranges=RANGES,
        motives=[(motive.id, motive.label) for motive in specialty.motives],
        professions=[(role.value, name) for role, name in ROLE_NAMES.items() if role in REQUESTING],
        counting=COUNTING,
        when=lambda instant: moment_words(instant, found.centre.time_zone),
        **context,
    )
