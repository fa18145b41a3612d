import os
import pathlib
import subprocess
import sys

import pytest

sys.dont_write_bytecode = True  # nothing is left in the checkout

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def spurion(tmp_path_factory):
    """Runs the program that SPURION names, or else one that is built, in the project's folder or a copy of it; gives what it printed."""
    program = os.environ.get("SPURION")
    if not program:
        program = str(tmp_path_factory.mktemp("program") / "spurion")
        subprocess.run(["go", "build", "-o", program, "./cmd/spurion"], cwd=ROOT, check=True)

    def run(*args, code=0, cwd=ROOT):
        done = subprocess.run([program, *args], cwd=cwd, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run
