"""The shape of the expert's half of a specialty file: answer form, outcomes, templates, coded reasons."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dermavis.domain.specialty_parts import Choice, Id, Part, Wording

Occasion = Literal[
    "decline",
    "send_back",
    "redirect",
    "pass_on",
    "cancel",
    "instead",
    "release",
    "hand_over",
    "entered_in_error",
]
AnswerField = Literal[
    "photo_quality",
    "photo_advice",
    "history_quality",
    "history_advice",
    "description",
    "diagnosis",
    "certainty",
    "code",
    "differentials",
    "risk_class",
    "conduct",
    "treatments",
    "tests",
    "biopsy",
    "destination",
    "destination_delay",
    "within_two_weeks",
    "follow_up_weeks",
    "retake",
    "safety_net",
    "teaching",
]


class Quality(Part):
    """A degree of quality, in its agreement with "les photos" and "l’histoire"."""

    id: Literal["good", "usable", "insufficient"]
    photos: Wording
    history: Wording


class RiskClass(Choice):
    """How much is feared of a lesion. `within_two_weeks` brings the opinion firmly to its reader by itself."""

    within_two_weeks: bool = False


class AnswerForm(Part):
    """What the expert fills: the fields that must be there, and those that may be."""

    required: Annotated[list[AnswerField], Field(min_length=1)]
    optional: list[AnswerField] = Field(default_factory=list)
    impossible_label: Wording
    certainties: Annotated[list[Choice], Field(min_length=1)]
    qualities: list[Quality] = Field(default_factory=list)
    risk_classes: list[RiskClass] = Field(default_factory=list)


class Outcome(Part):
    """A destination. Outcomes stand from the lightest to the gravest.

    `level` says what must follow: `now` a call before the signature, `ordinary` opening is enough, `choice` the
    expert says whether it must happen within two weeks.
    """

    id: Literal["gp", "in_person", "surgery", "admission", "emergency"]
    label: Wording
    short_label: Wording
    requester_label: Wording
    icon: Wording
    tone: Literal["ok", "info", "warn", "late"]
    level: Literal["now", "ordinary", "choice"]
    needs_call: bool
    in_person: bool


class OpinionTemplate(Part):
    """A frequent answer, to be read and changed before it is signed."""

    id: Id
    label: Wording
    motives: list[str] = Field(default_factory=list)
    diagnosis: Wording
    code: str = ""
    certainty: str
    risk_class: str = ""
    differentials: list[str] = Field(default_factory=list)
    conduct: Wording
    destination: str
    destination_delay: str = ""
    within_two_weeks: bool = False
    follow_up_weeks: Annotated[int, Field(ge=1, le=104)] | None = None
    biopsy: bool = False
    safety_net: str = ""


class Reason(Part):
    """A coded reason of an act that must be explained; `needs_text` asks for a line beside it.

    Of a request that nobody took, `redirect` is its requester's, `pass_on` the team's or the coordination's. `instead`
    cancels a declined one: what was done for the patient in place of the opinion.
    """

    id: Id
    label: Wording
    occasions: Annotated[list[Occasion], Field(min_length=1)]
    needs_text: bool = False
