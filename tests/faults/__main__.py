"""Runs the faults and prints their table: `python -m tests.faults`, with pytest's options."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.faults.figures import forget, table


class Table:
    """A plugin that prints the table at the end of a run."""

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        assert session.config.cache is not None
        self._folder = session.config.cache.mkdir("faults")
        forget(self._folder)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line("")
        for line in table(self._folder):
            terminalreporter.write_line(line)


if __name__ == "__main__":
    sys.exit(pytest.main([str(Path(__file__).parent), *sys.argv[1:]], plugins=[Table()]))
