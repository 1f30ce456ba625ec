"""How the guided request's interface says offers and receipts: what a person reads, beside the ids."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from dermavis.domain.request_differences import PartDifference
from dermavis.domain.wording import DAYS, NBSP, promise
from dermavis.services.offers import Offer, Offers
from dermavis.services.sending import Receipt

URGENCIES = (("routine", "Courante"), ("soon", f"Sous 24{NBSP}h"), ("urgent", "Urgente"))


def as_offers(offers: Offers) -> dict[str, Any]:
    """Return the default, the others, which urgencies are offered, and whom to telephone."""
    chosen = offers.chosen
    return {
        "default": as_offer(chosen) if chosen else None,
        "alternatives": [as_offer(offer) for offer in offers.others],
        "refused": [{"name": name, "why": why} for name, why in offers.refused],
        "urgencies": [{"id": urgency, "label": label} for urgency, label in URGENCIES],
        "urgent": {
            "offered": bool(chosen and chosen.open_now),
            "phone": (chosen.on_call_phone or chosen.phone) if chosen else "",
            "whom": chosen.name if chosen else "",
        },
        "on_call": {"name": chosen.name, "phone": chosen.on_call_phone, "hours": ""}
        if chosen and chosen.on_call_phone
        else None,
    }


def as_offer(offer: Offer) -> dict[str, Any]:
    """Return one place with its promise ("jeudi 14 h"), closed days and telephone."""
    return {
        "team": str(offer.team_id),
        "person": str(offer.person_id) if offer.person_id else None,
        "name": offer.name,
        "kind": offer.kind,
        "why": offer.why,
        "reply": offer.promise,
        "due_at": offer.due_at.isoformat(),
        "closed": _closed_words(offer.closed),
        "phone": offer.phone,
        "course": offer.course_awaited,
        "experts": [{"id": str(person_id), "name": name} for person_id, name in offer.experts],
    }


def as_receipt(receipt: Receipt, centre: str, now: datetime, zone: str) -> dict[str, Any]:
    """Return the receipt: its number, to whom, by when."""
    pooled = receipt.state == "pooled"
    return {
        "id": str(receipt.case_id),
        "number": receipt.number,
        "sent_at": receipt.sent_at.isoformat(),
        "to": centre,
        "promise": promise(receipt.due_at, now, zone) if receipt.due_at else "",
        "pooled": pooled,
        "note": "Sa coordination la relit, puis l’envoie au centre. Elle partira seule si personne n’est là."
        if pooled
        else "",
        "url": f"/cases/{receipt.case_id}",
    }


def _closed_words(closed: tuple[tuple[str, str], ...]) -> str:
    """Return "Fermé samedi et dimanche", a holiday with its name."""
    days = []
    for day, why in closed:
        name = DAYS[date.fromisoformat(day).weekday()]
        words = name if why.startswith("fermé") else f"{name} ({why})"
        if words not in days:
            days.append(words)
    if not days:
        return ""
    return "Fermé " + (f"{', '.join(days[:-1])} et {days[-1]}" if len(days) > 1 else days[0])


def as_difference(row: PartDifference) -> dict[str, Any]:
    """Return one part in which the client's text (``mine``) and the server's differ."""
    return {
        "path": list(row.path),
        "section": row.section,
        "label": row.label,
        "mine": row.before,
        "theirs": row.after,
        "photo": row.photo,
    }
