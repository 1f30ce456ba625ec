"""The places and people of the demonstration. All people are invented; numbers are from ranges kept for fiction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dermavis.domain.roles import Role

PASSWORD = "demonstration-dermavis"  # noqa: S105 (public by intent: production refuses these accounts)


@dataclass(frozen=True)
class Place:
    """An organisation. ``answers``: it has a team and a charter; ``pooled_by``: the key of its coordination."""

    key: str
    kind: str
    name: str
    short_name: str
    postcode: str
    commune: str
    phone: str
    site_kind: str = ""
    on_call_phone: str = ""
    answers: bool = False
    pooled_by: str = ""
    sends_to: str = ""
    has_dermatoscope: bool = False
    charter: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Account:
    """A person with an account at one place. ``shown_as``: what a visitor is told of it; empty keeps it quiet."""

    key: str
    place: str
    role: Role
    title: str
    first_name: str
    last_name: str
    profession: str = ""
    phone: str = ""
    shown_as: str = ""
    second_factor: str = "totp"

    @property
    def email(self) -> str:
        """The address, in a domain that is kept for tests."""
        return f"{self.key}@demo.test"


def _hours(opens: str, closes: str, days: str = "mon tue wed thu fri") -> dict[str, Any]:
    return {"week": {day: [[opens, "12:30"], ["13:30", closes]] for day in days.split()}}


EVERY_MOTIVE = ["tumour", "inflammatory", "pigmented", "keratosis", "wound", "other"]

PLACES: tuple[Place, ...] = (
    Place("agence", "body", "Agence de téléexpertise", "Agence", "21000", "Dijon", "0380000001"),
    Place(
        "chalon", "centre", "CH de Chalon-sur-Saône", "CH de Chalon", "71100", "Chalon-sur-Saône", "0639980030",
        on_call_phone="0639980031", answers=True,
        charter={"motives": EVERY_MOTIVE, "territory": ["71"], "hours": _hours("08:30", "18:30")},
    ),
    Place(
        "dijon", "centre", "CHU de Dijon", "CHU de Dijon", "21000", "Dijon", "0639980032",
        on_call_phone="0639980033", answers=True,
        charter={"motives": EVERY_MOTIVE, "territory": ["21", "58", "71", "89"], "hours": _hours("08:30", "18:00")},
    ),
    Place(
        "besancon", "centre", "CHU de Besançon", "CHU de Besançon", "25000", "Besançon", "0639980034",
        on_call_phone="0639980035", answers=True,
        charter={"motives": EVERY_MOTIVE, "territory": ["25", "39", "70", "90"], "hours": _hours("08:30", "18:30")},
    ),
    Place(
        "gh70", "centre", "Groupe hospitalier de la Haute-Saône", "GH70", "70000", "Vesoul", "0639980036",
        on_call_phone="0639980037", answers=True,
        charter={"motives": EVERY_MOTIVE, "territory": ["70"], "hours": _hours("09:00", "17:00", "mon tue thu")},
    ),
    Place(
        "hnfc", "centre", "Hôpital Nord Franche-Comté", "HNFC", "90400", "Trévenans", "0639980038",
        on_call_phone="0639980039", answers=True,
        charter={"motives": EVERY_MOTIVE, "territory": ["90", "25", "70"], "hours": _hours("09:00", "17:30")},
    ),
    Place(
        "colombet", "practice", "Cabinet du Dr Colombet", "Dr Colombet", "21200", "Beaune", "0639980040", answers=True,
        charter={
            "motives": ["tumour", "pigmented", "keratosis"],
            "delays": {"routine": {"target_hours": 72, "late_hours": 96}},
            "hours": _hours("09:00", "18:00", "mon tue thu fri"),
        },
    ),
    Place(
        "vauban", "practice", "Cabinet de dermatologie Vauban", "Cabinet Vauban", "71000", "Mâcon", "0639980041",
        answers=True,
        charter={
            "motives": ["tumour", "inflammatory", "pigmented", "keratosis"],
            "professions": ["requester", "substitute"],
            "hours": _hours("09:00", "17:00", "mon wed fri"),
        },
    ),
    Place("clunisois", "cpts", "CPTS du Clunisois", "CPTS du Clunisois", "71250", "Cluny", "0639980050"),
    Place(
        "buxy", "site", "Cabinet médical de Buxy", "Buxy", "71390", "Buxy", "0639980060",
        site_kind="practice", sends_to="chalon", has_dermatoscope=False,
    ),
    Place(
        "tournus", "site", "MSP du Val de Saône", "Tournus", "71700", "Tournus", "0639980061",
        site_kind="msp", sends_to="chalon", pooled_by="clunisois",
    ),
    Place(
        "tilleuls", "site", "EHPAD Les Tilleuls", "EHPAD Les Tilleuls", "71640", "Givry", "0639980062",
        site_kind="ehpad", sends_to="chalon", pooled_by="clunisois",
    ),
    Place(
        "givry", "site", "Cabinet médical de Givry", "Givry", "71640", "Givry", "0639980063",
        site_kind="practice", sends_to="chalon", pooled_by="clunisois",
    ),
    Place(
        "cluny", "site", "Cabinet infirmier de Cluny", "Cluny", "71250", "Cluny", "0639980064",
        site_kind="nurse", sends_to="chalon", pooled_by="clunisois",
    ),
    Place(
        "dole", "site", "Cabinet médical des Arènes", "Dole", "39100", "Dole", "0639980065",
        site_kind="practice", sends_to="besancon", has_dermatoscope=True,
    ),
)  # fmt: skip

ACCOUNTS: tuple[Account, ...] = (
    Account("hennequin", "buxy", Role.REQUESTER, "Dr", "Claire", "Hennequin", "Médecin généraliste", "0639980011",
            "médecin requérant (Buxy)"),
    Account("valence", "tournus", Role.REQUESTER, "Dr", "Paul", "Valence", "Médecin généraliste", "0639980012",
            "médecin dont la CPTS relit les demandes (Tournus)"),
    Account("rameau", "givry", Role.REQUESTER, "Dr", "Sophie", "Rameau", "Médecin généraliste", "0639980013"),
    Account("masson", "cluny", Role.NURSE_REQUESTER, "", "Isabelle", "Masson", "Infirmière", "0639980014",
            "infirmière requérante (Cluny), code par courriel", "email"),
    Account("tilleuls", "tilleuls", Role.REQUESTER, "Dr", "Marc", "Duvernay", "Médecin coordonnateur", "0639980015"),
    Account("arenes", "dole", Role.REQUESTER, "Dr", "Nadia", "Perrault", "Médecin généraliste", "0639980016"),
    Account("lenoir", "buxy", Role.SUBSTITUTE, "Dr", "Julien", "Lenoir", "Médecin remplaçant", "0639980017"),
    Account("secretariat", "buxy", Role.SITE_SECRETARY, "", "Monique", "Tabard", "Secrétaire", "0639980018"),
    Account("maubert", "chalon", Role.EXPERT, "Dr", "Solène", "Maubert", "Dermatologue", "0639980019",
            "dermatologue (CH de Chalon)"),
    Account("ferrand", "chalon", Role.EXPERT, "Dr", "Antoine", "Ferrand", "Dermatologue", "0639980020",
            "confrère de la même équipe"),
    Account("besson", "chalon", Role.SUPER_USER, "Dr", "Hélène", "Besson", "Dermatologue", "0639980021",
            "référente du centre (CH de Chalon)"),
    Account("interne", "chalon", Role.JUNIOR, "", "Lucas", "Moreau", "Interne", "0639980022"),
    Account("admissions", "chalon", Role.CENTRE_SECRETARY, "", "Véronique", "Petit", "Secrétaire", "0639980023"),
    Account("dijon", "dijon", Role.EXPERT, "Pr", "Thomas", "Arnaud", "Dermatologue", "0639980024"),
    Account("besancon", "besancon", Role.EXPERT, "Dr", "Émilie", "Cordier", "Dermatologue", "0639980025"),
    Account("vesoul", "gh70", Role.EXPERT, "Dr", "Karim", "Haddad", "Dermatologue", "0639980026"),
    Account("trevenans", "hnfc", Role.EXPERT, "Dr", "Laure", "Wicker", "Dermatologue", "0639980027"),
    Account("colombet", "colombet", Role.EXPERT, "Dr", "Bruno", "Colombet", "Dermatologue", "0639980028"),
    Account("vauban", "vauban", Role.EXPERT, "Dr", "Agnès", "Lorrain", "Dermatologue", "0639980029"),
    Account("corbin", "clunisois", Role.COORDINATOR, "", "Nadège", "Corbin", "Coordinatrice", "0639980051",
            "coordinatrice (CPTS du Clunisois)"),
    Account("admin", "agence", Role.ADMINISTRATOR, "", "Odile", "Garnier", "Administratrice", "0639980002",
            "administratrice"),
    Account("admin2", "agence", Role.ADMINISTRATOR, "", "Yves", "Roussel", "Administrateur", "0639980003",
            "second administrateur"),
    Account("dpo", "agence", Role.DATA_PROTECTION_OFFICER, "", "Camille", "Lebrun", "Déléguée", "0639980004"),
)  # fmt: skip
