"""What every table of a specialty file is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Wording = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """A table of the file: no unknown key, no silent conversion, no change once read."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Choice(Part):
    """One possible answer. `phrase` is how it reads inside a sentence; the label serves when empty."""

    id: Id
    label: Wording
    phrase: str = ""
