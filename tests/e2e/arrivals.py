"""What reached the server of a request that a phone sent: once, and whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from dermavis.models import Case, Notification, Photo, PhotoFile, Transition, Upload
from dermavis.services.work import reading
from tests.receivers import wait_until
from tests.signing_in import cookie_name, new_session

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.factories import Who
    from tests.fixtures.servers import LiveServer


def assert_arrived_once(server: LiveServer, case_id: str) -> str:
    """Fail unless a request was sent once and each person was told once; return its number."""
    case = UUID(case_id)
    with reading(server.system) as work:
        told = work.session.scalars(
            select(Notification.person_id).where(
                Notification.case_id == case, Notification.event == "submitted"
            )
        ).all()
        steps = work.session.scalars(
            select(Transition.id).where(Transition.case_id == case, Transition.to_state == "submitted")
        ).all()
        number = work.session.get_one(Case, case).number
    assert len(steps) == 1
    assert len(told) == len(set(told)) > 0
    assert number
    return number


def upload_of(server: LiveServer, case_id: str, role: str = "diagnostic") -> tuple[int, int]:
    """Return how many bytes the server holds of the newest picture's file, and of how many."""
    with reading(server.system) as work:
        row = work.session.scalars(
            select(Upload)
            .where(Upload.case_id == UUID(case_id), Upload.role == role)
            .order_by(Upload.created_at.desc())
        ).first()
        return (row.offset, row.length) if row else (0, 0)


def sent_fingerprints(server: LiveServer, case_id: str, role: str = "diagnostic") -> dict[str, str]:
    """Return, by picture, the SHA-256 of the bytes that arrived as they were sent."""
    with reading(server.system) as work:
        rows = work.session.execute(
            select(Photo.id, PhotoFile.sent_sha256)
            .join(PhotoFile, PhotoFile.photo_id == Photo.id)
            .where(Photo.case_id == UUID(case_id), PhotoFile.role == role)
        ).all()
    return {str(photo): sent.hex() for photo, sent in rows if sent}


def sign_in_behind(page: Page, server: LiveServer, who: Who, address: str) -> None:
    """Sign somebody in on a page that reaches the server through a line of another address."""
    token = new_session(server.system, who)
    page.context.add_cookies([{"name": cookie_name(server.system), "value": token, "url": address}])


def wait_on(page: Page, condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait for something outside the page, and let what a test answers in the place of the server go on meanwhile."""
    wait_until(lambda: page.wait_for_timeout(25) or condition(), seconds)
