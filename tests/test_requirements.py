"""What is installed: every package that is asked for has its reason, every package that comes is pinned with hashes."""

import re

import pytest

from tests.databases import ROOT

ASKED = re.compile(r"(?P<name>[\w.-]+)(\[[\w,]+\])?==(?P<version>[\w.]+)  # \w.+")
PINNED = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[\w.]+)(?P<rest>(?: .*|\n +--hash.*)*)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
FILES = ("requirements", "requirements-dev")


def asked(file: str) -> list[str]:
    """The lines of the short file that ask for a package."""
    lines = (ROOT / f"{file}.in").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith(("#", "-c "))]


def compiled(file: str) -> str:
    return (ROOT / f"{file}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES)
def test_every_package_that_is_asked_for_has_a_version_and_a_reason(file: str) -> None:
    assert [line for line in asked(file) if not ASKED.fullmatch(line)] == []


@pytest.mark.parametrize("file", FILES)
def test_the_compiled_file_holds_what_is_asked_for(file: str) -> None:
    pinned = {found["name"]: found["version"] for found in PINNED.finditer(compiled(file))}
    wanted = {found["name"].lower(): found["version"] for found in map(ASKED.match, asked(file)) if found}
    assert {name: pinned.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("file", FILES)
def test_every_package_that_is_installed_is_pinned_with_hashes(file: str) -> None:
    entries = [line for line in compiled(file).splitlines() if not line.startswith((" ", "#"))]
    found = list(PINNED.finditer(compiled(file)))
    assert len(found) == len(entries) > len(asked(file))
    assert [each["name"] for each in found if not HASH.search(each["rest"])] == []


def test_both_files_pin_the_same_version_of_what_they_share() -> None:
    run, dev = ({each["name"]: each["version"] for each in PINNED.finditer(compiled(file))} for file in FILES)
    assert {name: dev[name] for name in run.keys() & dev} == {name: run[name] for name in run.keys() & dev}


@pytest.mark.parametrize("file", FILES)
def test_no_registry_is_named(file: str) -> None:
    assert "://" not in compiled(file) and "--index" not in compiled(file)
