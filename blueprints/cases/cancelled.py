"""What the addressed team reads at the address of a request that was cancelled."""

from __future__ import annotations

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.cases.parts import page_for
from blueprints.entrance.current import actor, system
from dermavis.services.cancelled_case import cancelled_case
from dermavis.services.case_part import Part
from dermavis.services.notices import mark_read
from dermavis.services.readings import record_reading
from dermavis.services.work import reading, writing


@page_for(Part.TOLD)
def show_cancelled(case_id: UUID) -> ResponseReturnValue:
    """Say that the request was cancelled, without who it was about."""
    with reading(system(), actor()) as work:
        told = cancelled_case(work, case_id)
    record_reading(
        system(),
        actor(),
        "case.read",
        case_id=case_id,
        subject_kind="case",
        subject_id=case_id,
        screen="cancelled",
    )
    with writing(system(), actor()) as work:
        mark_read(work, case_id=case_id)
    return render_template("pages/cases/cancelled.html", told=told)
