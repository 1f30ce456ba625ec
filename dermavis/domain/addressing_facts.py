"""What addressing looks at and what it answers: places, fiches d'opportunité, the question, the result."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from dermavis.domain.errors import Refusal


class Mode(StrEnum):
    """The three ways to address."""

    NAMED = "named"
    DEFAULT = "default"
    TEAM_QUEUE = "team_queue"


class Rule(StrEnum):
    """What decided."""

    CHOSEN = "chosen"
    SITE_MOTIVE = "site_motive"
    SITE_GENERAL = "site_general"
    TERRITORY = "territory"
    ANY_CENTRE = "any_centre"


class Obstacle(StrEnum):
    """Why a place cannot take a request."""

    ALREADY_ASKED = "already_asked"
    CLOSED = "closed"
    MOTIVE = "motive"
    PROFESSION = "profession"
    OUTSIDE_TERRITORY = "outside_territory"
    NOBODY_ON_DUTY = "nobody_on_duty"
    RED_LIST = "red_list"
    NOT_IN_TEAM = "not_in_team"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Expert:
    """A person who answers in a team. ``red_list``: never offered nor accepted by name."""

    id: UUID
    name: str
    red_list: bool = False
    on_duty: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A team that may answer, with what its centre's charter accepts.

    ``motives`` and ``territory`` (postcode prefixes) empty accept all, ``professions`` (role ids) too. ``open_now``:
    somebody is on duty or the centre is open. ``closed_until``: the first day of a closed team's return, if known.
    """

    team_id: UUID
    team_name: str
    organization_id: UUID
    organization_name: str
    kind: str = "centre"
    motives: frozenset[str] = frozenset()
    professions: frozenset[str] = frozenset()
    territory: tuple[str, ...] = ()
    experts: tuple[Expert, ...] = ()
    closed: bool = False
    closed_until: date | None = None
    open_now: bool = True


@dataclass(frozen=True, slots=True)
class Grant:
    """An approved fiche d'opportunité of the site, in force today; ``motive`` empty: for every motive."""

    team_id: UUID
    person_id: UUID | None = None
    motive: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the choice made, and the facts that the rules look at.

    ``postcode``: the patient's, else the site's. ``asked``: teams that had the request already; a team answers again
    only by a person of it not yet asked, named: ``asked_persons``. ``colleague``: an expert asks another for a second
    opinion; which professions a place accepts, and for which territory, is not about colleagues.
    """

    mode: Mode
    motive: str
    profession: str
    postcode: str = ""
    urgency: str = "routine"
    team_id: UUID | None = None
    person_id: UUID | None = None
    asked: frozenset[UUID] = field(default_factory=frozenset)
    asked_persons: frozenset[UUID] = field(default_factory=frozenset)
    colleague: bool = False


@dataclass(frozen=True, slots=True)
class Addressing:
    """Where a request goes, by which rule, and why (French)."""

    mode: Mode
    team_id: UUID
    organization_id: UUID
    person_id: UUID | None
    rule: Rule
    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A place that cannot take the request, and why (French)."""

    place: Place
    obstacle: Obstacle
    why: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer: ``chosen`` (None when nobody can), other places that could, places that could not."""

    chosen: Addressing | None
    alternatives: tuple[Addressing, ...]
    refused: tuple[Refused, ...]


class NotAddressable(Refusal):
    """Nobody can take the request; ``code`` is the obstacle, or ``nobody``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message, "addressing")
