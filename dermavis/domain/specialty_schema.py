"""The shape of a specialty file: what a medical specialty asks, shows and answers, as data."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Wording = Annotated[str, Field(min_length=1)]
Side = Literal["left", "right", "middle", "both"]
QuestionKind = Literal["choice", "choices", "text", "number", "yes_no", "duration"]
Tier = Literal["call_now", "same_day", "soon"]
Occasion = Literal["decline", "send_back", "cancel", "release", "hand_over", "entered_in_error"]
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

LONGEST_INSTRUCTION = 8  # words: read at arm's length, with the other hand on the patient


def at_most_eight_words(instruction: str) -> str:
    words = [word for word in instruction.split() if any(letter.isalnum() for letter in word)]
    if len(words) > LONGEST_INSTRUCTION:
        raise ValueError(f"{len(words)} mots, le plus long permis est {LONGEST_INSTRUCTION}")
    return instruction


class Part(BaseModel):
    """A table of the file: no unknown key, no silent conversion, no change once read."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Choice(Part):
    """One possible answer. `phrase` is how it reads inside a sentence; the label serves when empty."""

    id: Id
    label: Wording
    phrase: str = ""


class Motive(Part):
    """Why the opinion is asked. `noun` begins a lesion's title; `optional_views = ["*"]` offers every view."""

    id: Id
    label: Wording
    short_label: Wording
    noun: Wording
    hint: str = ""
    required_views: list[str] = []
    optional_views: list[str] = []


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
    motives: list[str] = []


class ViewRule(Part):
    """Rules apply in the file's order: first the `replaces` views are no longer required, then `require` are."""

    when: ViewCondition
    require: list[str] = []
    offer: list[str] = []
    replaces: list[str] = []


class SiteZoom(Part):
    """A button that opens small sites in large ("Visage", "Mains")."""

    id: Id
    label: Wording


class BodySite(Part):
    """A place on the body map, or a detail site. `agrees`: gender that "droit" takes; empty reads "à droite"."""

    id: Id
    label: Wording
    phrase: str = ""
    group: Id = "skin"
    face: Literal["front", "back", "both", "detail"]
    sides: list[Side] = []
    agrees: Literal["", "m", "f"] = ""
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
    """

    id: Id
    label: Wording
    short_label: Wording
    screen: str
    row: Wording
    kind: QuestionKind
    options: list[Choice] = []
    unit: str = ""
    min: float | None = None
    max: float | None = None
    usual_min: float | None = None
    usual_max: float | None = None
    none_label: str = ""
    unknown_label: str = ""
    motives: Annotated[list[str], Field(min_length=1)] = ["*"]
    sex: Literal["F", "M"] | None = None
    required: bool = False
    folded: bool = False
    unfolded_for: list[str] = []
    help: str = ""
    follow: Follow | None = None
    phrase: str = "{}"
    positive: str = ""
    negative: str = ""
    alarming: bool = False


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


class Quality(Part):
    """A degree of quality, in its agreement with "les photos" and "l’histoire"."""

    id: Literal["good", "usable", "insufficient"]
    photos: Wording
    history: Wording


class AnswerForm(Part):
    """What the expert fills: the fields that must be there, and those that may be."""

    required: Annotated[list[AnswerField], Field(min_length=1)]
    optional: list[AnswerField] = []
    impossible_label: Wording
    certainties: Annotated[list[Choice], Field(min_length=1)]
    qualities: list[Quality] = []
    risk_classes: list[Choice] = []


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
    motives: list[str] = []
    diagnosis: Wording
    code: str = ""
    certainty: str
    risk_class: str = ""
    differentials: list[str] = []
    conduct: Wording
    destination: str
    destination_delay: str = ""
    within_two_weeks: bool = False
    follow_up_weeks: Annotated[int, Field(ge=1, le=104)] | None = None
    biopsy: bool = False
    safety_net: str = ""


class SkipReason(Part):
    """Why a required picture was not taken."""

    id: Id
    label: Wording


class Reason(Part):
    """A coded reason of an act that must be explained; `needs_text` asks for a line beside it."""

    id: Id
    label: Wording
    occasions: Annotated[list[Occasion], Field(min_length=1)]
    needs_text: bool = False


class Specialty(Part):
    """One specialty file, whole. Ids in `retired` once named a question and never name another."""

    id: Id
    version: Annotated[int, Field(ge=1)]
    name: Wording
    codes: str = ""
    uses_pictures: bool
    uses_lesions: bool
    question_required: bool = False
    retired: list[Id] = []
    motives: Annotated[list[Motive], Field(min_length=1)]
    views: list[View] = []
    view_rules: list[ViewRule] = []
    site_zooms: list[SiteZoom] = []
    body_sites: list[BodySite] = []
    counts: list[Choice] = []
    palpations: list[LesionAspect] = []
    elementary_lesions: list[LesionAspect] = []
    screens: list[Screen] = []
    questions: list[Question] = []
    tiers: list[TierNotice] = []
    red_flags: list[RedFlag] = []
    answer: AnswerForm
    outcomes: Annotated[list[Outcome], Field(min_length=1)]
    opinion_templates: list[OpinionTemplate] = []
    skip_reasons: list[SkipReason] = []
    reasons: list[Reason] = []
