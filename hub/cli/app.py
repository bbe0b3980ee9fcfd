"""The program: its global options, its commands, and what becomes of every failure.

Exit codes: 0 done; 1 failed, with one line `error[code]: what, where, what to do`, or without a word when nobody reads
the output any more; 2 a wrong command line; 70 a defect of the hub; 130 interrupted.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer.exceptions import TyperException

from hub.cli import (
    access,
    decisions,
    demo,
    explaining,
    feed,
    feeding,
    installation,
    offsets,
    operating,
    probing,
    quarantine,
    reading,
    schemas,
    serving,
    suggesting,
    topics,
)
from hub.cli.output import Output
from hub.cli.session import Session
from hub.errors import HubError

FAILED, DEFECT, INTERRUPTED = 1, 70, 130
TRACEBACK = "HUB_TRACEBACK"
"""The variable with which a developer sees a defect whole; what is set to nothing is not set."""
_ANYWHERE = ("--data", "--format")

app = typer.Typer(
    name="hub",
    help="Parcours Hub: one continuous pathway for people accompanied by France Travail and Cap emploi.",
    epilog="The global options may stand anywhere. `hub COMMAND -h` says more of each command.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _module in (
    installation,
    demo,
    feeding,
    feed,
    reading,
    explaining,
    decisions,
    suggesting,
    operating,
    serving,
    probing,
):
    _module.register(app)
app.add_typer(quarantine.app)
app.add_typer(offsets.app)
app.add_typer(schemas.app)
app.add_typer(topics.app)
app.add_typer(access.app)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"hub {version('parcours-hub')}\n")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    data: Annotated[Path, typer.Option("--data", metavar="DIR", envvar="HUB_DATA", help="The data directory.")] = Path(
        "data"
    ),
    format: Annotated[Literal["text", "json"], typer.Option("--format", help="How data is written.")] = "text",  # noqa: A002 the option's name
    version: Annotated[  # noqa: ARG001 it ends the program when it is read
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Read the global options."""
    context.obj = Session(data, Output(as_json=format == "json"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; give its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that lacks a sign of the frieze shows another one, and the command still works.
            stream.reconfigure(errors="replace")
    try:
        code = app(_global_first(sys.argv[1:] if arguments is None else arguments), standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:
        _show(error)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except HubError as error:
        return _failed(error.code, str(error))
    except BrokenPipeError:
        # Python flushes stdout once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        return _failed("os_error", _os_failure(error))
    except Exception as error:
        # A traceback ends with the exception's text, and that of a driver or a validator repeats personal values.
        if os.environ.get(TRACEBACK):
            raise
        _failed("defect", _place_of(error))
        return DEFECT
    if code == INTERRUPTED:
        sys.stderr.write("\ninterrupted; what was acknowledged or committed is kept, run the command again to go on\n")
    return code if isinstance(code, int) else 0


def _global_first(arguments: Sequence[str]) -> list[str]:
    """Move the global options to the front: `hub pathway NAME --format json` means what it says."""
    ahead: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            rest += [argument, *waiting]
        elif argument in _ANYWHERE:
            ahead += [argument, *islice(waiting, 1)]
        elif argument.startswith(tuple(f"{option}=" for option in _ANYWHERE)):
            ahead.append(argument)
        else:
            rest.append(argument)
    return ahead + rest


def _show(error: TyperException) -> None:
    """Show a wrong command line with its command's usage, as typer's own class for it does."""
    show = getattr(error, "show", None)
    if show is None:
        sys.stderr.write(f"{error.format_message()}\n")
    else:
        show()


def _failed(code: str, text: str) -> int:
    sys.stderr.write(f"error[{code}]: {text}\n")
    return FAILED


def _place_of(error: Exception) -> str:
    from hub.telemetry.logs import kind_of
    from hub.telemetry.places import of_traceback

    stack = of_traceback(error.__traceback__)
    ours = [place for place in stack if "hub/" in place]
    where = " from ".join(dict.fromkeys([*stack[-1:], *ours[-1:]]))
    return (
        f"{kind_of(error)} at {where}: a defect of the hub; what was acknowledged or committed is kept. Report this "
        f"line with the command; {TRACEBACK}=1 shows all of it, personal values included"
    )


def _os_failure(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    advice = {
        errno.ENOSPC: "free space on the disk, then run it again; nothing that was acknowledged is lost",
        errno.EDQUOT: "free space in the quota, then run it again; nothing that was acknowledged is lost",
        errno.EFBIG: "a file may not grow so large here: raise the limit (ulimit -f), then run it again",
        errno.EACCES: "check the owner and the mode of the file",
        errno.EROFS: "the disk is mounted read-only: name another place",
        errno.ENOENT: "check the path",
        errno.EISDIR: "that is a folder: name a file",
    }.get(error.errno or 0, "check the path and its disk, then run it again")
    return f"{error.strerror or error}{where}; {advice}"


if __name__ == "__main__":
    sys.exit(main())
