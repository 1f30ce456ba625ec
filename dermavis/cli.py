"""bin/dermavis: the commands of those who run the service."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import NoReturn

from dermavis.commands.admin import role_of, roles_in_words
from dermavis.commands.case import reasons_in_words
from dermavis.commands.repair import repair_reasons_in_words
from dermavis.domain.errors import InvalidInput, Refusal
from dermavis.settings import SettingsRefused

Arguments = list[tuple[str, dict[str, object]]]


def positive(text: str) -> int:
    """Read a number from 1 on. Raises ValueError."""
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


ADDRESS: tuple[str, dict[str, object]] = ("email", {"metavar": "ADRESSE"})
BACKUP_KEY: tuple[str, dict[str, object]] = (
    "--key",
    {"type": Path, "metavar": "FICHIER", "help": "clé de sauvegarde (sinon BACKUP_KEY_FILE)"},
)
WHICH_BACKUP: tuple[str, dict[str, object]] = (
    "--backup",
    {"metavar": "NOM", "help": "une autre que la plus récente"},
)
NEWCOMER: Arguments = [ADDRESS, ("first_name", {"metavar": "PRÉNOM"}), ("last_name", {"metavar": "NOM"})]
AS_ADMINISTRATOR: tuple[str, dict[str, object]] = (
    "--as",
    {"metavar": "ADMINISTRATEUR", "required": True, "dest": "administrator", "help": "son adresse"},
)

REPAIRING: Arguments = [
    ("--reason", {"metavar": "RAISON", "required": True, "help": repair_reasons_in_words()}),
    AS_ADMINISTRATOR,
    (
        "--apply",
        {"action": "store_true", "help": "le fait\u00a0; sans cela, dit seulement ce qui serait fait"},
    ),
]

COMMANDS: dict[str, tuple[str, str, Arguments]] = {
    "web": ("web:web", "sert les pages", []),
    "worker": ("worker:worker", "envoie les avis, traite les photographies, tient les échéances", []),
    "migrate": ("database:migrate", "met les tables à jour", []),
    "check": ("database:check_all", "vérifie réglages, clé, base, dépôt et courriel", []),
    "prepare": (
        "database:prepare",
        "clés, tables et, en démonstration, ses comptes : ce que fait bin/run",
        [],
    ),
    "welcome": (
        "web:welcome",
        "attend la première page, puis dit où elle est",
        [
            ("--watch", {"type": int, "metavar": "PID", "help": "n’attend que tant que ce programme vit"}),
            ("--lan", {"action": "store_true", "help": "explique l’accès d’un téléphone"}),
        ],
    ),
    "lan prepare": ("lan:lan_prepare", "certificat pour le réseau local", []),
    "lan certificate": ("lan:lan_certificate", "donne ce certificat aux téléphones du réseau", []),
    "keys create": (
        "keys:keys_create",
        "écrit une nouvelle clé, maîtresse ou de sauvegarde",
        [("file", {"type": Path, "metavar": "FICHIER"})],
    ),
    "keys check": (
        "keys:keys_check",
        "dit si une clé est celle de la base",
        [("file", {"type": Path, "metavar": "FICHIER", "nargs": "?", "help": "sinon la clé des réglages"})],
    ),
    "keys rotate": (
        "keys:keys_rotate",
        "remplace la clé maîtresse, pendant que le service tourne",
        [("file", {"type": Path, "metavar": "NOUVELLE-CLÉ"})],
    ),
    "case erase": (
        "case:case_erase",
        "efface un télédossier, sans retour",
        [
            ("number", {"metavar": "NUMÉRO"}),
            ("--reason", {"metavar": "RAISON", "required": True, "help": reasons_in_words()}),
            AS_ADMINISTRATOR,
        ],
    ),
    "repair reassign": (
        "repair:reassign",
        "donne à une autre équipe ou à un autre expert une demande que plus personne ne suit",
        [
            ("number", {"metavar": "NUMÉRO"}),
            ("--team", {"metavar": "ÉQUIPE", "default": "", "help": "son nom, ou celui de sa structure"}),
            ("--expert", {"metavar": "ADRESSE", "default": "", "help": "adresse de l’expert"}),
            *REPAIRING,
        ],
    ),
    "repair resend": (
        "repair:resend",
        "renvoie les notifications et courriels d’une demande qui ne sont arrivés nulle part",
        [("number", {"metavar": "NUMÉRO"}), *REPAIRING],
    ),
    "repair replay": (
        "repair:replay",
        "relance ce que le programme de fond a abandonné",
        [
            ("number", {"metavar": "NUMÉRO", "nargs": "?", "default": "", "help": "d’une seule demande"}),
            ("--kind", {"metavar": "SORTE", "default": "", "help": "pictures, ou le nom d’une échéance"}),
            *REPAIRING,
        ],
    ),
    "backup": (
        "backup:backup",
        "sauvegarde la base puis les photographies, pendant que le service travaille",
        [
            ("destination", {"metavar": "ADRESSE", "help": "un dossier, ou s3://…"}),
            BACKUP_KEY,
            ("--keep", {"type": positive, "metavar": "N", "help": "ne garde que les N plus récentes"}),
        ],
    ),
    "backup verify": (
        "backup:backup_verify",
        "ouvre tout ce qu’une sauvegarde contient et compare",
        [("source", {"metavar": "ADRESSE"}), BACKUP_KEY, WHICH_BACKUP],
    ),
    "restore": (
        "backup:restore",
        "restaure une sauvegarde dans une base vide",
        [("source", {"metavar": "ADRESSE"}), BACKUP_KEY, WHICH_BACKUP],
    ),
    "audit seal": ("audit:audit_seal", "scelle l’audit tout de suite", []),
    "audit verify": (
        "audit:audit_verify",
        "dit si l’audit a été changé, et où",
        [
            (
                "--witness",
                {
                    "type": Path,
                    "metavar": "FICHIER",
                    "help": "ce que le témoin a gardé ; sinon celui des réglages",
                },
            )
        ],
    ),
    "demonstration load": ("demonstration:demonstration_load", "charge la démonstration", []),
    "demonstration accounts": ("demonstration:demonstration_accounts", "montre ses comptes", []),
    "code": (
        "demonstration:code",
        "code actuel d’un compte de démonstration",
        [("name", {"metavar": "NOM", "help": "adresse, ou partie du nom"})],
    ),
    "admin create": (
        "admin:admin_create",
        "invite un administrateur, le premier compris",
        [
            *NEWCOMER,
            ("--network", {"metavar": "NOM", "default": "", "help": "le réseau, créé s’il est nouveau"}),
            ("--organization", {"metavar": "NOM", "default": "", "help": "l’organisme qui l’administre"}),
        ],
    ),
    "admin invite": (
        "admin:admin_invite",
        "invite une personne dans une structure",
        [
            *NEWCOMER,
            ("--organization", {"metavar": "NOM", "required": True, "help": "la structure"}),
            ("--role", {"metavar": "RÔLE", "required": True, "type": role_of, "help": roles_in_words()}),
        ],
    ),
    "admin revoke": ("admin:admin_revoke", "ferme un compte", [ADDRESS]),
    "admin reset-factor": (
        "admin:admin_reset_factor",
        "second facteur perdu : un administrateur demande, un autre accepte",
        [
            ADDRESS,
            AS_ADMINISTRATOR,
        ],
    ),
}
"""Name → (module of ``dermavis.commands`` and function, what it does, arguments)."""


FAMILIES = {
    "admin": "les personnes",
    "lan": "un téléphone du réseau local",
    "keys": "la clé maîtresse, la clé de sauvegarde",
    "case": "un télédossier",
    "repair": "réparer à la main, sous un nom et une raison",
    "audit": "qui a fait et lu quoi, sous sceau",
    "demonstration": "les comptes et demandes d’essai",
}


class Parser(argparse.ArgumentParser):
    """Speaks French where argparse would not."""

    def format_usage(self) -> str:
        """Return how the command is typed."""
        return super().format_usage().replace("usage: ", "Usage : ", 1)

    def format_help(self) -> str:
        """Return all that there is to say."""
        return super().format_help().replace("usage: ", "Usage : ", 1)

    def error(self, message: str) -> NoReturn:
        """Say what is to be typed, and leave."""
        self.exit(
            2,
            f"Commande incomplète ou inconnue.\n{self.format_usage()}Tout est dit par « bin/dermavis --help ».\n",
        )


def main(arguments: list[str] | None = None) -> int:
    """Run one command. A refusal is printed in words; the exit code tells whether it went well."""
    options = _parser().parse_args(_joined(sys.argv[1:] if arguments is None else arguments))
    module, function = options.run.split(":")
    try:
        return int(getattr(importlib.import_module(f"dermavis.commands.{module}"), function)(options))
    except SettingsRefused as refused:
        print(refused, file=sys.stderr)
    except InvalidInput as refusal:
        print("\n".join(refusal.errors.values()) or refusal.message, file=sys.stderr)
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def _joined(arguments: list[str]) -> list[str]:
    """Make one word of two where the first alone is a command as well: ``backup`` and ``backup verify``."""
    two = " ".join(arguments[:2])
    if len(arguments) > 1 and arguments[0] in COMMANDS and two in COMMANDS:
        return [two, *arguments[2:]]
    return arguments


def _parser() -> Parser:
    parser = Parser(prog="bin/dermavis", description="DermAvis, côté exploitation.", add_help=False)
    _add_help(parser)
    groups = {"": parser.add_subparsers(title="commandes", metavar="COMMANDE", required=True)}
    for name, (run, meaning, arguments) in COMMANDS.items():
        group, _, last = name.rpartition(" ")
        if group in COMMANDS:
            group, last = "", name
        if group not in groups:
            family = groups[""].add_parser(group, add_help=False, help=FAMILIES[group])
            _add_help(family)
            groups[group] = family.add_subparsers(title="commandes", metavar="COMMANDE", required=True)
        command = groups[group].add_parser(last, add_help=False, help=meaning, description=meaning)
        _add_help(command)
        for argument, more in arguments:
            command.add_argument(argument, **more)  # type: ignore[arg-type]
        command.set_defaults(run=run)
    return parser


def _add_help(parser: Parser) -> None:
    parser._optionals.title = "options"
    parser._positionals.title = "arguments"
    parser.add_argument("-h", "--help", action="help", help="montre cette aide")


if __name__ == "__main__":
    sys.exit(main())
