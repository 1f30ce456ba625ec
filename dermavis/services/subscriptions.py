"""Browsers that may be pushed to. One endpoint belongs to one person and one session of theirs.

A phone that several people use has one endpoint: it goes with whoever signed in last. When its session ends nothing is
pushed to it any more, whatever its owner is told.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import delete, or_, select

from dermavis.domain.errors import InvalidInput
from dermavis.domain.ports import PushTarget
from dermavis.models import PushSubscription, UserSession
from dermavis.services.vault import open_under_master, seal_under_master
from dermavis.services.work import Work

MOST = 20
"""Browsers of one person; the oldest gives way."""


def subscribe(work: Work, target: PushTarget, device_id: UUID | None = None, replaces: str = "") -> UUID:
    """Keep the subscription of the actor's browser, taking its endpoint over from whoever had it.

    ``replaces`` is the endpoint that the browser used before, if it says so. Raises InvalidInput for an endpoint that
    is no push service's.
    """
    if not work.system.push.accepts(target):
        raise InvalidInput({"endpoint": "Ce navigateur ne donne pas d’adresse de notification utilisable."})
    me = work.acting
    work.session.execute(
        delete(PushSubscription).where(PushSubscription.endpoint_hash == _hash(work, target.endpoint))
    )
    if replaces:
        _forget(work, me.person_id, replaces)
    _make_room(work, me.person_id)
    subscription_id = uuid4()
    work.session.add(
        PushSubscription(
            id=subscription_id,
            person_id=me.person_id,
            device_id=device_id,
            session_id=me.session_id,
            endpoint_hash=_hash(work, target.endpoint),
            target_sealed=_seal(work, subscription_id, target),
            created_at=work.now,
        )
    )
    work.audit("push.subscribe", subject_kind="subscription", subject_id=subscription_id)
    work.session.flush()
    return subscription_id


def unsubscribe(work: Work, endpoint: str) -> bool:
    """Forget the actor's browser of that endpoint; tell whether it was theirs."""
    return _forget(work, work.acting.person_id, endpoint)


def unsubscribe_all(work: Work, person_id: UUID) -> None:
    """Forget every browser of a person: their account was revoked."""
    work.session.execute(delete(PushSubscription).where(PushSubscription.person_id == person_id))


def count(work: Work) -> int:
    """Return how many of the actor's browsers are told."""
    return len(
        work.session.scalars(
            select(PushSubscription.id).where(PushSubscription.person_id == work.acting.person_id)
        ).all()
    )


def target_of(work: Work, row: PushSubscription) -> PushTarget:
    """Open a subscription. Raises SealBroken."""
    return PushTarget(
        **open_under_master(
            work.system.cipher, row.target_sealed, PushSubscription.__tablename__, row.id, "target_sealed"
        )
    )


def is_signed_in(work: Work, row: PushSubscription) -> bool:
    """Tell whether the browser's owner is still signed in there: by the same session, or anew on the same device."""
    there = UserSession.id == row.session_id
    if row.device_id is not None:
        there = or_(there, UserSession.device_id == row.device_id)
    live = work.session.scalar(
        select(UserSession.id)
        .where(
            there,
            UserSession.person_id == row.person_id,
            UserSession.stage == "full",
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > work.now,
        )
        .limit(1)
    )
    return live is not None


def _forget(work: Work, person_id: UUID, endpoint: str) -> bool:
    gone = work.session.execute(
        delete(PushSubscription)
        .where(
            PushSubscription.person_id == person_id,
            PushSubscription.endpoint_hash == _hash(work, endpoint),
        )
        .returning(PushSubscription.id)
    )
    return len(gone.all()) > 0


def _make_room(work: Work, person_id: UUID) -> None:
    kept = work.session.scalars(
        select(PushSubscription)
        .where(PushSubscription.person_id == person_id)
        .order_by(PushSubscription.created_at.desc())
    ).all()
    for row in kept[MOST - 1 :]:
        work.session.delete(row)


def _hash(work: Work, endpoint: str) -> bytes:
    return work.system.cipher.lasting_hash("push endpoint", endpoint)


def _seal(work: Work, subscription_id: UUID, target: PushTarget) -> bytes:
    content = {"endpoint": target.endpoint, "p256dh": target.p256dh, "auth": target.auth}
    return seal_under_master(work, content, PushSubscription.__tablename__, subscription_id, "target_sealed")
