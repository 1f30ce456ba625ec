"""What a file is, by its first bytes: a name and a declared type may lie."""

from __future__ import annotations

from typing import Final

from dermavis.domain.pictures import refusal

_HEIF_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_UNSUPPORTED: Final = (
    b"GIF8", b"BM", b"II*\0", b"MM\0*", b"8BPS", b"\0\0\1\0", b"\0\0\0\x0cjP", b"\xff\x4f\xff\x51", b"\1\xda",
    b"DDS ", b"BLP", b"\xff\x0a", b"\0\0\0\x0cJXL",
)  # fmt: skip
_DOCUMENTS: Final = (b"%PDF", b"<", b"PK\3\4", b"\xd0\xcf\x11\xe0", b"{\\rtf")


def recognise(content: bytes) -> str:
    """Return ``jpeg``, ``png``, ``webp`` or ``heic``. Raises PictureRefused for anything else."""
    if not content:
        raise refusal("empty")
    if content.startswith(b"\xff\xd8"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content[:4] == b"RIFF":
        if content[8:12] == b"WEBP":
            return "webp"
        raise refusal("video")
    if content[4:8] == b"ftyp":
        return _recognise_boxes(content)
    if content.startswith(_UNSUPPORTED):
        raise refusal("unsupported")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_DOCUMENTS):
        raise refusal("document")
    raise refusal("not_a_picture")


def _recognise_boxes(content: bytes) -> str:
    """Tell HEIC from AVIF and from films, which share the container."""
    size = min(int.from_bytes(content[:4], "big"), len(content), 512)
    major, others = content[8:12], {content[i : i + 4] for i in range(16, size - 3, 4)}
    if major in _HEIF_BRANDS or (major in {b"mif1", b"msf1"} and others & _HEIF_BRANDS):
        return "heic"
    if major in {b"avif", b"avis", b"mif1", b"msf1"}:
        raise refusal("unsupported")
    raise refusal("video")
