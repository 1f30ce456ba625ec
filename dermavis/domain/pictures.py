"""The photo protocol in figures, and why a file is refused, in words a doctor can act on.

Limits and sizes come from measurements on phones' files: 50 Mpx cost about 400 MB to decode, 493 MB when progressive,
and three diagnostic pictures of 2016 px fit into a minute on a slow line.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

from dermavis.domain.errors import PictureRefused

PictureRole = Literal["original", "diagnostic", "thumb"]

LARGEST_FILE_BYTES: Final = 25 * 1024 * 1024
LARGEST_PICTURE_PIXELS: Final = 50_000_000
LARGEST_PROGRESSIVE_PIXELS: Final = 24_000_000
LARGEST_PROFILE_BYTES: Final = 4 * 1024 * 1024
DIAGNOSTIC_LONG_SIDE: Final = 2016
THUMB_LONG_SIDE: Final = 320

LARGEST_PATCH_BYTES: Final = 128 * 1024
"""What one request of a resumable upload may carry: a slow phone holds a thread for seconds, never minutes."""

PIECE_BYTES: Final = 64 * 1024
"""Clear bytes of one sealed piece of an upload."""

UPLOAD_LIFETIME: Final = timedelta(days=7)
"""How long an upload waits for its next piece."""

MOST_PHOTOS: Final = 60
"""Photos of one case, withdrawn ones left out."""

_NB: Final = "\u00a0"
_CHOOSE: Final = (
    f"choisissez une photo JPEG, PNG, WEBP ou HEIC, ou reprenez-la avec l’appareil du{_NB}téléphone."
)

REFUSALS: Final[dict[str, str]] = {
    "empty": f"Ce fichier est vide{_NB}: reprenez la photo ou choisissez-en une autre.",
    "too_large": f"Ce fichier dépasse 25{_NB}Mo{_NB}: reprenez la photo avec l’appareil du téléphone, "
    "ou choisissez-en une version plus légère.",
    "too_many_pixels": f"Cette photo dépasse 50{_NB}millions de pixels{_NB}: baissez la résolution dans les réglages "
    "de l’appareil photo, puis reprenez-la.",
    "progressive_too_large": f"Cette photo est un JPEG progressif de plus de 24{_NB}millions de pixels{_NB}: "
    "reprenez-la directement avec l’appareil du téléphone, ou réduisez-la avant de la choisir.",
    "not_a_picture": f"Ce fichier n’est pas une photo{_NB}: {_CHOOSE}",
    "unsupported": f"Ce format d’image n’est pas pris en charge{_NB}: {_CHOOSE}",
    "video": f"Ce fichier est une vidéo{_NB}: {_CHOOSE}",
    "document": f"Ce fichier est un document, pas une photo{_NB}: {_CHOOSE}",
    "truncated": f"Cette photo est incomplète, sans doute coupée pendant la copie{_NB}: choisissez-la de nouveau "
    "ou reprenez-la.",
    "damaged": f"Cette photo est abîmée et ne peut pas être lue{_NB}: reprenez-la ou choisissez-en une autre.",
    "colour_profile": f"Le profil de couleurs de cette photo est anormal{_NB}: reprenez-la avec l’appareil du "
    "téléphone, ou choisissez-en une autre.",
    "too_heavy": f"Cette photo demande trop de calcul pour être lue{_NB}: reprenez-la avec l’appareil du téléphone, "
    "ou choisissez-en une autre.",
    "uniform": f"Cette photo est d’une seule teinte, sans rien à voir{_NB}: reprenez-la, objectif dégagé.",
    "not_prepared": f"Cette photo n’a pas pu être préparée après plusieurs essais{_NB}: reprenez-la "
    "ou choisissez-en une autre.",
    "mismatch": f"Le fichier reçu n’est pas celui qui a été choisi{_NB}: choisissez de nouveau la photo.",
}


def refusal(code: str) -> PictureRefused:
    """Return the refusal of that code with its sentence, to be raised."""
    return PictureRefused(code, REFUSALS[code])
