"""The outside witness: its line, the file and the letter that keep it, and what cannot be one."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from dermavis.adapters.mail_message import encoded_words
from dermavis.adapters.witness import FileWitness, MailWitness, WitnessRefused, open_witness
from dermavis.bootstrap import build
from dermavis.domain.audit_seal import leaf_hash, sealed
from dermavis.domain.audit_witness import Attested, attested_in, witness_letter, witness_line
from dermavis.domain.ports import DeliveryFailed, Mail
from dermavis.settings import Settings, SettingsRefused
from tests.clock import START

SEAL = sealed(sealed(None, 1, 339, [], START), 340, 367, [leaf_hash(b"a")], START)
LINE = witness_line(SEAL)
ATTESTED = Attested(2, 367, "2026-03-12T09:00:00", SEAL.head)


class Letters:
    """A mail sender that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    def send(self, mail: Mail) -> None:
        """Keep it."""
        self.sent.append(mail)


def test_a_line_is_read_back_whatever_stands_around_it() -> None:
    folded = LINE.replace(" ", "\n> ", 2)
    assert list(attested_in(LINE)) == [ATTESTED]
    assert list(attested_in(f"Bonjour,\r\n\r\n> {folded}\r\n\r\nDermAvis")) == [ATTESTED]
    assert list(attested_in(f"{LINE}\n{LINE}\n")) == [ATTESTED, ATTESTED]


@pytest.mark.parametrize(
    "text", ["", "Bonjour", LINE[:-1], LINE + "0", LINE.replace("-audit", ""), LINE.replace(" 340-", " -")]
)
def test_what_is_no_whole_line_is_passed_over(text: str) -> None:
    assert list(attested_in(f"{text}\n{LINE}\n")) == [ATTESTED]


def test_a_file_only_grows_and_is_its_owners_alone(tmp_path: Path) -> None:
    witness = FileWitness(tmp_path / "témoin.txt")
    witness.remember(LINE)
    witness.remember(LINE.replace(" 2 ", " 3 "))
    assert [line.number for line in attested_in(witness.path.read_text("utf-8"))] == [2, 3]
    assert stat.S_IMODE(witness.path.stat().st_mode) == 0o600


def test_a_line_that_was_cut_does_not_swallow_the_next(tmp_path: Path) -> None:
    witness = FileWitness(tmp_path / "witness.txt")
    witness.path.write_text(LINE[:-20])
    witness.remember(LINE)
    assert witness.path.read_text().splitlines() == [LINE[:-20], LINE]
    assert list(attested_in(witness.path.read_text())) == [ATTESTED]


def test_a_folder_that_is_not_there_fails_for_now_and_is_not_made(tmp_path: Path) -> None:
    witness = FileWitness(tmp_path / "share" / "witness.txt")
    with pytest.raises(DeliveryFailed):
        witness.remember(LINE)
    with pytest.raises(OSError, match="share"):
        witness.try_out()
    assert not (tmp_path / "share").exists()
    (tmp_path / "share").mkdir()
    witness.try_out()
    assert witness.path.read_text() == ""
    witness.remember(LINE)
    assert witness.path.read_text() == f"{LINE}\n"


def test_a_letter_holds_the_line_and_its_subject_is_plain_to_send(tmp_path: Path) -> None:
    letters = Letters()
    witness = open_witness("mailto:dpo@example.fr", tmp_path, letters)
    assert isinstance(witness, MailWitness)
    witness.remember(LINE)
    (letter,) = letters.sent
    assert letter.to == "dpo@example.fr"
    assert list(attested_in(letter.text)) == [ATTESTED]
    assert letter.subject == witness_letter(LINE)[0] == "Témoin de l’audit · sceau n°\u00a02"
    assert encoded_words(letter.subject)


def test_no_setting_is_no_witness_and_a_path_may_have_blanks_and_accents(tmp_path: Path) -> None:
    assert open_witness("", tmp_path, Letters()) is None
    elsewhere = tmp_path / "Témoin de l’audit.txt"
    witness = open_witness(elsewhere.as_uri(), tmp_path / "var", Letters())
    assert isinstance(witness, FileWitness)
    assert witness.path == elsewhere


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/srv/temoin.txt", "s’écrit file:///"),
        ("file:temoin.txt", "s’écrit file:///"),
        ("file://serveur/temoin.txt", "s’écrit file:///"),
        ("https://example.fr/temoin", "s’écrit file:///"),
        ("file://[serveur/temoin.txt", "s’écrit file:///"),
        ("file:///temoin%00.txt", "s’écrit file:///"),
        ("mailto:", "n’est pas une adresse"),
        ("mailto:dpo", "n’est pas une adresse"),
        ("mailto:a@example.fr,b@example.fr", "n’est pas une adresse"),
        ("file://{here}", "désigne un dossier"),
        ("file://{data}/temoin.txt", "est dans DATA_DIR"),
        ("file://{data}/../var/temoin.txt", "est dans DATA_DIR"),
    ],
)
def test_what_cannot_be_a_witness_is_refused_in_words(tmp_path: Path, url: str, words: str) -> None:
    data = tmp_path / "var"
    data.mkdir()
    named = url.format(here=tmp_path, data=data)
    with pytest.raises(WitnessRefused, match=words):
        open_witness(named, data, Letters())
    settings = Settings.from_environment(
        {"DERMAVIS_ENV": "test", "DATA_DIR": str(data), "AUDIT_WITNESS": named}
    )
    with pytest.raises(SettingsRefused, match=words):
        build(settings)
