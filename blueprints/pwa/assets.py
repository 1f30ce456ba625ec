"""Static files, read once when the application starts and served under one release.

Every address carries the release, a hash of all files together: ``/static/<release>/js/app.js``. What stands under it
never changes, so browsers keep it for a year; a page of an earlier release still finds its files, in today's form,
which no browser keeps under that address: the earlier release may come back.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Response, abort, current_app, request

from blueprints.entrance.login import public
from blueprints.pwa.stylesheet import join

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    "": "text/plain; charset=utf-8",
}
COMPRESSIBLE = ("text/", "image/svg+xml", "application/json", "application/wasm")
YEAR = 365 * 24 * 3600
JOINED = "css/app.css"
WASM_WORKERS = frozenset({"js/scan/worker.js", "js/camera/card-worker.js"})
"""Workers that compile WebAssembly: each is bound by the policy of its own script, so no page needs more."""

WASM_POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; frame-ancestors 'none'"


@dataclass(frozen=True)
class StaticFile:
    """One file: its bytes, the same compressed where that helps, its type and its hash."""

    content: bytes
    compressed: bytes | None
    media_type: str
    digest: str


class Assets:
    """All static files of a folder, in memory."""

    def __init__(self, root: Path) -> None:
        """Read the folder; ``css/app.css`` becomes the joined style sheet. Raises FileNotFoundError without it."""
        self.files = {
            path.relative_to(root).as_posix(): _read(path, root)
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }
        if JOINED not in self.files:
            raise FileNotFoundError(root / JOINED)
        everything = hashlib.sha256()
        for name, file in self.files.items():
            everything.update(f"{name} {file.digest}\n".encode())
        self.release = everything.hexdigest()[:12]

    def url(self, path: str) -> str:
        """Return the address of a file, for templates: ``asset('css/app.css')``. Raises KeyError for an unknown one."""
        if path not in self.files:
            raise KeyError(f"no static file {path}")
        return f"/static/{self.release}/{path}"


def _read(path: Path, root: Path) -> StaticFile:
    content = join(path).encode() if path == root / JOINED else path.read_bytes()
    media_type = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    compressed = gzip.compress(content, 9, mtime=0) if media_type.startswith(COMPRESSIBLE) else None
    if compressed is not None and len(compressed) >= len(content):
        compressed = None
    return StaticFile(content, compressed, media_type, hashlib.sha256(content).hexdigest())


@public
def serve(release: str, path: str) -> Response:
    """Answer ``/static/<release>/<path>``; any release finds the current file."""
    assets: Assets = current_app.extensions["assets"]
    file = assets.files.get(path)
    if file is None:
        abort(404)
    packed = file.compressed is not None and request.accept_encodings["gzip"] > 0
    response = Response(file.compressed if packed else file.content, content_type=file.media_type)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    if file.compressed is not None:
        response.vary.add("Accept-Encoding")
    lasting = f"public, max-age={YEAR}, immutable"
    response.headers["Cache-Control"] = lasting if release == assets.release else "no-cache"
    if path in WASM_WORKERS:
        response.headers["Content-Security-Policy"] = WASM_POLICY
    response.set_etag(f"{file.digest[:20]}{'-gzip' if packed else ''}")
    return response.make_conditional(request)
