"""What only a demonstration has: the letters that would have been mailed. Anybody may open them; nothing is real."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template

from blueprints.entrance.current import system
from blueprints.entrance.login import public
from dermavis.domain.wording import ago_words
from dermavis.services.mailbox import kept_letter, kept_letters, with_links

blueprint = Blueprint("demonstration", __name__, url_prefix="/demonstration")

ZONE = "Europe/Paris"


def register(app: Flask) -> None:
    """Install the pages."""
    app.register_blueprint(blueprint)


@blueprint.get("/mailbox")
@public
def mailbox() -> str:
    """Show the letters, newest first."""
    now = system().clock.now()
    letters = kept_letters(system())
    shown = [(letter, ago_words(letter.sent_at, now, ZONE, with_hour=True)) for letter in letters]
    return render_template("pages/demonstration/mailbox.html", shown=shown)


@blueprint.get("/mailbox/<letter_id>")
@public
def letter(letter_id: str) -> str:
    """Show one letter."""
    found = kept_letter(system(), letter_id)
    paragraphs = [
        [with_links(line) for line in block.split("\n")]
        for block in found.text.strip().split("\n\n")
        if block.strip()
    ]
    when = ago_words(found.sent_at, system().clock.now(), ZONE, with_hour=True)
    return render_template("pages/demonstration/letter.html", letter=found, paragraphs=paragraphs, when=when)
