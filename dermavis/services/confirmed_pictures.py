"""Pictures that were confirmed for one patient are no other's: a draft given to somebody else loses them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from dermavis.domain.identity_corrections import traits_replaced
from dermavis.models import Case, Photo
from dermavis.services.work import Work


def withdraw_where_another(
    work: Work, draft: Case, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Withdraw the pictures taken over from a case entered in error when the draft's patient becomes another.

    They are confirmed anew, or taken again: sending refuses a withdrawn one on its view.
    """
    if draft.parent_kind != "correction" or not traits_replaced(before, after):
        return
    carried = select(Photo).where(
        Photo.case_id == draft.id, Photo.replaces_id.is_not(None), Photo.withdrawn_at.is_(None)
    )
    for photo in work.session.scalars(carried):
        photo.state, photo.withdrawn_at = "withdrawn", work.now
        work.audit("photo.withdraw", case_id=draft.id, subject_kind="photo", subject_id=photo.id)
