"""The report of a signed opinion, for whoever may read it: in a page of ours with a way back, as PDF, as plain text."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request

from blueprints.entrance.current import actor, system
from blueprints.pwa.headers import CONTENT_SECURITY_POLICY
from dermavis.domain.errors import NotFound
from dermavis.domain.text import whole_number
from dermavis.services import signed_reports

blueprint = Blueprint("reports", __name__)

PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
SHOWS_OWN_FRAME = CONTENT_SECURITY_POLICY.replace("frame-src 'none'", "frame-src 'self'")
FRAMED_BY_US = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"


@blueprint.get("/cases/<uuid:case_id>/report")
def show_page(case_id: UUID) -> Response:
    """Show the report with its bar: back, share, download. An installed iPhone application has no other way back."""
    shown = signed_reports.read(system(), actor(), case_id, _version(), "page")
    response = make_response(render_template("pages/cases/report.html", report=shown, case_id=case_id))
    response.headers["Content-Security-Policy"] = SHOWS_OWN_FRAME
    return response


@blueprint.get("/cases/<uuid:case_id>/report.pdf")
def show_pdf(case_id: UUID) -> Response:
    """Send the PDF, shown in place unless a download is asked for; only our own pages may frame it."""
    file = signed_reports.pdf(system(), actor(), case_id, _version())
    way = "attachment" if request.args.get("download") == "1" else "inline"
    headers = {
        **PRIVATE,
        "Content-Disposition": f'{way}; filename="{file.name}"',
        "Content-Security-Policy": FRAMED_BY_US,
        "X-Frame-Options": "SAMEORIGIN",
    }
    return Response(file.content, mimetype="application/pdf", headers=headers)


@blueprint.get("/cases/<uuid:case_id>/report.txt")
def show_text(case_id: UUID) -> Response:
    """Send the opinion as plain text."""
    shown = signed_reports.read(system(), actor(), case_id, _version(), "text")
    name = shown.file_name.removesuffix(".pdf") + ".txt"
    headers = {**PRIVATE, "Content-Disposition": f'inline; filename="{name}"'}
    return Response(shown.text, content_type="text/plain; charset=utf-8", headers=headers)


def _version() -> int | None:
    """The version asked for; by default the one in force."""
    asked = request.args.get("version", "")
    if not asked:
        return None
    version = whole_number(asked)
    if version is None:
        raise NotFound
    return version
