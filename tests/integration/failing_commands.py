"""Commands that fail, as the shell sees them."""

from __future__ import annotations

from tests.integration.commands import Ran
from tests.unit.pathway.builders import FT

CASE = "/".join(FT)


def expect(ran: Ran, code: str, advice: str, exit_code: int = 1) -> None:
    """Expect one line on stderr with this code and this advice."""
    assert ran.code == exit_code, ran
    assert ran.err.startswith(f"error[{code}]: "), ran.err
    assert advice in ran.err
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
    assert ran.out == ""
