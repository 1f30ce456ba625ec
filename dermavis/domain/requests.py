"""What a request holds: one format for the phone's draft, the server's draft and each sent revision.

Everything is optional, so that a draft can be kept after every step; what is required to send it is the specialty's
(``specialty.missing``) and what contradicts itself is told by ``faults``.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from dermavis.domain.fields import (
    CommuneCode,
    Ident,
    Instant,
    Line,
    LocalDate,
    Name,
    NationalNumber,
    Paragraph,
    Part,
    Phone,
    Postcode,
    canonical,
    fingerprint_of,
    read,
    wrong,
)
from dermavis.domain.phone_clocks import seconds_ahead
from dermavis.domain.request_history import History
from dermavis.domain.request_photos import PhotoContent

OLDEST_YEARS = 130

Sex = Literal["F", "M", "U"]
Urgency = Literal["routine", "soon", "urgent"]
Mode = Literal["default", "named", "team_queue"]


def _each_once(items: list[Any]) -> list[Any]:
    ids = [item.id for item in items]
    if len(ids) != len(set(ids)):
        raise wrong("Le même élément figure deux fois.")
    return items


class SpecialtyRef(Part):
    """The specialty file that the request was made with; it never changes afterwards."""

    id: Ident = "dermatology"
    version: Annotated[int, Field(ge=1, le=100_000)] = 1


class Call(Part):
    """Who was called by telephone, and when (UTC)."""

    whom: Line = ""
    at: Instant | None = None


class RedFlags(Part):
    """The first clinical screen; ``answered`` with no flag means "Aucun de ces signes"."""

    answered: bool = False
    flags: Annotated[list[Ident], Field(max_length=50)] = Field(default_factory=list)
    called: Call | None = None


class Representative(Part):
    """Who speaks for a minor or a protected adult."""

    name: Name = ""
    relation: Name = ""


class PatientTraits(Part):
    """Identity traits as typed or read at the bedside, and how to reach the patient.

    ``treating_doctor``: in words; ``treating_doctor_id``: the person that was chosen for them, who is given a copy of
    the opinion unless the patient objects (``treating_doctor_refused``). What is not given is no part of the content.
    """

    id: UUID | None = None
    birth_name: Name = ""
    used_name: Name = ""
    first_name: Name = ""
    given_names: Name = ""
    birth_date: LocalDate | None = None
    sex: Sex | None = None
    birthplace_insee: CommuneCode = ""
    ins: NationalNumber = ""
    ins_oid: Ident = ""
    phone: Phone = ""
    address: Line = ""
    postcode: Postcode = ""
    commune: Name = ""
    place_of_stay: Literal["home", "ehpad", "institution", "prison", "other"] = "home"
    treating_doctor: Line = ""
    treating_doctor_id: UUID | None = Field(default=None, exclude_if=lambda given: given is None)
    treating_doctor_refused: bool = Field(default=False, exclude_if=lambda given: not given)
    representative: Representative | None = None
    identity_status: Literal["provisional", "retrieved", "validated", "qualified"] = "provisional"
    document: Name = ""

    @field_validator("birth_date")
    @classmethod
    def _lived(cls, born: date | None, info: ValidationInfo) -> date | None:
        today = (info.context or {}).get("today")
        if born is not None and today is not None:
            if born > today:
                raise wrong("La date de naissance est dans le futur.")
            if today.year - born.year > OLDEST_YEARS:
                raise wrong(f"La date de naissance remonte à plus de {OLDEST_YEARS}\u00a0ans.")
        return born

    @model_validator(mode="after")
    def _words_name_the_doctor(self) -> Self:
        if self.treating_doctor_id is not None and not self.treating_doctor:
            return self.model_copy(update={"treating_doctor_id": None})
        return self


class Consent(Part):
    """The patient (or the representative, named) was informed and agrees; oral consent is enough."""

    given: bool = False
    by: Literal["patient", "representative"] = "patient"
    representative_name: Name = ""
    at: Instant | None = None
    sensitive_pictures: bool = False


class LesionContent(Part):
    """One lesion as observed in this request; sizes in millimetres.

    ``history``: what is asked of each lesion (``Question.per_lesion``), of every lesion but the first, for which the
    request's own history answers. An empty one is no part of the content.
    """

    id: UUID
    site: Ident = ""
    side: Literal["left", "right", "middle", "both", "none"] = "none"
    free_site: Line = ""
    count: Literal["single", "few", "many"] = "single"
    size_mm: Annotated[int, Field(ge=1, le=2000)] | None = None
    palpation: Ident = ""
    elementary: Annotated[list[Ident], Field(max_length=30)] = Field(default_factory=list)
    pigmented: bool = False
    history: History = Field(default_factory=dict, exclude_if=lambda given: not given)


class Hypothesis(Part):
    """What the requester thinks, and how sure."""

    text: Paragraph = ""
    confidence: Literal["low", "medium", "high"] | None = None


class Contact(Part):
    """Where the requester is reached, and who stands in while they are away."""

    phone: Phone = ""
    substitute: Line = ""


class AddressingChoice(Part):
    """To whom the requester wants it to go; resolved by ``addressing.resolve``."""

    mode: Mode = "default"
    team: UUID | None = None
    person: UUID | None = None


class Device(Part):
    """The phone's clock, kept beside the server's; ``offset_minutes`` east of UTC.

    ``mark``: of the phone's last change in this text, by which the phone knows its own text again; it means nothing
    else. ``ahead_s``: by how many seconds its clock was ahead of the server's, where that is far; the server writes it.
    """

    time: Instant | None = None
    offset_minutes: Annotated[int, Field(ge=-1080, le=1080)] | None = None
    mark: Annotated[int, Field(ge=0, le=2**53)] | None = Field(
        default=None, exclude_if=lambda given: given is None
    )
    ahead_s: int | None = Field(default=None, exclude_if=lambda given: given is None)

    def beside(self, now: datetime) -> Device:
        """Return the same with what the server knows."""
        return self.model_copy(update={"ahead_s": seconds_ahead(self.time, now)})


Lesions = Annotated[list[LesionContent], Field(max_length=20), AfterValidator(_each_once)]
Photos = Annotated[list[PhotoContent], Field(max_length=60), AfterValidator(_each_once)]


class RequestContent(Part):
    """The whole content of a draft or of a sent revision."""

    format: Literal[1] = 1
    specialty: SpecialtyRef = SpecialtyRef()
    red_flags: RedFlags = RedFlags()
    patient: PatientTraits = PatientTraits()
    consent: Consent = Consent()
    motive: Ident = ""
    lesions: Lesions = Field(default_factory=list)
    photos: Photos = Field(default_factory=list)
    history: History = Field(default_factory=dict)
    hypothesis: Hypothesis = Hypothesis()
    question: Paragraph = ""
    without_opinion: Literal["refer", "wait", "treat"] | None = None
    contact: Contact = Contact()
    urgency: Urgency = "routine"
    addressing: AddressingChoice = AddressingChoice()
    device: Device = Device()

    @field_validator("photos")
    @classmethod
    def _consent_comes_first(cls, photos: list[PhotoContent], info: ValidationInfo) -> list[PhotoContent]:
        consent = info.data.get("consent")  # absent when it is itself wrong, which is told beside it
        if consent and not consent.given and any(photo.sha256 for photo in photos):
            raise wrong("Recueillez d’abord l’accord du patient\u00a0: aucune photo avant.")
        return photos


def read_request(raw: object, today: date) -> RequestContent:
    """A request from JSON, cleaned; ``today`` is the site's local date. Raises ``InvalidInput`` by field path."""
    return read(RequestContent, raw, {"today": today})


def fingerprint(content: RequestContent) -> str:
    """SHA-256 of the content, the phone's clock left out: the same request sent again has the same."""
    return fingerprint_of(canonical(content, frozenset({"device"})))
