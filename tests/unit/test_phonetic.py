"""Names that sound alike in French share their phonetic key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.phonetic import phonetic_key
from dermavis.domain.text import normalise_name

ALIKE = [
    ("Thévenin", "Tevenain"),
    ("Gauthier", "Gautié"),
    ("Lefèvre", "Lefaivre"),
    ("Lefèvre", "Lefebvre"),
    ("Dupont", "Dupond"),
    ("Philippe", "Filip"),
    ("Chauveau", "Chauvot"),
    ("Marchand", "Marchant"),
    ("Guyonnet", "Guionet"),
    ("Saint-Martin", "St Martin"),
    ("Sagna", "Sania"),
    ("Lambert", "Lembert"),
    ("Renaud", "Renault"),
    ("Kerbrat", "Querbra"),
    ("Hennequin", "Ennekin"),
    ("Œuvrard", "Euvrard"),
    ("Jean", "Jan"),
    ("Moreau", "Moro"),
    ("Girard", "Jirar"),
    ("Hubert", "Ubert"),
    ("Blanc", "Blan"),
    ("D’Aubigné", "Daubigner"),
]

APART = [
    ("Martin", "Morin"),
    ("Girard", "Guérard"),
    ("Bernard", "Renard"),
    ("Petit", "Poulet"),
    ("Roux", "Roy"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_that_sound_alike_share_a_key(one: str, other: str) -> None:
    assert phonetic_key(one) == phonetic_key(other) != ""


@pytest.mark.parametrize(("one", "other"), APART)
def test_names_that_sound_different_do_not(one: str, other: str) -> None:
    assert phonetic_key(one) != phonetic_key(other)


def test_a_name_of_one_letter_is_its_own_key() -> None:
    assert phonetic_key("Ÿ") == "y"


def test_a_name_without_letters_has_no_key() -> None:
    assert phonetic_key(" -’ ") == ""
    assert phonetic_key("%_") == ""


@given(st.text(max_size=60))
def test_a_key_is_short_stable_and_there_when_the_name_has_letters(name: str) -> None:
    key = phonetic_key(name)
    assert len(key) <= 16
    assert bool(key) == bool(normalise_name(name))
    assert key == phonetic_key(name.upper()) or normalise_name(name) != normalise_name(name.upper())
