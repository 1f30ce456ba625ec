"""The shape of a specialty file: what a medical specialty asks, shows and answers, as data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from dermavis.domain.specialty_answer_schema import AnswerForm, OpinionTemplate, Outcome, Reason
from dermavis.domain.specialty_parts import Choice, Id, Part, Wording

Side = Literal["left", "right", "middle", "both"]
QuestionKind = Literal["choice", "choices", "text", "number", "yes_no", "duration"]
Tier = Literal["call_now", "same_day", "soon"]

LONGEST_INSTRUCTION = 8  # words: read at arm's length, with the other hand on the patient


def at_most_eight_words(instruction: str) -> str:
    words = [word for word in instruction.split() if any(letter.isalnum() for letter in word)]
    if len(words) > LONGEST_INSTRUCTION:
        raise ValueError(f"{len(words)} mots, le plus long permis est {LONGEST_INSTRUCTION}")
    return instruction


class Motive(Part):
    """Why the opinion is asked. `noun` begins a lesion's title; `optional_views = ["*"]` offers every view.

    `asks`: questions often asked, each written by one tap; `example`: a hypothesis shown as an example.
    """

    id: Id
    label: Wording
    short_label: Wording
    noun: Wording
    hint: str = ""
    required_views: list[str] = Field(default_factory=list)
    optional_views: list[str] = Field(default_factory=list)
    asks: list[Wording] = Field(default_factory=list)
    example: str = ""


class View(Part):
    """One picture to take. A view that is not `per_lesion` is asked once for the whole request."""

    id: Id
    label: Wording
    short_label: Wording
    instruction: Annotated[Wording, AfterValidator(at_most_eight_words)]
    why: Wording
    close_up: bool = False
    per_lesion: bool = True
    priority: Annotated[int, Field(ge=1)]
    icon: str = ""


class ViewCondition(Part):
    """All the conditions given must hold."""

    site_group: str | None = None
    pigmented: bool | None = None
    dermatoscope: bool | None = None
    raised: bool | None = None
    motives: list[str] = Field(default_factory=list)


class ViewRule(Part):
    """Rules apply in the file's order: first the `replaces` views are no longer required, then `require` are."""

    when: ViewCondition
    require: list[str] = Field(default_factory=list)
    offer: list[str] = Field(default_factory=list)
    replaces: list[str] = Field(default_factory=list)


class SiteZoom(Part):
    """A button that opens small sites in large ("Visage", "Mains")."""

    id: Id
    label: Wording


class BodySite(Part):
    """A place on the body map, or a detail site. `agrees`: gender that "droit" takes; empty reads "à droite".

    `sensitive`: a picture of it shows the face or intimate parts, for which the patient agrees separately.
    """

    id: Id
    label: Wording
    phrase: str = ""
    group: Id = "skin"
    face: Literal["front", "back", "both", "detail"]
    sides: list[Side] = Field(default_factory=list)
    agrees: Literal["", "m", "f"] = ""
    sensitive: bool = False
    zoom: str = ""


class LesionAspect(Part):
    """An elementary lesion, or what the finger feels. `raised` makes the oblique view worth taking."""

    id: Id
    label: Wording
    phrase: str = ""
    hint: str = ""
    raised: bool = False


class Screen(Part):
    """Questions that stand together; `section` is the heading under which the expert reads them."""

    id: Id
    title: Wording
    section: Wording


class Follow(Part):
    """The question is shown when that other one has one of these values; "*" is any answer."""

    question: str
    values: Annotated[list[str | bool], Field(min_length=1)]


class Question(Part):
    """A question of the history.

    `row` is the line where the expert reads the answer; `positive` and `negative` are how a yes and a no read
    there ("Démange", "prurit"), `phrase` how any other answer reads ("à {} °C"). `alarming` answers are
    emphasised, as are numbers outside `usual_min`–`usual_max`. An empty `none_label` or `unknown_label` means
    that this answer is not offered. `unfolded_for` lists the motives for which a folded question is shown open.
    `per_lesion`: of several lesions, each has its own answer.
    """

    id: Id
    label: Wording
    short_label: Wording
    screen: str
    row: Wording
    kind: QuestionKind
    options: list[Choice] = Field(default_factory=list)
    unit: str = ""
    min: float | None = None
    max: float | None = None
    usual_min: float | None = None
    usual_max: float | None = None
    none_label: str = ""
    unknown_label: str = ""
    motives: list[str] = Field(default_factory=lambda: ["*"], min_length=1)
    sex: Literal["F", "M"] | None = None
    required: bool = False
    folded: bool = False
    unfolded_for: list[str] = Field(default_factory=list)
    help: str = ""
    follow: Follow | None = None
    phrase: str = "{}"
    positive: str = ""
    negative: str = ""
    alarming: bool = False
    per_lesion: bool = False


class TierNotice(Part):
    """What the screen says and offers when a flag of this tier is present."""

    id: Tier
    heading: Wording
    explanation: Wording
    call: Literal["samu", "on_call", "nobody"]
    urgency: Literal["soon", "urgent"]


class RedFlag(Part):
    """A sign that a remote opinion is too slow for. The label is read first, the detail finishes its sentence."""

    id: Id
    tier: Tier
    label: Wording
    detail: str = ""
    advice: str = ""


class SkipReason(Part):
    """Why a required picture was not taken."""

    id: Id
    label: Wording


class Specialty(Part):
    """One specialty file, whole. Ids in `retired` once named a question and never name another.

    `most_lesions`: how many one request may show.
    """

    id: Id
    version: Annotated[int, Field(ge=1)]
    name: Wording
    codes: str = ""
    uses_pictures: bool
    uses_lesions: bool
    most_lesions: Annotated[int, Field(ge=1, le=20)] = 5
    question_required: bool = False
    retired: list[Id] = Field(default_factory=list)
    motives: Annotated[list[Motive], Field(min_length=1)]
    views: list[View] = Field(default_factory=list)
    view_rules: list[ViewRule] = Field(default_factory=list)
    site_zooms: list[SiteZoom] = Field(default_factory=list)
    body_sites: list[BodySite] = Field(default_factory=list)
    counts: list[Choice] = Field(default_factory=list)
    palpations: list[LesionAspect] = Field(default_factory=list)
    elementary_lesions: list[LesionAspect] = Field(default_factory=list)
    screens: list[Screen] = Field(default_factory=list)
    questions: list[Question] = Field(default_factory=list)
    tiers: list[TierNotice] = Field(default_factory=list)
    red_flags: list[RedFlag] = Field(default_factory=list)
    answer: AnswerForm
    outcomes: Annotated[list[Outcome], Field(min_length=1)]
    opinion_templates: list[OpinionTemplate] = Field(default_factory=list)
    skip_reasons: list[SkipReason] = Field(default_factory=list)
    reasons: list[Reason] = Field(default_factory=list)
