"""The headers that bound what a page may do and who may keep it. Each is tested in ``tests/security``."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-src 'none'",
        "frame-ancestors 'none'",
    )
)
"""Own scripts and styles only, none inline. ``blob:`` shows a picture that has not left the phone."""

PERMISSIONS_POLICY = ", ".join(
    (
        "camera=(self)",
        "clipboard-write=(self)",
        "fullscreen=(self)",
        "publickey-credentials-get=(self)",
        "publickey-credentials-create=(self)",
        "screen-wake-lock=(self)",
        "accelerometer=()",
        "browsing-topics=()",
        "display-capture=()",
        "geolocation=()",
        "gyroscope=()",
        "magnetometer=()",
        "microphone=()",
        "midi=()",
        "payment=()",
        "serial=()",
        "usb=()",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": PERMISSIONS_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
STATIC_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""A static file is no page: what bounds a page would weigh as much as a small script does."""

STRICT_TRANSPORT = "max-age=63072000; includeSubDomains"


def register(app: Flask) -> None:
    """Set the headers on every answer that does not bring its own."""
    app.after_request(secure)


def secure(response: Response) -> Response:
    """Add the security headers; keep everything but static files out of every cache."""
    wanted = STATIC_HEADERS if request.endpoint == "static" else HEADERS
    if _https():
        wanted = wanted | {"Strict-Transport-Security": STRICT_TRANSPORT}
    brought = {name.lower() for name, _ in response.headers}
    for name, value in (wanted | {"Cache-Control": "no-store"}).items():
        if name.lower() not in brought:
            response.headers.add(name, value)
    if request.endpoint != "static":
        # One address answers a page or the part that htmx swaps.
        response.vary.add("HX-Request")
    return response


def _https() -> bool:
    """Whether people reach the application by HTTPS: its configured origin says so, not this one request."""
    system = current_app.extensions.get("dermavis")
    if system is not None:
        return bool(system.settings.https)
    return str(current_app.config.get("ORIGIN", "")).startswith("https://")
