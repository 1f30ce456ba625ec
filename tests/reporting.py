"""The report of an ordinary case, drawn here, and the text of its pages."""

from __future__ import annotations

import io
import unicodedata
from typing import Any

import pypdf
from PIL import Image, ImageDraw

from dermavis.adapters.reports import TypstReports

REPORTS = TypstReports()


def drawn(width: int, height: int) -> bytes:
    """Return a JPEG of a lesion on skin, drawn here."""
    picture = Image.new("RGB", (width, height), (224, 180, 158))
    middle, radius = (width // 2, height // 2), min(width, height) // 7
    ImageDraw.Draw(picture).ellipse(
        (middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius), fill=(96, 56, 44)
    )
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def common_report(**changes: Any) -> dict[str, Any]:
    """Return the report of an ordinary case: one lesion, three pictures, ten facts."""
    facts = [
        ("Lésion", "dos, à droite, unique, 12 mm"), ("Durée", "2 ans"), ("Évolution", "stable"),
        ("Traitements essayés", "aucun"), ("Traitements en cours", "amlodipine 5 mg"), ("Allergies", "aucune"),
        ("Antécédents", "hypertension"), ("Saignement", "oui, au frottement"), ("Cancer de la peau", "non"),
        ("Phototype", "III"),
    ]  # fmt: skip
    report: dict[str, Any] = {
        "number": "D-4821",
        "version": 1,
        "specialty": "Dermatologie",
        "time_zone": "Europe/Paris",
        "requested_at": "2026-11-25T08:20:00+00:00",
        "request_version": 1,
        "request_made_at": "2026-11-25T08:20:00+00:00",
        "signed_at": "2026-11-26T07:31:00+00:00",
        "patient": {
            "name": "Mme Hélène VAUTRIN", "birth_name": "D’AUBIGNÉ", "birth_date": "1958-03-12", "sex": "F",
            "identity_status": "Identité validée",
        },
        "requester": {"name": "Dr Julien Hennequin", "profession": "médecin généraliste",
                      "organization": "Cabinet médical de Buxy", "phone": "03 85 00 12 34"},
        "expert": {"name": "Dr Solène Maubert", "profession": "dermatologue",
                   "organization": "CH de Chalon", "rpps": "10005678901"},
        "motive": "Kératose",
        "question": "Surveiller ou retirer ? Elle s’accroche au soutien-gorge.",
        "hypothesis": "kératose séborrhéique",
        "facts": [{"label": label, "value": value} for label, value in facts],
        "pictures": [
            {"content": drawn(900, 1200), "legend": legend, "alternative": f"{legend} du dos"}
            for legend in ("Vue d’ensemble", "Gros plan", "Gros plan avec échelle")
        ],
        "outcome": {"label": "Suivi par le médecin traitant", "level": "ordinary",
                    "more": ["À revoir à distance dans 6 semaines"]},
        "lesions": [
            {
                "title": "Dos, à droite", "diagnosis": "Kératose séborrhéique irritée", "certainty": "Probable",
                "code": "L82", "differentials": ["naevus", "carcinome basocellulaire pigmenté"],
                "description": "Lésion verruqueuse à bords nets.",
                "conduct": "Pas de biopsie.\nNouvelle photo à 6 semaines.",
                "treatments": [{"drug": "Vaseline", "dose": "le soir", "duration": "3 semaines"}],
            }
        ],
        "safety_net": "Elle saigne sans frottement ou change de forme.",
        "teaching": "Les pseudokystes cornés orientent vers une kératose.",
        "photo_advice": "Touchez la lésion à l’écran avant de déclencher.",
    }  # fmt: skip
    return report | changes


def pages(pdf: bytes) -> list[str]:
    """Return what a reader can copy from each page."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def flat(text: str) -> str:
    """Return text as it is compared: composed, one blank for several, no invisible hyphen, one kind of hyphen."""
    composed = unicodedata.normalize("NFC", text).replace("\u00ad", "").replace("\u2011", "-")
    return " ".join(composed.replace("\u202f", "@@").split()).replace("@@", "\u202f")
