"""To whom a claimed case may be confided, who is away meanwhile, and who confided one to the actor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dermavis.domain.case_states import Transition as Step
from dermavis.domain.errors import InvalidInput
from dermavis.domain.wording import date_words
from dermavis.models import Case, Person, Transition
from dermavis.services.moves import words_of
from dermavis.services.names import full_name, people
from dermavis.services.teams import who_is_in_team
from dermavis.services.work import Work


@dataclass(frozen=True)
class Colleague:
    """Somebody of the case's team who may sign. ``away`` says until when they are absent, empty while they are there.

    ``instead`` is their declared substitute, where this one may answer here too.
    """

    id: UUID
    name: str
    away: str = ""
    instead: str = ""

    @property
    def label(self) -> str:
        """Return the name, and with an absence what there is to know of it."""
        told = [self.away, f"remplaçant\u00a0: {self.instead}" if self.instead else ""]
        more = ", ".join(part for part in told if part)
        return f"{self.name} ({more})" if more else self.name


@dataclass(frozen=True)
class Confided:
    """Who confided the case to the actor, when, and with which words."""

    by: UUID
    name: str
    at: datetime
    words: str


def colleagues(work: Work, case: Case) -> list[Colleague]:
    """Return those of the case's team who may answer it, the actor apart, by name."""
    members = [person for person in who_is_in_team(work, case) if person.id != work.acting.person_id]
    here = {person.id for person in members}
    substitutes = people(work, [person.substitute_id for person in members])
    found = []
    for person in members:
        away = _away(work, person)
        stand_in = substitutes.get(person.substitute_id) if away and person.substitute_id in here else None
        found.append(Colleague(person.id, full_name(person), away, full_name(stand_in) if stand_in else ""))
    return found


def check_colleague(work: Work, case: Case, person_id: UUID) -> None:
    """Raise InvalidInput for somebody who may not answer the case, or who is away: then their substitute is named."""
    chosen = next((row for row in colleagues(work, case) if row.id == person_id), None)
    if chosen is None:
        raise InvalidInput({"person": "Choisissez un confrère de votre équipe."})
    if chosen.away:
        way_on = (
            f"Confiez-la plutôt à {chosen.instead}, qui remplace."
            if chosen.instead
            else "Choisissez quelqu’un d’autre."
        )
        raise InvalidInput({"person": f"{chosen.name} est en congé ({chosen.away}). {way_on}"})


def confided(work: Work, case: Case) -> Confided | None:
    """Return who confided the case to the actor, when the actor holds it from a colleague's hands."""
    if case.claimed_by != work.acting.person_id:
        return None
    steps = (Step.CLAIM.value, Step.HAND_OVER.value)
    last = work.session.scalar(
        select(Transition)
        .where(Transition.case_id == case.id, Transition.name.in_(steps))
        .order_by(Transition.case_version.desc())
        .limit(1)
    )
    if last is None or last.name != Step.HAND_OVER or last.actor_id is None:
        return None
    giver = work.session.get_one(Person, last.actor_id)
    return Confided(giver.id, full_name(giver), last.at, words_of(work, case, last))


def _away(work: Work, person: Person) -> str:
    if person.absent_from is None or person.absent_from > work.now:
        return ""
    if person.absent_to is None:
        return "absence en cours"
    if person.absent_to < work.now:
        return ""
    until = person.absent_to.astimezone(ZoneInfo(work.acting.time_zone)).date()
    return f"absence jusqu’au {date_words(until)}"
