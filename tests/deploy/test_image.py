"""The image: what can be read off its files, and its build steps run natively; no engine builds it here."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.deploy.dockerfile import ROOT, context_sources, instructions, is_ignored, of

USER = 10001
_REQUIREMENT = re.compile(r"^([\w.-]+)==(\S+)(.*?)\n((?:    --hash=\S+(?: \\\n|\n?))+)", re.MULTILINE)


@pytest.mark.parametrize("source", context_sources())
def test_what_is_copied_is_there_and_reaches_the_builder(source: str) -> None:
    path = ROOT / source
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.suffix in {".py", ".avsc", ".json"}]
    assert files
    assert [each for each in files if is_ignored(str(each.relative_to(ROOT)))] == []


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "data/master.key",
        "data/hub.db",
        ".git/config",
        "tests/conftest.py",
        "hub/__pycache__/errors.cpython-311.pyc",
    ],
)
def test_no_secret_and_nothing_superfluous_reaches_the_builder(path: str) -> None:
    assert is_ignored(path)


def test_the_image_runs_as_a_fixed_user_without_root() -> None:
    last = instructions()[-1].stage
    assert [each.text for each in of("USER", last)] == [f"{USER}:{USER}"]
    assert f"--uid {USER}" in of("RUN", last)[0].text


def test_both_stages_begin_with_the_same_pinned_python() -> None:
    bases = [each.arguments[0] for each in of("FROM")]
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", bases[0])
    minor = bases[0].split(".")[1]
    assert f"Programming Language :: Python :: 3.{minor}" in project()["classifiers"]


def test_the_program_is_the_entry_point() -> None:
    (entry,) = of("ENTRYPOINT")
    assert entry.arguments == ["hub"]
    assert "hub" in project()["scripts"]
    assert [each.text for each in of("STOPSIGNAL")] == ["SIGTERM"]


def project() -> dict[str, list[str]]:
    found: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return found


def locked(path: str) -> dict[str, tuple[str, ...]]:
    """Give the version, marker and hashes of every package that a lock names."""
    found = _REQUIREMENT.findall((ROOT / path).read_text())
    return {name: (version, marker.strip(" \\"), *sorted(hashes.split())) for name, version, marker, hashes in found}


def test_the_image_installs_what_is_tested_and_nothing_else() -> None:
    image, tested = locked("deploy/run.lock"), locked("requirements.lock")
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    for_tests = {re.split(r"[\[<>=~]", text)[0] for group in ("test", "check") for text in groups[group]}
    needed = {re.split(r"[\[<>=~]", text)[0] for text in project()["dependencies"]}
    assert needed <= set(image), "run `make lock`"
    assert {name: pin[0] for name, pin in image.items()} == {name: tested[name][0] for name in image}, "run `make lock`"
    assert set(image) & (for_tests - needed) == set()


class Stage:
    """The build stage's steps, run in a folder instead of a container, by a Python of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hub = folder / "hub"
        base = folder / "base"
        subprocess.run([sys.executable, "-m", "venv", base], check=True)
        self._environment = {"PATH": f"{base}/bin:/usr/bin:/bin", "HOME": str(folder)}
        self._environment |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}

    def build(self) -> None:
        """Do what the first stage does, in its order."""
        work = self.folder / "build"
        work.mkdir()
        for each in instructions():
            if each.stage == 0 and each.word == "COPY":
                *sources, target = each.arguments
                for source in sources:
                    self._copy(ROOT / source, work / target)
            elif each.stage == 0 and each.word == "RUN":
                # Downloads may come from a cache here; in an image they would only make it larger.
                script = each.text.replace("/opt/hub", str(self.hub)).replace("/build", str(work))
                self._run(script.replace(" --no-cache-dir", ""), work)

    def _copy(self, source: Path, target: Path) -> None:
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)

    def _run(self, script: str, folder: Path) -> None:
        done = subprocess.run(
            ["/bin/sh", "-c", script], cwd=folder, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that any user may pass through, unlike pytest's."""
    path = Path(tempfile.mkdtemp(prefix="parcours-hub-image-"))
    path.chmod(0o755)
    yield path
    set_writable(path, is_writable=True)
    shutil.rmtree(path)


def set_writable(folder: Path, *, is_writable: bool) -> None:
    """Let everything in a folder be written to by its owner, or by nobody."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IWUSR if is_writable else mode & ~0o222)


def as_the_images_user(command: Sequence[str | Path]) -> list[str | Path]:
    """Have root run it as the image's user, who may read what root may, where Python lies, and write nothing."""
    if os.geteuid() != 0:
        return list(command)
    only = "-all,+dac_read_search"
    ids = [f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs"]
    return [
        "setpriv",
        *ids,
        f"--inh-caps={only}",
        f"--bounding-set={only}",
        "--ambient-caps=+dac_read_search",
        *command,
    ]


def test_the_build_steps_give_a_program_that_runs_without_root_and_writes_only_its_data(folder: Path) -> None:
    stage = Stage(folder)
    stage.build()
    data = folder / "data"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(data, USER, USER)
    set_writable(stage.hub, is_writable=False)
    environment = {"PATH": f"{stage.hub}/bin:/usr/bin:/bin", "HUB_DATA": str(data), "HOME": "/nonexistent"}
    environment |= {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}

    def hub(*arguments: str) -> str:
        done = subprocess.run(
            as_the_images_user([stage.hub / "bin" / "hub", *arguments]),
            cwd=data,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert hub("--version") == f"hub {project()['version']}\n"
    assert len(hub("schemas", "list").splitlines()) >= 51
    hub("init")
    hub("simulate", "--people", "20", "--seed", "3", "--out", "region.jsonl")
    hub("publish", "--raw", "region.jsonl")
    hub("consume", "--until-caught-up")
    assert "adds up" in hub("status")
    assert (data / "master.key").stat().st_mode & 0o777 == 0o600
    assert not (stage.hub / "bin" / "pip").exists()
