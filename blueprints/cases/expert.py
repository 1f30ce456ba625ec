"""The expert's screen of a case: pictures, question, answer."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from blueprints.cases.opening import a_person_opens
from blueprints.cases.parts import page_for
from blueprints.cases.words import (
    SHORTCUTS,
    also_words,
    call_rows,
    certainty_words,
    form_options,
    gravest_words,
    hour_of_call,
    lesion_heading,
    lesion_tabs,
    message_rows,
    sent_code_words,
)
from blueprints.entrance.current import actor, system
from blueprints.worklist.lists import LISTS_BY_NAME, just_signed, query_of
from blueprints.worklist.sittings import rank_of
from dermavis.domain.amendments import AMENDMENTS
from dermavis.domain.errors import InvalidInput, Refusal
from dermavis.domain.opinions import OpinionContent, read_opinion
from dermavis.domain.text import whole_number
from dermavis.domain.wording import ago_words
from dermavis.services.access import find_case
from dermavis.services.answering import REQUEST_CHANGED, STILL_LEAVING, prepared_text
from dermavis.services.case_looks import news_of, note_look
from dermavis.services.case_part import Part
from dermavis.services.case_view import CaseView, note_reading, view_of
from dermavis.services.expert_view import ExpertView, expert_view
from dermavis.services.notices import mark_read
from dermavis.services.work import Work, reading, writing
from dermavis.services.worklist import Count, remaining


@dataclass(frozen=True)
class Refused:
    """A form that was refused: which one, why, and what was typed in it."""

    form: str
    refusal: Refusal
    typed: dict[str, Any] = field(default_factory=dict)

    @property
    def typed_hour(self) -> str:
        """The hour of the calls as it was typed, whatever it is."""
        return request.form.get("call_hour", "")

    @property
    def is_crossed(self) -> bool:
        """Whether it was refused because the same opinion was saved elsewhere."""
        return self.refusal.code == "opinion_changed"

    @property
    def revision(self) -> int:
        """The revision of the draft that the form was written on."""
        return _number(request.form.get("revision", ""))

    @property
    def errors(self) -> dict[str, str]:
        """Field to sentence."""
        if isinstance(self.refusal, InvalidInput):
            return self.refusal.errors
        return {"": self.refusal.message}


@page_for(Part.EXPERT)
def show_to_expert(case_id: UUID) -> ResponseReturnValue:
    """Show the case to somebody of the centre that answers it."""
    return show_case(case_id)


def show_case(case_id: UUID, refused: Refused | None = None) -> str:
    """Render the screen; with a refused form, what was typed stands in it again."""
    motive, rank = request.values.get("motive", "")[:64], rank_of(request.values.get("sitting", ""))
    amending = request.values.get("amend") == "1"
    with reading(system(), actor()) as work:
        view = view_of(work, case_id)
        may = expert_view(work, view, amending)
        prepared = _prepared(work, case_id, may)
        news = news_of(work, case_id, view.photos, _revision_on_screen())
        just = may.leaving or just_signed(work, request.args.get("signed", ""))
        left = remaining(work, motive, case_id) if rank else None
    note_reading(system(), actor(), view, "expert")
    with writing(system(), actor()) as work:
        mark_read(work, case_id=case_id)
        if a_person_opens():
            note_look(work, case_id, view.content_revision)
    return render_template(
        "pages/cases/expert.html",
        view=view,
        may=may,
        news=news,
        opinion=prepared or _opinion(may, refused),
        tabs=lesion_tabs(view, prepared or _opinion(may, refused)),
        messages=message_rows(view, actor().time_zone, system().clock.now()),
        refused=refused,
        errors=refused.errors if refused else {},
        typed=refused.typed if refused else {},
        # What was written on an older text stays on it: nothing is saved over the newer one unread.
        draft_revision=refused.revision if refused and refused.is_crossed else may.draft.revision,
        rank=rank,
        total=_total(rank, left),
        motive=motive,
        listed=_list_of(view),
        back="/worklist" + query_of(_list_of(view), motive),
        signed=request.args.get("signed") == "1",
        leaving=just,
        amendments=list(AMENDMENTS.items()),
        still_leaving=STILL_LEAVING if amending and may.corrects and not may.amends else "",
        changed=REQUEST_CHANGED if request.args.get("changed") == "1" else "",
        did=request.args.get("did", ""),
        as_json=_template_json,
        shortcuts=SHORTCUTS,
        options=form_options(view.specialty),
        call_hour=refused.typed_hour
        if refused and refused.form == "opinion"
        else hour_of_call(_opinion(may, refused), system().clock.now(), actor().time_zone),
        call_rows=_call_rows,
        certainty_words=certainty_words,
        gravest_words=gravest_words,
        lesion_heading=lesion_heading,
        also_words=also_words,
        sent_code_words=sent_code_words,
        ago=_ago,
    )


def _prepared(work: Work, case_id: UUID, may: ExpertView) -> OpinionContent | None:
    """A colleague's text in place of the actor's own, where the page asks for it to compare them."""
    if request.args.get("text") != "prepared" or not may.writes:
        return None
    return prepared_text(work, find_case(work, case_id))


def _opinion(may: ExpertView, refused: Refused | None) -> OpinionContent:
    if refused is None or refused.form != "opinion":
        return may.draft.content
    try:
        return read_opinion(refused.typed)
    except InvalidInput as wrong:
        return _what_reads(refused.typed, wrong)


def _what_reads(typed: dict[str, Any], wrong: InvalidInput) -> OpinionContent:
    """All that was typed but the answers that cannot be read: these are shown as they came, or told as wrong."""
    kept = deepcopy(typed)
    for path in wrong.errors:
        *way, last = path.split(".")
        part: Any = kept
        for step in way:
            part = part[int(step)] if isinstance(part, list) else part[step]
        if isinstance(part, list):
            part[int(last)] = ""
        else:
            part.pop(last, None)
    return read_opinion(kept)


def _revision_on_screen() -> int:
    """The revision of the request that stood on the screen before this page; 0 when none did."""
    return _number(request.args.get("since", "") or request.form.get("case_revision", ""))


def _number(text: str) -> int:
    return whole_number(text) or 0


def _total(rank: int, left: Count | None) -> str:
    if left is None:
        return ""
    count = Count(rank - 1 + left.number)
    return count.words


def _list_of(view: CaseView) -> str:
    asked = request.values.get("list", "")
    if asked in LISTS_BY_NAME:
        return asked
    return {"on_hold": "waiting", "answered": "answered", "closed": "answered"}.get(view.state, "queue")


def _call_rows(opinion: OpinionContent) -> list[dict[str, str]]:
    return call_rows(opinion, system().clock.now(), actor().time_zone)


def _ago(instant: datetime) -> str:
    return ago_words(instant, system().clock.now(), actor().time_zone, True)


def _template_json(template: Any) -> str:
    return json.dumps(template.model_dump(exclude={"id", "label", "motives"}), ensure_ascii=False)
