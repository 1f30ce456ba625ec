"""``GET /patient-information``: what patients are told about their data, open to everybody."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template

from blueprints.entrance.login import public

blueprint = Blueprint("information", __name__)


def register(app: Flask) -> None:
    """Install the page."""
    app.register_blueprint(blueprint)


@blueprint.get("/patient-information")
@public
def patient_information() -> str:
    """Show the page."""
    return render_template("pages/patient_information.html")
