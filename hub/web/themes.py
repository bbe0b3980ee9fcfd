"""An installation's theme: a folder whose files stand for single templates, styles and images of the hub's own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb
from typing import Any

from jinja2 import Environment, TemplateError, TemplateSyntaxError

from hub.errors import Usage

KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
"""What may be served, by the end of a file's name."""
TEMPLATES, STATIC = "templates", "static"
_COMPONENTS = "components.html"
_SAMPLE = "accessibility.html"
"""A page that is for everyone, and has the frame of all."""


def folders_of(theme: Path | None) -> tuple[Path, ...]:
    """Give the folders that replace files of the hub's own: the theme's, or none.

    Raises:
        Usage: it is no theme, or holds what would never be used; the message says what to do.
    """
    if theme is None:
        return ()
    if not theme.is_dir():
        raise Usage(f"HUB_THEME_DIR: {theme} is no folder; make it, or unset HUB_THEME_DIR for the hub's own theme")
    if not any((theme / name).is_dir() for name in (TEMPLATES, STATIC)):
        raise Usage(
            f"HUB_THEME_DIR: {theme} has neither {TEMPLATES}/ nor {STATIC}/; put the files that replace the hub's there"
        )
    for file in _files(theme / STATIC):
        if file.suffix not in KINDS:
            raise Usage(f"HUB_THEME_DIR: {file} would not be served; {STATIC}/ may have {', '.join(KINDS)} files only")
    return (theme,)


def check(templates: Environment, folder: Path, own: Collection[str], about: Sequence[Mapping[str, Any]]) -> None:
    """Look at a theme's templates before any page needs them.

    `own` names the templates that may be replaced; `about` is what pages have whoever reads them, one for each case.

    Raises:
        Usage: one is broken, or replaces nothing; the message says what to do.
    """
    for file in _files(folder / TEMPLATES):
        name = file.relative_to(folder / TEMPLATES).as_posix()
        if name not in own and not file.name.startswith("_"):
            raise Usage(
                f"HUB_THEME_DIR: {file} replaces no template of the hub; correct its name, or put _ before the name of "
                "a part that only the theme's own templates include"
            )
        with _told(file):
            templates.get_template(name)
    with _told(folder):
        missing = sorted(_macros(templates, f"hub/{_COMPONENTS}") - _macros(templates, _COMPONENTS))
    if missing:
        raise Usage(
            f"HUB_THEME_DIR: {_COMPONENTS} of the theme lacks {', '.join(missing)}, which pages use; begin it with "
            f'{{% from "hub/{_COMPONENTS}" import {", ".join(missing)} %}}'
        )
    with _told(folder):
        for each in about:
            templates.get_template(_SAMPLE).render(each)


@contextmanager
def _told(where: Path) -> Iterator[None]:
    """Say which file and line of a theme is broken."""
    try:
        yield
    except TemplateSyntaxError as error:
        raise Usage(f"HUB_THEME_DIR: {error.filename or where}, line {error.lineno}: {error.message}") from error
    except (TemplateError, UnicodeError, LookupError) as error:
        frames = [each for each in extract_tb(error.__traceback__) if each.filename.endswith(".html")]
        place = f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else str(where)
        raise Usage(f"HUB_THEME_DIR: {place}: {error}") from error


def _macros(templates: Environment, name: str) -> set[str]:
    return {each for each, value in vars(templates.get_template(name).module).items() if callable(value)}


def _files(folder: Path) -> Iterator[Path]:
    return (each for each in sorted(folder.rglob("*")) if each.is_file() and not each.name.startswith("."))
