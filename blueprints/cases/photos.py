"""One picture of a case, as bytes: read by whoever may read the case, noted, kept by no cache."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response

from blueprints.entrance.current import actor, system
from dermavis.domain.errors import NotFound
from dermavis.services import photos

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}

blueprint = Blueprint("photos", __name__)


@blueprint.get("/cases/<uuid:case_id>/photos/<uuid:photo_id>/<role>")
def show(case_id: UUID, photo_id: UUID, role: str) -> Response:
    """Send a picture: ``original``, ``diagnostic`` or ``thumb``."""
    if role not in photos.ROLES:
        raise NotFound
    picture = photos.show_picture(system(), actor(), case_id, photo_id, role)
    name = f"photo-{str(photo_id)[:8]}-{role}.{EXTENSIONS[picture.media_type]}"
    return Response(
        picture.content,
        mimetype=picture.media_type,
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'inline; filename="{name}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )
