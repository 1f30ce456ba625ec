"""What a request of a specialty must show and ask: views, questions, red flags, outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dermavis.domain.specialty_answer_schema import Occasion, Outcome, Reason
from dermavis.domain.specialty_checks import EVERY
from dermavis.domain.specialty_schema import Question, RedFlag, Specialty, Tier, View, ViewRule
from dermavis.domain.unchecked import texts_of

TIERS_BY_GRAVITY: tuple[Tier, ...] = ("call_now", "same_day", "soon")


def required_views(
    specialty: Specialty, motive: str, lesion: Mapping[str, Any] | None, site_has_dermatoscope: bool = False
) -> list[View]:
    """The views to take of this lesion (None: of the request as a whole), in the order to take them.

    The motive's views first; then each rule whose conditions hold, in the file's order, drops the views that
    it replaces and adds those that it requires.
    """
    chosen = _motive_views(specialty, motive, "required_views")
    for rule in _holding(specialty, motive, lesion, site_has_dermatoscope):
        chosen = [view for view in chosen if view not in rule.replaces]
        chosen += [view for view in rule.require if view not in chosen]
    return _in_order(specialty, chosen)


def optional_views(
    specialty: Specialty, motive: str, lesion: Mapping[str, Any] | None, site_has_dermatoscope: bool = False
) -> list[View]:
    """The views offered beside the required ones, in the order to take them."""
    offered = _motive_views(specialty, motive, "optional_views")
    if EVERY in offered:
        offered = [view.id for view in specialty.views]
    for rule in _holding(specialty, motive, lesion, site_has_dermatoscope):
        offered = [view for view in offered if view not in rule.replaces]
        offered += rule.offer
    required = required_views(specialty, motive, lesion, site_has_dermatoscope)
    return [view for view in _in_order(specialty, offered) if view not in required]


def _motive_views(specialty: Specialty, motive: str, key: str) -> list[str]:
    return next((list(getattr(row, key)) for row in specialty.motives if row.id == motive), [])


def _holding(
    specialty: Specialty, motive: str, lesion: Mapping[str, Any] | None, site_has_dermatoscope: bool
) -> list[ViewRule]:
    lesion = lesion or {}
    site = lesion.get("site")
    facts = {
        "site_group": next((row.group for row in specialty.body_sites if row.id == site), None),
        "pigmented": bool(lesion.get("pigmented")),
        "dermatoscope": site_has_dermatoscope,
        "raised": is_raised(specialty, lesion),
    }
    return [
        rule
        for rule in specialty.view_rules
        if all(getattr(rule.when, key) in (None, fact) for key, fact in facts.items())
        and (not rule.when.motives or motive in rule.when.motives)
    ]


def is_raised(specialty: Specialty, lesion: Mapping[str, Any]) -> bool:
    """Whether what is felt, or an elementary lesion, stands above the skin."""
    felt = [row for row in specialty.palpations if row.id == lesion.get("palpation")]
    seen = [row for row in specialty.elementary_lesions if row.id in texts_of(lesion.get("elementary"))]
    return any(row.raised for row in (*felt, *seen))


def _in_order(specialty: Specialty, ids: Iterable[str]) -> list[View]:
    wanted = set(ids)
    return sorted((view for view in specialty.views if view.id in wanted), key=lambda view: view.priority)


def questions_for(specialty: Specialty, motive: str) -> list[Question]:
    """The questions of a motive in the file's order, those that follow another included."""
    return [
        question
        for question in specialty.questions
        if EVERY in question.motives or motive in question.motives
    ]


def is_shown(question: Question, sex: str, history: Mapping[str, Any]) -> bool:
    """Whether a question of the motive is asked of this patient after these answers.

    `sex` is F, M or U (unknown: every question is asked).
    """
    if question.sex and sex in ("F", "M") and question.sex != sex:
        return False
    if question.follow is None:
        return True
    answer = history.get(question.follow.question)
    if not isinstance(answer, Mapping) or answer.get("status") != "answered":
        return False
    value = answer.get("value")
    values = value if isinstance(value, list) else [value]
    return EVERY in question.follow.values or any(
        wanted is given or (isinstance(wanted, str) and wanted == given)
        for wanted in question.follow.values
        for given in values
    )


def reasons_for(specialty: Specialty, occasion: Occasion) -> list[Reason]:
    """The coded reasons that may be given on an occasion, in the file's order."""
    return [reason for reason in specialty.reasons if occasion in reason.occasions]


def reason_label(specialty: Specialty, code: str) -> str:
    """A coded reason in words; the code itself where this version of the specialty does not know it."""
    return next((reason.label for reason in specialty.reasons if reason.id == code), code)


def flags_of(specialty: Specialty, ids: Iterable[str]) -> list[RedFlag]:
    """The red flags named, gravest first; ids that this version does not know are left out."""
    wanted = set(ids)
    flags = [flag for flag in specialty.red_flags if flag.id in wanted]
    return sorted(flags, key=lambda flag: TIERS_BY_GRAVITY.index(flag.tier))


def highest_tier(specialty: Specialty, ids: Iterable[str]) -> Tier | None:
    """The gravest tier among these flags: it decides what the screen says and whom it calls."""
    flags = flags_of(specialty, ids)
    return flags[0].tier if flags else None


def gravest_outcome(specialty: Specialty, ids: Iterable[str]) -> Outcome | None:
    """The gravest of these destinations: a case takes that of its gravest lesion."""
    wanted = set(ids)
    return next((outcome for outcome in reversed(specialty.outcomes) if outcome.id in wanted), None)
