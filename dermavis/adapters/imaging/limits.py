"""What one child process may use for one picture: 50 Mpx cost 493 MB at worst, and seconds."""

from __future__ import annotations

from typing import Final

MEMORY_BYTES: Final = 700 * 1024 * 1024
PROCESSOR_SECONDS: Final = 30
WALL_SECONDS: Final = 60
OPEN_FILES: Final = 64
