"""Specialty files on disk: those of the package, and those that a folder of the installation adds."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from dermavis.domain.coding import Diagnosis, parse_codes
from dermavis.domain.specialty import Specialty, SpecialtyError, parse

CODE_LIST = "cim10.toml"


def load_specialties(extra: Path | None = None) -> dict[str, Specialty]:
    """Every specialty by its id, in its newest version, and every version read under `id@version`.

    A file of `extra` adds a specialty, or another version of one: cases keep the version they were made with, so
    an older file stays beside the new one (`dermatology-1.toml`). Raises SpecialtyError on the first faulty file,
    and when two files give the same version of one specialty.
    """
    found: dict[str, Specialty] = {}
    for name, text in _texts(extra):
        specialty = _parsed(text, name)
        version = f"{specialty.id}@{specialty.version}"
        if version in found:
            raise SpecialtyError(name, 1, f"«\u00a0{version}\u00a0» est déjà dans un autre fichier")
        found[version] = specialty
        known = found.get(specialty.id)
        if known is None or known.version < specialty.version:
            found[specialty.id] = specialty
    return found


def load_specialty(specialty_id: str, extra: Path | None = None) -> Specialty:
    """One specialty by `id`, or by `id@version`. Raises KeyError when no file describes it."""
    return load_specialties(extra)[specialty_id]


def load_codes() -> tuple[Diagnosis, ...]:
    """The packaged list of CIM-10 diagnoses. Raises CodesError when it is faulty."""
    return _parsed_codes(_packaged(CODE_LIST))


_parsed, _parsed_codes = cache(parse), cache(parse_codes)
"""A text is read once in a process, whoever asks: what it gives is never changed."""


def _texts(extra: Path | None) -> list[tuple[str, str]]:
    packaged = [file.name for file in files("dermavis").joinpath("specialties").iterdir()]
    texts = [(name, _packaged(name)) for name in sorted(packaged) if _is_specialty(name)]
    for path in sorted(extra.iterdir()) if extra else ():
        if _is_specialty(path.name):
            texts.append((path.name, path.read_text(encoding="utf-8")))
    return texts


def _is_specialty(name: str) -> bool:
    return name.endswith(".toml") and name != CODE_LIST


def _packaged(name: str) -> str:
    return files("dermavis").joinpath("specialties", name).read_text(encoding="utf-8")
