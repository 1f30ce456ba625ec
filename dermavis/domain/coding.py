"""Diagnoses coded in CIM-10 (ICD-10): the list, a forgiving search, and the code that may leave."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dermavis.domain.text import plain

UNCERTAIN_SKIN_TUMOUR = "D48.5"
"""WHO's code of a skin tumour whose behaviour is not known."""

_SKIN_CANCERS = ("C43", "C44", "D03", "D04")
_CANCER = re.compile(r"C\d\d|D0\d")
_CODE = re.compile(r"[A-Z]\d\d(\.\d)?")
_SIGNS = re.compile(r"[^\w\s-]|_")
_HYPHENS = re.compile(r"[-\u2010-\u2015\u2212]")
_SMALL_WORDS = frozenset(
    ("a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "par", "sur", "un", "une")
)
_FORGIVEN_FROM = (4, 8)
"""Letters a typed word must have for one, then two, typing errors to be forgiven."""
_FEW = 3
"""Under so many exact answers, those with a typing error are looked for too."""


class CodesError(ValueError):
    """A list of codes that cannot be used; the message, in French, names the row."""


@dataclass(frozen=True)
class Diagnosis:
    """A code of CIM-10 with a French label of ours and the words under which people look for it."""

    code: str
    label: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Index:
    """`words`: each beginning of each word → rank of a diagnosis → points; `entire`: the words themselves;
    `lengths`: the beginnings by length, each with the set of its letters.
    """

    words: dict[str, dict[int, int]]
    entire: frozenset[str]
    lengths: dict[int, list[tuple[int, str]]]


def parse_codes(text: str) -> tuple[Diagnosis, ...]:
    """Reads a TOML list of `[[codes]]`. Raises CodesError on a faulty row, in words."""
    try:
        rows = tomllib.loads(text).get("codes", [])
    except tomllib.TOMLDecodeError as error:
        raise CodesError(f"La liste des codes n’est pas du TOML\u00a0: {error}") from error
    if not isinstance(rows, list):
        raise CodesError("La liste des codes est une suite de [[codes]].")
    diagnoses = tuple(_diagnosis(rank, row) for rank, row in enumerate(rows, start=1))
    labels = [plain(diagnosis.label) for diagnosis in diagnoses]
    for diagnosis in diagnoses:
        if labels.count(plain(diagnosis.label)) > 1:
            raise CodesError(f"Le libellé «\u00a0{diagnosis.label}\u00a0» est donné deux fois.")
    return diagnoses


def _diagnosis(rank: int, row: object) -> Diagnosis:
    if not isinstance(row, dict) or set(row) - {"code", "label", "synonyms"}:
        raise CodesError(f"Code n°\u00a0{rank}\u00a0: seuls code, label et synonyms sont permis.")
    code, label, synonyms = row.get("code"), row.get("label"), row.get("synonyms", [])
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise CodesError(f"Code n°\u00a0{rank}\u00a0: un code s’écrit comme L40.0 ou B86.")
    if not isinstance(label, str) or not label.strip():
        raise CodesError(f"{code}\u00a0: il manque le libellé.")
    if not isinstance(synonyms, list) or not all(isinstance(word, str) for word in synonyms):
        raise CodesError(f"{code}\u00a0: les synonymes sont une liste de textes.")
    return Diagnosis(code, label, tuple(synonyms))


def exported_code(code: str, certainty: str | None) -> str:
    """The code that may leave DermAvis for this diagnosis.

    A suspicion is never told as a proven cancer: unless the certainty is `certain`, a skin cancer leaves as
    D48.5 (behaviour unknown) and any other cancer without a code; the certainty travels beside it. Every other
    code leaves as it is.
    """
    if certainty == "certain" or not _CANCER.match(code):
        return code
    return UNCERTAIN_SKIN_TUMOUR if code.startswith(_SKIN_CANCERS) else ""


def label_of(codes: tuple[Diagnosis, ...], code: str) -> str:
    """The label of the first diagnosis of this code; empty when the list does not hold it."""
    return next((diagnosis.label for diagnosis in codes if diagnosis.code == code), "")


def search(codes: tuple[Diagnosis, ...], words: str, limit: int = 8) -> list[Diagnosis]:
    """The diagnoses that the words call for, best first; nothing for no word.

    Words may be begun only, in any order, without accents, case, hyphens or apostrophes, and each may hold one
    typing error from four letters on, two from eight on. A code, or its beginning, is a word. All words should
    be found; when no diagnosis has them all, those that have the most are given.
    """
    index = _index(codes)
    found: dict[int, int] = {}
    for typed in _readings(words):
        for rank, points in _found(index, typed).items():
            found[rank] = max(found.get(rank, 0), points)
    order = sorted(found, key=lambda rank: (-found[rank], rank))
    return [codes[rank] for rank in order[: max(0, limit)]]


def _readings(words: str) -> Iterator[list[str]]:
    """A hyphen separates or joins: "kérato-acanthome" is looked for in both ways.

    A last word that may become a small one is waited for: "psoriasis e" still finds "Psoriasis en plaques".
    """
    for typed in [_words_of(words, " "), *([_words_of(words, "")] if _HYPHENS.search(words) else [])]:
        yield typed
        if len(typed) > 1 and any(small.startswith(typed[-1]) for small in _SMALL_WORDS):
            yield typed[:-1]


def _words_of(text: str, hyphen: str) -> list[str]:
    text = re.sub(r"(?<=\d)[.,](?=\d)", "", plain(text))
    words = _SIGNS.sub(" ", _HYPHENS.sub(hyphen, text)).split()
    telling = [word for word in words if word not in _SMALL_WORDS]
    return list(dict.fromkeys(telling or words))


def _found(index: _Index, typed: list[str]) -> dict[int, int]:
    if not typed:
        return {}
    exact = [index.words.get(word, {}) for word in typed]
    whole = _having_all(exact)
    if len(whole) >= _FEW:
        return whole
    near = [
        hits if word in index.entire else {**_near(index, word), **hits}
        for word, hits in zip(typed, exact, strict=True)
    ]
    return whole | {rank: points for rank, points in _having_all(near).items() if rank not in whole} or _most(
        near
    )


def _having_all(hits: list[dict[int, int]]) -> dict[int, int]:
    ranks = set(hits[0]).intersection(*hits[1:])
    return {rank: sum(one[rank] for one in hits) for rank in ranks}


def _most(hits: list[dict[int, int]]) -> dict[int, int]:
    counts = {rank: sum(rank in one for one in hits) for one in hits for rank in one}
    most = max(counts.values(), default=0)
    return {rank: sum(one.get(rank, 0) for one in hits) for rank, count in counts.items() if count == most}


def _near(index: _Index, word: str) -> dict[int, int]:
    """Diagnoses with a word that begins like this one but for a typing error; two when one is not enough."""
    if any(sign.isdigit() for sign in word):
        return {}
    for allowed in range(1, 1 + sum(len(word) >= letters for letters in _FORGIVEN_FROM)):
        near = _within(index, word, allowed)
        if near:
            return near
    return {}


def _within(index: _Index, word: str, allowed: int) -> dict[int, int]:
    marks = _letters(word)
    near: dict[int, int] = {}
    for length in range(len(word) - allowed, len(word) + allowed + 1):
        for other_marks, other in index.lengths.get(length, ()):
            # One error changes at most two letters of the set: a cheap sieve before the real comparison.
            if (marks ^ other_marks).bit_count() <= 2 * allowed and _errors(word, other, allowed) <= allowed:
                near |= dict.fromkeys(index.words[other], -10 * allowed)
    return near


def _letters(word: str) -> int:
    marks = 0
    for sign in word:
        marks |= 1 << (ord(sign) % 64)
    return marks


def _errors(one: str, other: str, allowed: int) -> int:
    """Letters added, lost, replaced or swapped with a neighbour between two words; counted up to `allowed` + 1."""
    same = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    one, other = one[same:], other[same:]
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, sign in enumerate(one, start=1):
        row = [i]
        for j, match in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (sign != match))
            if i > 1 and j > 1 and sign == other[j - 2] and one[i - 2] == match:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > allowed and min(last) > allowed:
            return allowed + 1
        before, last = last, row
    return last[-1]


@lru_cache(maxsize=8)
def _index(codes: tuple[Diagnosis, ...]) -> _Index:
    words: dict[str, dict[int, int]] = {}
    entire: set[str] = set()
    for rank, diagnosis in enumerate(codes):
        for text, worth in _texts(diagnosis):
            spoken = [*_words_of(text, " "), *_words_of(text, "")]
            entire.update(spoken)
            for place, word in enumerate(dict.fromkeys(spoken)):
                for end in range(1, len(word) + 1):
                    points = worth + (12 if end == len(word) else 0) + (4 if place == 0 else 0)
                    ranks = words.setdefault(word[:end], {})
                    ranks[rank] = max(ranks.get(rank, 0), points)
    lengths: dict[int, list[tuple[int, str]]] = {}
    for word in words:
        lengths.setdefault(len(word), []).append((_letters(word), word))
    return _Index(words, frozenset(entire), lengths)


def _texts(diagnosis: Diagnosis) -> Iterator[tuple[str, int]]:
    """What is searched, with its worth: the label before the synonyms, a synonym of one word before a phrase."""
    yield diagnosis.label, 20
    yield diagnosis.code, 20
    for synonym in diagnosis.synonyms:
        yield synonym, 16 if " " not in synonym else 10
