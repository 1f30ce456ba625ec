"""Which passwords are accepted."""

from __future__ import annotations

import time

import pytest

from dermavis.domain.passwords import weakness
from dermavis.services import passwords

OWN = ("Camille", "Durand-Petit", "camille.durand@example.org", "Maison de santé des Tilleuls")


@pytest.mark.parametrize(
    "password",
    [
        "une lampe sous la pluie 7",
        "le vélo bleu grince",
        "Tilleul-vert-9 chats",
        "kX9#vw!q2Lpz",
        "ça coûte 3 œufs",
        "soleil cheval chocolat neige",
        "Durand mange 12 cerises noires",
    ],
)
def test_a_phrase_or_a_drawn_password_is_accepted(password: str) -> None:
    assert weakness(password, OWN) is None


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("court", "il en manque 7"),
        ("onze signes", "il en manque 1"),
        ("x" * 201, "200 caractères au plus"),
        ("aaaaaaaaaaaa", "se répètent"),
        ("121212121212", "se répètent"),
        ("123456789012", "se suivent"),
        ("abcdefghijklm", "se suivent"),
        ("motdepasse123", "courant"),
        ("Mot de passe 2026", "courant"),
        ("M0td3p@sse2024!", "courant"),
        ("Marseille2024!!", "courant"),
        ("azertyuiop123", "courant"),
        ("bonjourbonjour", "courant"),
        ("839201748392", "courant"),
        ("camilledurand", "votre nom"),
        ("Camille.Durand1", "votre nom"),
        ("C@m1lle-Durand", "votre nom"),
        ("tilleuls durand", "votre nom"),
    ],
)
def test_a_short_common_or_own_password_is_refused_in_words(password: str, words: str) -> None:
    assert words in (weakness(password, OWN) or "")


def test_the_same_accent_typed_on_two_keyboards_is_the_same_password() -> None:
    kept = passwords.hashed("le ve\u0301lo bleu grince")

    assert passwords.matches(kept, "le v\u00e9lo bleu grince")
    assert not passwords.matches(kept, "le velo bleu grince")


def test_passwords_are_hashed_by_argon2id_with_46_mib() -> None:
    kept = passwords.hashed("une lampe sous la pluie 7")

    assert kept.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert not passwords.is_outdated(kept)
    assert passwords.is_outdated(kept.replace("m=47104", "m=8192"))


def test_without_an_account_the_same_work_is_done_and_the_answer_is_no() -> None:
    kept = passwords.hashed("une lampe sous la pluie 7")
    passwords.matches("", "warm up")

    def cost(password_hash: str) -> float:
        started = time.process_time()
        for _ in range(3):
            assert not passwords.matches(password_hash, "nobody's password?")
        return time.process_time() - started

    with_account, without = cost(kept), cost("")
    assert 0.4 < without / with_account < 2.5
    assert not passwords.matches("", "nobody's password")


def test_a_damaged_hash_lets_nobody_in() -> None:
    assert not passwords.matches("$argon2id$nonsense", "une lampe sous la pluie 7")
