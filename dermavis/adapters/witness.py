"""The outside witness of the audit: a file elsewhere, or the mail of somebody who does not run the database."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dermavis.adapters.durable import sync_folder
from dermavis.adapters.mail_message import deliverable_address
from dermavis.domain.audit_witness import witness_letter
from dermavis.domain.ports import DeliveryFailed, DeliveryRefused, Mail, MailSender, Witness

EXPECTED = (
    "AUDIT_WITNESS s’écrit file:///dossier/temoin.txt (un fichier hors de cette machine, ou d’un autre compte) ou "
    "mailto:adresse@example.fr."
)


class WitnessRefused(ValueError):
    """AUDIT_WITNESS names nothing that can be a witness; the message tells what is expected."""


class FileWitness:
    """A file that only grows. The folder must be there: a share that is not mounted is no witness."""

    every = timedelta(0)

    def __init__(self, path: Path) -> None:
        self.path = path

    def remember(self, line: str) -> None:
        """Add the line, on the disk when this returns. Raises DeliveryFailed."""
        try:
            # A line that a power cut left unfinished must not swallow this one.
            before = "" if _ends_well(self.path) else "\n"
            self._append(f"{before}{line}\n".encode("ascii"))
        except OSError as error:
            raise DeliveryFailed(f"{type(error).__name__} {error.errno}") from None

    def try_out(self) -> None:
        """Do all that a line wants, without one. Raises OSError."""
        self._append(b"")

    def _append(self, content: bytes) -> None:
        is_new = not self.path.exists()
        with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self.path.parent)


class MailWitness:
    """A letter an hour at most: who keeps them keeps the witness."""

    every = timedelta(hours=1)

    def __init__(self, mail: MailSender, address: str) -> None:
        self._mail = mail
        self._address = address

    def remember(self, line: str) -> None:
        """Hand the letter over. Raises DeliveryFailed or DeliveryRefused."""
        self._mail.send(Mail(self._address, *witness_letter(line)))


def open_witness(url: str, data_dir: Path, mail: MailSender) -> Witness | None:
    """Return the witness that a setting names, None for an empty one. Raises WitnessRefused, in words."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        raise WitnessRefused(EXPECTED) from None
    named = unquote(parts.path)
    if parts.scheme == "mailto":
        return MailWitness(mail, _address(named))
    path = Path(named)
    if parts.scheme != "file" or parts.netloc or not path.is_absolute() or "\0" in named:
        raise WitnessRefused(EXPECTED)
    if os.path.isdir(path):  # Path.is_dir() raises where a folder above may not be entered
        raise WitnessRefused(f"AUDIT_WITNESS désigne un dossier\u00a0: «\u00a0{path}\u00a0». {EXPECTED}")
    if path.resolve().is_relative_to(data_dir.resolve()):
        raise WitnessRefused(
            "AUDIT_WITNESS est dans DATA_DIR, à côté de ce dont il témoigne\u00a0: "
            "choisissez un lieu que l’on n’atteint pas avec la base."
        )
    return FileWitness(path)


def _address(text: str) -> str:
    try:
        return deliverable_address(text)
    except DeliveryRefused:
        raise WitnessRefused(
            f"AUDIT_WITNESS\u00a0: «\u00a0{text}\u00a0» n’est pas une adresse. {EXPECTED}"
        ) from None


def _ends_well(path: Path) -> bool:
    """Whether the next line may simply follow: there is no file yet, or its last line has its end."""
    if not path.exists() or path.stat().st_size == 0:
        return True
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
