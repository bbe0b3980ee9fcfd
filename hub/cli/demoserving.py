"""The end of the demo: its pages, served until Ctrl-C, with an address for each role."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hub.cli.demotime import PRESENT
from hub.cli.serving import answer_until
from hub.cli.stopping import Stop
from hub.errors import Usage

if TYPE_CHECKING:
    from pathlib import Path

    from hub.cli.output import Output
    from hub.settings import Settings
    from hub.wiring.localissuer import Opened

_LOG = "serve.log"


def serve_demo(settings: Settings, folder: Path, person_id: str | None, output: Output) -> None:
    """Serve the demo's pages on this machine until Ctrl-C; another port is taken where the usual one is.

    Raises:
        Usage: they cannot be served.
    """
    alone = {"api_host": "127.0.0.1", "oidc_issuer": None, "web_url": None, "names_dir": None}
    settings = settings.model_copy(update=alone)
    try:
        _serve(settings, folder, person_id, output)
    except Usage:
        if not settings.api_port:
            raise
        _serve(settings.model_copy(update={"api_port": 0}), folder, person_id, output)
    output.line(f"\nStopped. The region stays in {folder}, and the last command above opens its pages again.")


def _serve(settings: Settings, folder: Path, person_id: str | None, output: Output) -> None:
    with Stop() as stop, (folder / _LOG).open("a", encoding="utf-8") as stream:
        answer_until(stop, settings, lambda found: _tell(found, person_id, folder, output), PRESENT, stream)


def _tell(found: Opened, person_id: str | None, folder: Path, output: Output) -> None:
    from rich.rule import Rule
    from rich.text import Text

    output.screen(Rule(Text("The pages are open, until Ctrl-C", style="bold"), align="left"))
    output.line(f"Log in as whoever you choose, without a password, at {found.url}, or:")
    width = max(len(login.title) for login in found.logins)
    for login in found.logins:
        output.line(f"  {login.title:<{width}}  {login.url}")
    # Addresses are not laid out: a terminal opens one only where it stands in one line.
    if person_id is not None:
        output.line("Begin here, with one person's pathway as their adviser sees it:")
        output.line(f"  {found.logins[0].url}&retour=/parcours/{person_id}")
    output.line(f"Requests are logged in {folder / _LOG}.")
    sys.stdout.flush()
