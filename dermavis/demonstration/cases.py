"""What happens in the demonstration: invented patients, why they are shown, and how far each request has come."""

from __future__ import annotations

from dataclasses import dataclass

PATIENTS: tuple[tuple[str, str, str, str], ...] = (
    ("Vautrin", "Hélène", "1958-03-12", "F"), ("Belhadi", "Karim", "1984-07-02", "M"),
    ("Perrot-Gaudin", "Lucien", "1941-11-23", "M"), ("Maréchal", "Odile", "1949-05-30", "F"),
    ("Sauvageot", "Jean-Paul", "1955-01-18", "M"), ("Tounsi", "Aïcha", "1972-09-08", "F"),
    ("Vasseur", "Henri", "1938-04-14", "M"), ("Jacquinot", "Robert", "1942-06-21", "M"),
    ("Diarra", "Aminata", "1992-02-11", "F"), ("Colinet", "Bernard", "1951-08-03", "M"),
    ("Faivre", "Denise", "1947-12-19", "F"), ("Guyonnet", "Paul", "1955-10-27", "M"),
    ("Lacombe", "Inès", "1997-03-05", "F"), ("Thévenin", "Marcel", "1944-09-16", "M"),
    ("Pommard", "Jeanne", "1932-10-27", "F"), ("Pelletier", "André", "1939-06-02", "M"),
    ("Thibaudin", "Léa", "1992-09-19", "F"), ("Santerre", "Hugo", "2001-01-30", "M"),
    ("Marchand", "Odette", "1950-07-11", "F"), ("Bouvret", "Gérard", "1946-12-25", "M"),
    ("Dorval", "Sylvie", "1965-04-08", "F"), ("Kerbrat", "Yanis", "1999-02-14", "M"),
    ("Aubriot", "Thierry", "1972-03-03", "M"), ("Sagna", "Fatou", "1988-08-16", "F"),
    ("D’Aubigné", "Élisabeth", "1960-01-09", "F"), ("N’Guyên-Đặng", "Thu", "1979-11-02", "F"),
    ("Le Goff", "Yann", "1968-05-25", "M"), ("Lebœuf", "Ginette", "1953-02-28", "F"),
    ("Œuvrard", "Michel", "1962-12-01", "M"), ("Chevrier", "Mathilde", "2009-06-17", "F"),
)  # fmt: skip
"""Birth name, first name, birth date, sex."""


@dataclass(frozen=True)
class Subject:
    """A clinical picture: motive, site, look of the drawing, question and the opinion template that answers it."""

    motive: str
    site: str
    side: str
    look: str
    size: int
    question: str
    hypothesis: str
    template: str
    duration: tuple[str, int]
    course: str = "growing"
    elementary: str = "papule"
    pigmented: bool = False
    treatment: str = ""


SUBJECTS: dict[str, Subject] = {
    "keratosis": Subject("keratosis", "upper_back", "right", "keratosis", 12, "Surveiller ou retirer ?",
                         "Kératose séborrhéique", "seborrhoeic_keratosis", ("years", 5), "stable"),
    "actinic": Subject("keratosis", "temple", "left", "carcinoma", 8, "Tempe rugueuse : cryothérapie par mes soins ?",
                       "Kératose actinique", "actinic_keratosis", ("months", 8), "growing", "squames"),
    "naevus": Subject("pigmented", "chest", "left", "naevus", 5, "Nævus à surveiller ?", "Nævus banal", "benign_naevus",
                      ("years", 10), "stable", "macule", True),
    "melanoma": Subject("pigmented", "upper_back", "left", "melanoma", 14, "Lésion noire apparue en 4 mois. Mélanome ?",
                        "Mélanome", "melanoma_suspicion", ("months", 4), "growing", "macule", True),
    "carcinoma": Subject("tumour", "nose", "right", "carcinoma", 6, "Nodule perlé du nez. Carcinome basocellulaire ?",
                         "Carcinome basocellulaire", "bcc_suspicion", ("months", 10), "growing", "nodule"),
    "squamous": Subject("tumour", "ear", "left", "wound", 11, "Lésion croûteuse de l’oreille : faut-il biopsier ?",
                        "Carcinome épidermoïde", "scc_suspicion", ("months", 3), "growing", "ulceration"),
    "eczema": Subject("inflammatory", "elbow_fold", "both", "eczema", 60, "Plaques malgré 3 semaines de corticoïde. Que faire ?",
                      "Eczéma atopique", "atopic_eczema", ("weeks", 3), "attacks", "plaque", False, "Bétaméthasone crème"),
    "psoriasis": Subject("inflammatory", "knee", "both", "psoriasis", 45, "Psoriasis étendu. Faut-il un traitement général ?",
                         "Psoriasis en plaques", "plaque_psoriasis", ("years", 2), "attacks", "plaque", False, "Calcipotriol"),
    "urticaria": Subject("inflammatory", "abdomen", "middle", "spots", 20, "Urticaire depuis 2 mois : quel bilan ?", "Urticaire",
                         "urticaria", ("months", 2), "attacks", "wheal", False, "Cétirizine 10 mg"),
    "wound": Subject("wound", "lower_leg", "left", "wound", 38, "Plaie de jambe qui ne cicatrise pas : biopsier ?",
                     "Ulcère veineux", "venous_leg_ulcer", ("months", 6), "growing", "ulceration"),
    "ringworm": Subject("other", "forearm", "right", "psoriasis", 30, "Plaque annulaire : mycose ?", "Dermatophytie", "tinea",
                        ("weeks", 4), "growing", "plaque"),
}  # fmt: skip


@dataclass(frozen=True)
class Episode:
    """One request: whose, about what, sent how many hours ago, and how far it came.

    ``end``: draft, incomplete_draft, pooled, pooled_incomplete, sent_back, submitted, claimed, on_hold, answered (not
    yet read), read, closed, declined, cancelled, in_error. ``destination`` and ``weeks`` change the template's answer;
    ``refers_to`` is the place to which the request goes with it.
    """

    patient: int
    requester: str
    subject: str
    hours_ago: float
    end: str
    expert: str = "maubert"
    urgency: str = "routine"
    answered_after: float = 20
    destination: str = ""
    weeks: int | None = None
    retake: bool = False
    flag: str = ""
    refers_to: str = ""


def _closed() -> tuple[Episode, ...]:
    """Five months of answered and closed requests, with the field's usual mix of motives and outcomes."""
    subjects = (
        "eczema",
        "keratosis",
        "carcinoma",
        "naevus",
        "psoriasis",
        "actinic",
        "urticaria",
        "wound",
        "ringworm",
    )
    requesters = ("hennequin", "valence", "rameau", "masson", "tilleuls", "arenes")
    experts = {"arenes": "besancon"}
    return tuple(
        Episode(
            patient=(number * 7) % len(PATIENTS),
            requester=requesters[number % len(requesters)],
            subject=subjects[(number * 4) % len(subjects)],
            hours_ago=24 * (30 + number * 5) + number % 9,
            end="closed",
            expert=experts.get(
                requesters[number % len(requesters)], ("maubert", "ferrand", "besson")[number % 3]
            ),
            answered_after=5 + (number * 13) % 40,
            weeks=6 if number % 5 == 0 else None,
        )
        for number in range(24)
    )


EPISODES: tuple[Episode, ...] = (
    *_closed(),
    # For the requesters: what is to be read, answered or completed
    Episode(0, "hennequin", "keratosis", 26, "answered", weeks=6, answered_after=24),
    Episode(1, "hennequin", "psoriasis", 28, "on_hold"),
    Episode(3, "hennequin", "actinic", 22, "submitted"),
    Episode(4, "hennequin", "naevus", 24 * 6, "read", "ferrand"),
    Episode(5, "hennequin", "eczema", 24 * 9, "read", weeks=4),
    Episode(6, "hennequin", "carcinoma", 24 * 14, "read", "besson"),
    Episode(24, "hennequin", "melanoma", 50, "answered", "besson", "soon", 6, flag="suspected_melanoma"),
    Episode(25, "hennequin", "urticaria", 30, "declined", "ferrand"),
    Episode(7, "hennequin", "squamous", 46, "answered", "besson", "soon", 20, refers_to="dijon"),
    Episode(26, "hennequin", "naevus", 24 * 3, "cancelled"),
    Episode(27, "hennequin", "eczema", 4, "draft"),
    Episode(28, "hennequin", "wound", 30, "incomplete_draft"),
    # For the experts of Chalon: a queue with its late, its urgent and its ordinary cases
    Episode(7, "hennequin", "wound", 24 * 5, "submitted"),
    Episode(8, "hennequin", "eczema", 24 * 4.2, "submitted"),
    Episode(9, "hennequin", "melanoma", 7, "submitted", urgency="soon", flag="suspected_melanoma"),
    Episode(10, "hennequin", "carcinoma", 18, "submitted"),
    Episode(11, "hennequin", "actinic", 15, "submitted"),
    Episode(12, "hennequin", "psoriasis", 9, "submitted"),
    Episode(13, "hennequin", "keratosis", 5, "submitted"),
    Episode(2, "hennequin", "squamous", 3, "submitted", urgency="soon"),
    Episode(20, "hennequin", "naevus", 20, "claimed"),
    Episode(21, "hennequin", "urticaria", 12, "claimed", "ferrand"),
    Episode(22, "hennequin", "ringworm", 52, "on_hold", "besson"),
    Episode(23, "arenes", "eczema", 16, "submitted", "besancon"),
    Episode(29, "arenes", "naevus", 40, "answered", "besancon", answered_after=12),
    Episode(17, "arenes", "carcinoma", 24 * 8, "read", "besancon"),
    # What follows at once, and what an appointment waits for
    Episode(15, "hennequin", "eczema", 24 * 12, "read", "ferrand", "soon", 4, "admission"),
    Episode(16, "hennequin", "wound", 24 * 11, "read", "maubert", "soon", 2, "emergency"),
    Episode(18, "valence", "squamous", 24 * 7, "read", "maubert", "soon", 8),
    Episode(19, "tilleuls", "wound", 24 * 6, "answered", "besson", retake=True),
    Episode(14, "tilleuls", "keratosis", 24 * 20, "in_error"),
    # For the coordination: what waits, what lacks something, what went back, what skipped it
    Episode(14, "tilleuls", "wound", 20, "pooled"),
    Episode(15, "rameau", "carcinoma", 17, "pooled"),
    Episode(16, "valence", "eczema", 16, "pooled"),
    Episode(17, "rameau", "urticaria", 15, "pooled"),
    Episode(18, "masson", "keratosis", 14, "pooled"),
    Episode(19, "rameau", "wound", 14, "pooled_incomplete"),
    Episode(20, "rameau", "naevus", 2, "pooled_incomplete"),
    Episode(21, "valence", "psoriasis", 1.5, "pooled"),
    Episode(12, "valence", "actinic", 26, "sent_back"),
)
