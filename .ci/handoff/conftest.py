"""Files to open: made by Go tests, so that the library is tested without the program, and by the
program itself if SPURION names it (with SPURION_OUT and SPURION_STORE)."""

import os
import pathlib
import subprocess
import sys

import pytest

sys.dont_write_bytecode = True  # nothing is left in the checkout

ROOT = pathlib.Path(__file__).resolve().parents[2]


def go_test(package, name, *flags):
    done = subprocess.run(
        ["go", "test", "-count=1", "-v", "-run", f"^{name}$", package, *flags],
        cwd=ROOT, capture_output=True, text=True,
    )
    assert done.returncode == 0 and f"--- PASS: {name}" in done.stdout, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("handoff")
    go_test("./pipeline/publish", "TestWriteHandoff", f"-handoff={folder}")
    return folder


@pytest.fixture(scope="session")
def go():
    return go_test


@pytest.fixture(scope="session")
def program():
    """Runs the program, if there is one to run."""
    if "SPURION" not in os.environ:
        pytest.skip("SPURION names no program")

    def run(*args):
        done = subprocess.run([os.environ["SPURION"], *args], cwd=ROOT, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    return run


@pytest.fixture(scope="session")
def out():
    """The folder out/SPEC that a run left."""
    if "SPURION_OUT" not in os.environ:
        pytest.skip("SPURION_OUT names no folder")
    found = sorted(pathlib.Path(os.environ["SPURION_OUT"]).glob("**/index.json"))
    assert found, "there is no index.json"
    return found[0].parent
