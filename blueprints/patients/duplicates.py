"""Possible duplicates of a site: the list, two records side by side, and what is decided about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import as_id, typed_id
from dermavis.domain.duplicates import LIKENESS_WORDS
from dermavis.domain.errors import InvalidInput
from dermavis.domain.identity import STATUS_WORDS, IdentityStatus, show_nir
from dermavis.domain.joining import Second
from dermavis.domain.phones import normalise_phone, show_phone
from dermavis.domain.text import whole_number
from dermavis.domain.wording import ago_words
from dermavis.services import merge_list, patient_duplicates, patient_merges
from dermavis.services.lists import patient_name
from dermavis.services.merge_list import MergePage
from dermavis.services.patient_duplicates import Page, Record
from dermavis.services.work import Work, reading, writing

blueprint = Blueprint("duplicates", __name__)

SEXES = {"F": "Féminin", "M": "Masculin", "U": "Inconnu"}
DONE_WORDS = {
    "proposed": "La fusion est proposée.",
    "again": "Vous aviez gardé l’autre fiche la première fois\u00a0: rien n’est fusionné, relisez-les encore demain.",
    "apart": "C’est noté\u00a0: ce sont deux personnes.",
    "merged": "Les deux fiches n’en font plus qu’une.",
    "undone": "La fusion est annulée\u00a0: les deux fiches sont comme avant.",
}


@dataclass(frozen=True)
class Row:
    """One line of two records side by side; ``differs`` where they do not say the same."""

    label: str
    one: str
    other: str

    @property
    def differs(self) -> bool:
        """Whether the two sides say something else."""
        return self.one != self.other


@blueprint.get("/patients/duplicates")
def show_list() -> str:
    """Show what waits to be confirmed, what may be a duplicate, and what was decided; or further rows of one."""
    only = next((name for name in ("waiting", "after", "decided") if request.args.get(name)), "")
    after = request.args.get(only, "")
    waiting, pairs, decided = MergePage([]), Page([], ""), MergePage([])
    with writing(system(), actor()) as work:
        if only in {"", "waiting"}:
            waiting = merge_list.proposals(work, as_id(after))
        if only in {"", "after"}:
            pairs = patient_duplicates.possible_duplicates(work, after)
        if only in {"", "decided"}:
            decided = merge_list.decisions(work, as_id(after))
        patient_duplicates.note_compared(
            work,
            [record.id for row in (*waiting.rows, *decided.rows) for record in (row.kept, row.merged)],
        )
    return render_template(
        "pages/patients/duplicates.html",
        pairs=pairs,
        further=bool(only),
        waiting=waiting,
        decided=decided,
        words=LIKENESS_WORDS,
        name=_name,
        done=DONE_WORDS.get(request.args.get("done", ""), ""),
        newer=whole_number(request.args.get("newer", ""), 9999) or 0,
    )


@blueprint.get("/patients/duplicates/<uuid:patient_id>/<uuid:other_id>")
def compare(patient_id: UUID, other_id: UUID) -> str:
    """Show two records side by side."""
    return _comparison(patient_id, other_id)


@blueprint.post("/patients/duplicates/<uuid:patient_id>/<uuid:other_id>")
def decide(patient_id: UUID, other_id: UUID) -> ResponseReturnValue:
    """Propose to join the two, or say that they are two people."""
    if request.form.get("act") == "apart":
        with writing(system(), actor()) as work:
            patient_merges.keep_apart(work, patient_id, other_id)
        return redirect("/patients/duplicates?done=apart", 303)
    kept = request.form.get("kept", "")
    if kept not in {str(patient_id), str(other_id)}:
        refused = InvalidInput({"kept": "Choisissez la fiche à garder."})
        return _comparison(patient_id, other_id, refused.errors), refused.status
    merged = other_id if kept == str(patient_id) else patient_id
    with writing(system(), actor()) as work:
        patient_merges.propose(work, UUID(kept), merged)
    return redirect("/patients/duplicates?done=proposed", 303)


@blueprint.get("/patients/merges/<uuid:merge_id>")
def read_proposal(merge_id: UUID) -> ResponseReturnValue:
    """Show a proposal to who confirms it; the list where it was decided meanwhile."""
    return _proposal(merge_id)


@blueprint.post("/patients/merges/<uuid:merge_id>")
def settle(merge_id: UUID) -> ResponseReturnValue:
    """Confirm what was proposed, say that they are two people, or undo what was joined."""
    act = request.form.get("act", "")
    with writing(system(), actor()) as work:
        if act == "undo":
            newer = patient_merges.undo(work, merge_id)
            return redirect(f"/patients/duplicates?done=undone&newer={newer}", 303)
        if act == "apart":
            row = patient_merges.find_merge(work, merge_id)
            patient_merges.keep_apart(work, row.kept_id, row.merged_id)
            return redirect("/patients/duplicates?done=apart", 303)
    kept = typed_id("kept")
    try:
        with writing(system(), actor()) as work:
            state = patient_merges.confirm(work, merge_id, kept).state
    except InvalidInput as refused:
        return _proposal(merge_id, refused)
    done = "merged" if state == "done" else "again"
    return redirect(f"/patients/duplicates?done={done}", 303)


def _proposal(merge_id: UUID, refused: InvalidInput | None = None) -> ResponseReturnValue:
    with writing(system(), actor()) as work:
        row = merge_list.proposal(work, merge_id)
    if row is None or row.awaited is None:
        return redirect("/patients/duplicates", 303)
    again = row.awaited.second is Second.SAME_AGAIN
    # Read a second time, they stand in an order that does not tell which one was to be kept.
    one, other = (row.kept, row.merged)
    if again:
        one, other = sorted((row.kept, row.merged), key=lambda record: str(record.id))
    with reading(system(), actor()) as work:
        rows = _rows(work, one, other)
    html = render_template(
        "pages/patients/proposal.html",
        row=row,
        rows=rows,
        one=one,
        other=other,
        again=again,
        awaited=row.awaited.words,
        why=LIKENESS_WORDS[row.likeness],
        name=_name,
        errors=refused.errors if refused else {},
    )
    return html, refused.status if refused else 200


def _comparison(patient_id: UUID, other_id: UUID, errors: dict[str, str] | None = None) -> str:
    with writing(system(), actor()) as work:
        pair = patient_duplicates.pair_of(work, patient_id, other_id)
        awaited = merge_list.who_would_confirm(work).words
        patient_duplicates.note_compared(work, [pair.one.id, pair.other.id])
    with reading(system(), actor()) as work:
        rows = _rows(work, pair.one, pair.other)
    return render_template(
        "pages/patients/comparison.html",
        pair=pair,
        rows=rows,
        awaited=awaited,
        why=LIKENESS_WORDS[pair.likeness],
        name=_name,
        errors=errors or {},
    )


def _rows(work: Work, one: Record, other: Record) -> list[Row]:
    left, right = _facts(work, one), _facts(work, other)
    return [Row(label, left[label], right[label]) for label in left if left[label] or right[label]]


def _facts(work: Work, record: Record) -> dict[str, str]:
    traits: dict[str, Any] = record.traits
    phone = normalise_phone(traits["phone"]) if traits.get("phone") else None
    born = traits.get("birth_date") or ""
    status = IdentityStatus(traits.get("identity_status") or "provisional")
    return {
        "Nom de naissance": traits.get("birth_name") or "",
        "Prénom": traits.get("first_name") or "",
        "Né(e) le": "/".join(reversed(born.split("-"))),
        "Sexe": SEXES.get(traits.get("sex") or "", ""),
        "Nom utilisé": traits.get("used_name") or "",
        "Tous les prénoms": traits.get("given_names") or "",
        "INS": show_nir(traits["ins"]) if traits.get("ins") else "",
        "Identité": STATUS_WORDS[status].removeprefix("Identité ").capitalize(),
        "Téléphone": show_phone(phone) if phone else traits.get("phone") or "",
        "Adresse": ", ".join(part for part in (traits.get("address"), traits.get("commune")) if part),
        "Médecin traitant": traits.get("treating_doctor") or "",
        "Demandes": str(record.requests),
        "Écrite": ago_words(record.written_at, work.now, work.acting.time_zone),
    }


def _name(record: Record) -> str:
    born = "/".join(reversed((record.traits.get("birth_date") or "").split("-")))
    return ", ".join(part for part in (patient_name(record.traits), born) if part)
