"""The form with which an expert asks another centre, for a second opinion or with an opinion of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from flask import render_template, request

from blueprints.entrance.fields import Fields, as_id, typed_id
from blueprints.requests.api_words import as_offer
from dermavis.domain.child_cases import AGREEMENTS
from dermavis.domain.deadlines import URGENCY_WORDS
from dermavis.services.case_view import CaseView
from dermavis.services.child_cases import Asked
from dermavis.services.offers import Offers

WRITTEN = ("question", "team", "urgency", "agreed")


@dataclass(frozen=True)
class Asking:
    """The words of one kind of asking. ``path`` ends its address; the requester's name stands between two ``lead``s."""

    path: str
    title: str
    lead: tuple[str, str]
    goes: str
    button: str
    icon: str


def asked() -> Asked:
    """Return what the form asks."""
    return Asked(
        team_id=typed_id("team"),
        question=request.form.get("question", ""),
        urgency=request.form.get("urgency", ""),
        photo_ids=[photo for photo in (as_id(text) for text in request.form.getlist("photos")) if photo],
        agreed=request.form.get("agreed", ""),
    )


def asking_page(
    asking: Asking,
    view: CaseView,
    found: Offers,
    errors: Mapping[str, str] | None = None,
    chosen: Asked | None = None,
) -> str:
    """Show whom to ask, what goes along, and the question to write; as typed, or as it was ``chosen`` before."""
    kept = _kept(chosen) if chosen is not None and not request.form else request.form
    every = [str(photo.id) for photo in view.photos]
    offers = [as_offer(offer) for offer in (*([found.chosen] if found.chosen else []), *found.others)]
    return render_template(
        "pages/cases/another_centre.html",
        case=view,
        asks=asking,
        offers=offers,
        refused=[why for _, why in found.refused],
        agreements=list(AGREEMENTS.items()),
        urgencies=[{"id": urgency, "label": words} for urgency, words in URGENCY_WORDS.items()],
        new_id=typed_id("new") or uuid4(),
        chosen=chosen is not None,
        typed=Fields({name: str(kept.get(name, "")) for name in WRITTEN}),
        picked=_picked(chosen, every),
        errors=Fields(dict(errors or {})),
    )


def _kept(chosen: Asked) -> dict[str, str]:
    return {
        "question": chosen.question,
        "team": str(chosen.team_id),
        "urgency": chosen.urgency,
        "agreed": chosen.agreed,
    }


def _picked(chosen: Asked | None, every: Sequence[str]) -> Sequence[str]:
    if request.form:
        return request.form.getlist("photos")
    ids: Sequence[UUID] = chosen.photo_ids if chosen is not None else ()
    return [str(photo) for photo in ids] if chosen is not None else every
