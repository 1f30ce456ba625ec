"""What the shape of a specialty file cannot say: that every id it names exists, once, and makes sense."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import NamedTuple

from dermavis.domain.specialty_schema import Follow, Question, Specialty

EVERY = "*"

Path = tuple[str | int, ...]


class Problem(NamedTuple):
    """A fault, where it stands in the file (table, rank, key, rank in the list), and why, in French."""

    path: Path
    reason: str


def problems_of(specialty: Specialty) -> Iterator[Problem]:
    """Every fault of a file that has the right shape."""
    yield from _duplicates(specialty)
    yield from _retired_ids(specialty)
    yield from _views(specialty)
    yield from _sites(specialty)
    yield from _questions(specialty)
    yield from _red_flags(specialty)
    yield from _templates(specialty)


def _duplicates(specialty: Specialty) -> Iterator[Problem]:
    for table, rows in specialty:
        if not isinstance(rows, list):
            continue
        seen: set[str] = set()
        for rank, row in enumerate(rows):
            key = getattr(row, "id", None)
            if key in seen:
                yield Problem((table, rank, "id"), f"l’identifiant «\u00a0{key}\u00a0» est donné deux fois")
            if key is not None:
                seen.add(key)


def _retired_ids(specialty: Specialty) -> Iterator[Problem]:
    for rank, question in enumerate(specialty.questions):
        if question.id in specialty.retired:
            yield Problem(
                ("questions", rank, "id"),
                f"l’identifiant «\u00a0{question.id}\u00a0» a servi à une ancienne question et ne sert plus jamais",
            )


def _views(specialty: Specialty) -> Iterator[Problem]:
    views = _ids(specialty.views)
    motives = _ids(specialty.motives)
    groups = [site.group for site in specialty.body_sites]
    for rank, motive in enumerate(specialty.motives):
        here: Path = ("motives", rank)
        yield from _unknown((*here, "required_views"), motive.required_views, views, "la vue")
        yield from _unknown((*here, "optional_views"), motive.optional_views, [*views, EVERY], "la vue")
    for rank, rule in enumerate(specialty.view_rules):
        here = ("view_rules", rank)
        for key in ("require", "offer", "replaces"):
            yield from _unknown((*here, key), getattr(rule, key), views, "la vue")
        yield from _unknown((*here, "when", "motives"), rule.when.motives, motives, "le motif")
        if rule.when.site_group is not None:
            yield from _unknown(
                (*here, "when", "site_group"), rule.when.site_group, groups, "le groupe de sièges"
            )
        if not rule.when.model_fields_set:
            yield Problem((*here, "when"), "cette règle n’a aucune condition")
    if specialty.uses_pictures and not specialty.views:
        yield Problem(("uses_pictures",), "des photos sont demandées, mais aucune vue n’est décrite")
    if specialty.views and not specialty.uses_pictures:
        yield Problem(("uses_pictures",), "des vues sont décrites, mais les photos ne servent pas")


def _sites(specialty: Specialty) -> Iterator[Problem]:
    zooms = _ids(specialty.site_zooms)
    for rank, site in enumerate(specialty.body_sites):
        if site.zoom:
            yield from _unknown(("body_sites", rank, "zoom"), site.zoom, zooms, "l’agrandissement")
    if specialty.uses_lesions != bool(specialty.body_sites):
        reason = "des lésions sont demandées, mais aucun siège n’est décrit"
        if specialty.body_sites:
            reason = "des sièges sont décrits, mais les lésions ne servent pas"
        yield Problem(("uses_lesions",), reason)


def _questions(specialty: Specialty) -> Iterator[Problem]:
    motives = _ids(specialty.motives)
    screens = _ids(specialty.screens)
    earlier: dict[str, Question] = {}
    for rank, question in enumerate(specialty.questions):
        here: Path = ("questions", rank)
        yield from _unknown((*here, "screen"), question.screen, screens, "l’écran")
        yield from _unknown((*here, "motives"), question.motives, [*motives, EVERY], "le motif")
        yield from _unknown((*here, "unfolded_for"), question.unfolded_for, motives, "le motif")
        yield from _kind(here, question)
        if question.follow is not None:
            yield from _follow((*here, "follow"), question.follow, earlier)
        yield from _per_lesion((*here, "per_lesion"), question, specialty.uses_lesions, earlier)
        earlier[question.id] = question


def _per_lesion(
    here: Path, question: Question, lesions: bool, earlier: dict[str, Question]
) -> Iterator[Problem]:
    if question.per_lesion and not lesions:
        yield Problem(here, "cette question est posée pour chaque lésion, mais les lésions ne servent pas")
    other = earlier.get(question.follow.question) if question.follow else None
    if other is not None and other.per_lesion != question.per_lesion:
        yield Problem(
            here,
            f"«\u00a0{question.id}\u00a0» suit «\u00a0{other.id}\u00a0»\u00a0: "
            "les deux sont posées pour chaque lésion, ou aucune",
        )


def _kind(here: Path, question: Question) -> Iterator[Problem]:
    has_options = question.kind in ("choice", "choices")
    if has_options and not question.options:
        yield Problem(
            (*here, "kind"),
            f"«\u00a0{question.id}\u00a0» est un choix sans aucune réponse possible (options)",
        )
    if question.options and not has_options:
        yield Problem(
            (*here, "options"), f"«\u00a0{question.kind}\u00a0» n’attend pas de réponses possibles (options)"
        )
    seen: set[str] = set()
    for rank, option in enumerate(question.options):
        if option.id in seen:
            yield Problem(
                (*here, "options", rank, "id"), f"la réponse «\u00a0{option.id}\u00a0» est donnée deux fois"
            )
        seen.add(option.id)
    if question.kind == "yes_no" and not (question.positive and question.negative):
        yield Problem(
            (*here, "kind"),
            "une question par oui ou non dit comment se lisent le oui (positive) et le non (negative)",
        )
    if question.min is not None and question.max is not None and question.min > question.max:
        yield Problem((*here, "min"), f"le minimum ({question.min:g}) dépasse le maximum ({question.max:g})")
    if question.phrase.count("{}") != 1:
        yield Problem(
            (*here, "phrase"), "la phrase doit contenir une fois «\u00a0{}\u00a0», la place de la réponse"
        )
    if question.required and question.folded:
        yield Problem((*here, "folded"), "une question obligatoire ne peut pas être repliée")


def _follow(here: Path, follow: Follow, earlier: dict[str, Question]) -> Iterator[Problem]:
    other = earlier.get(follow.question)
    if other is None:
        yield Problem(
            (*here, "question"),
            f"«\u00a0{follow.question}\u00a0» n’est pas une question posée avant celle-ci",
        )
        return
    allowed: list[str | bool] = [EVERY, *(option.id for option in other.options)]
    if other.kind == "yes_no":
        allowed += [True, False]
    for value in follow.values:
        if not any(value is choice or (isinstance(value, str) and value == choice) for choice in allowed):
            shown = str(value).lower() if isinstance(value, bool) else value
            yield Problem(
                (*here, "values"), f"«\u00a0{other.id}\u00a0» n’a pas de réponse «\u00a0{shown}\u00a0»"
            )


def _red_flags(specialty: Specialty) -> Iterator[Problem]:
    tiers = _ids(specialty.tiers)
    for rank, flag in enumerate(specialty.red_flags):
        yield from _unknown(("red_flags", rank, "tier"), flag.tier, tiers, "le palier")


def _templates(specialty: Specialty) -> Iterator[Problem]:
    answer = specialty.answer
    known = {
        "certainty": ("la certitude", _ids(answer.certainties)),
        "risk_class": ("la classe de risque", ["", *_ids(answer.risk_classes)]),
        "destination": ("la suite", _ids(specialty.outcomes)),
        "motives": ("le motif", _ids(specialty.motives)),
    }
    for rank, template in enumerate(specialty.opinion_templates):
        for key, (what, ids) in known.items():
            yield from _unknown(("opinion_templates", rank, key), getattr(template, key), ids, what)
        if template.code and not specialty.codes:
            yield Problem(
                ("opinion_templates", rank, "code"), "cette spécialité ne nomme aucune liste de codes"
            )
    for rank, field in enumerate(answer.optional):
        if field in answer.required:
            yield Problem(("answer", "optional", rank), f"«\u00a0{field}\u00a0» est déjà obligatoire")


def _unknown(path: Path, named: str | list[str], known: Iterable[str], what: str) -> Iterator[Problem]:
    ids = list(known)
    for rank, name in enumerate([named] if isinstance(named, str) else named):
        if name not in ids:
            here = path if isinstance(named, str) else (*path, rank)
            yield Problem(here, f"{what} «\u00a0{name}\u00a0» n’existe pas{_hint(name, ids)}")


def _hint(name: str, ids: list[str]) -> str:
    close = get_close_matches(name, ids, n=1)
    return f"\u00a0; peut-être «\u00a0{close[0]}\u00a0»" if close else ""


def _ids(rows: Iterable[object]) -> list[str]:
    return [str(getattr(row, "id")) for row in rows]  # noqa: B009 - rows of several kinds share only their id
