"""Runs by the launchers of docs/launchers.md that need more than a shell: HyperQueue for real, Kubernetes up to its schemas."""

import os
import pathlib
import re
import subprocess
import sys

import pytest
import yaml

sys.dont_write_bytecode = True  # nothing is left in the checkout

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]

SPEC = """
sweep "grid" {
  strength = [0.6, 0.9]
  seed     = range(4)
}
stage "generate" "parity" {
  for_each   = sweep.grid
  dimensions = 16
  core       = parity(4)
  spurious   = parity(2)
  strength   = each.strength
}
stage "train" "erm" {
  for_each = generate.parity
  data     = each.dataset
  steps    = 200
  optimizer "sgd" { rate = 0.1 }
  resources {
    memory = "600MB"
  }
}
"""


def block(name):
    """Gives an executor of the page, which asks and looks more often than it would by itself."""
    text = (ROOT / "docs" / "launchers.md").read_text()
    (found,) = [b for b in re.findall(r"```hcl executors\n(.*?)```", text, re.DOTALL) if f'"array" "{name}"' in b]
    return found.replace("{\n", '{\n  poll = "50ms"\n  ask = "200ms"\n', 1)


def without(text, attribute):
    """Leaves out an attribute that is a text of several lines, or of one."""
    shorter = re.sub(rf"  {attribute} +=( <<-EOT\n.*?\n  EOT\n|[^\n]*\n)", "", text, count=1, flags=re.DOTALL)
    assert shorter != text
    return shorter


@pytest.fixture
def run(tmp_path):
    """Runs a spec by an executor, and on this machine; gives what the first printed. Their tables must be the same."""
    program = os.environ.get("SPURION")
    if not program:
        program = str(tmp_path / "spurion")
        subprocess.run(["go", "build", "-o", program, "./cmd/spurion"], cwd=ROOT, check=True)

    def run(executor, **variables):
        (tmp_path / "spec.hcl").write_text(SPEC)
        (tmp_path / ".spurion.hcl").write_text(executor)
        (name,) = re.findall(r'executor "array" "(\w+)"', executor)
        environment = os.environ | variables | {"PATH": f"{HERE / 'programs'}:{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"}
        printed = ""
        for out, on in [("there", ["--on", name]), ("here", [])]:
            done = subprocess.run(
                [program, "run", "--store", f"store-{out}", "--out", out, *on, "spec.hcl"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            printed = printed or done.stdout + done.stderr
        tables = sorted(p.relative_to(tmp_path / "here") for p in (tmp_path / "here").glob("spec/tables/*.parquet"))
        assert len(tables) >= 2
        for t in tables:
            assert (tmp_path / "here" / t).read_bytes() == (tmp_path / "there" / t).read_bytes(), t
        return printed

    return run


def test_hyperqueue(run, tmp_path):
    folder = tmp_path / "server"
    folder.mkdir()
    server = subprocess.Popen([sys.executable, HERE / "server.py", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        while (line := server.stdout.readline()) != "ready\n":  # a table comes before
            assert line, "the server ended"
        # The package cannot tell how tasks are, so that journals alone do.
        printed = run(without(without(block("hq"), "status"), "cancel"), HQ_SERVER_DIR=str(folder))
        assert "Done: 16 computed" in printed
    finally:
        server.stdin.close()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def test_kubernetes(run, tmp_path):
    pods = tmp_path / "pods"
    pods.mkdir()
    printed = run(block("kubernetes"), KUBERNETES=str(pods))
    assert "Done: 16 computed" in printed
    manifests = [yaml.safe_load(p.read_text()) for p in pods.glob("*/manifest.yaml")]
    assert sum(m["spec"]["completions"] for m in manifests) >= 1
    for m in manifests:
        (container,) = m["spec"]["template"]["spec"]["containers"]
        assert container["resources"]["requests"]["cpu"] == "1"
        assert re.fullmatch(r"\d+Mi", container["resources"]["requests"]["memory"])
        assert container["command"][1].startswith(str(tmp_path / "store-there"))
        assert m["spec"]["template"]["spec"]["activeDeadlineSeconds"] >= 60
