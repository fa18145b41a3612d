"""What the pages and the examples promise, with real pandas, polars and numpy: snippets run and print what
stands below them, and every example runs."""

import os
import pathlib
import re
import shlex
import subprocess
import sys

import pandas as pd
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = sorted(p.stem for p in (ROOT / "specs" / "examples").glob("*.hcl"))
SNIPPET = re.compile(r"^```python\n(.*?)^```\n(?:\s*^```text\n(.*?)^```)?", re.M | re.S)


def snippets():
    for page in ["README.md", "docs/guide.md"]:
        for i, m in enumerate(SNIPPET.finditer((ROOT / page).read_text())):
            yield pytest.param(m[1], m[2], id=f"{page}-{i}")


@pytest.mark.parametrize("code, printed", list(snippets()))
def test_snippet(out, code, printed):
    done = subprocess.run([sys.executable, "-c", code], cwd=out.parent.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    if printed is not None:
        assert done.stdout == printed


def test_snippets_are_there():
    assert len(list(snippets())) >= 3 and sum(p.values[1] is not None for p in snippets()) >= 2


def consoles():
    """(command, lines shown below it) of the commands of the program that the pages show with what they print."""
    for page in ["README.md", "docs/guide.md"]:
        for block in re.findall(r"^```console\n(.*?)^```", (ROOT / page).read_text(), re.M | re.S):
            for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
                command, _, shown = part.partition("\n")
                words = shlex.split(command)
                if words[:3] == ["go", "run", "./cmd/spurion"]:
                    words = ["spurion", *words[3:]]
                if words[0] == "spurion":
                    yield pytest.param(words[1:], shown.splitlines(), id=f"{page}-{command}")


@pytest.mark.parametrize("words, shown", list(consoles()))
def test_console(program, words, shown):
    """After a run of specs/quick.hcl, a command prints the lines that the page shows, in their order, except for
    what differs between runs: times, paths, whether an instance was cached, the width of columns."""
    store = ["--store", os.environ["SPURION_STORE"], "--out", os.environ["SPURION_OUT"]]
    lines = (" ".join(line.split()) for line in program(*words, *store).decode().splitlines())
    for line in (" ".join(line.split()) for line in shown):
        if line != "..." and not re.search(r"\d m?s\.?$|^stage .*time$|^\d+ files in ", line):
            assert line in lines, f"{line!r} is not printed there"


@pytest.fixture(scope="session")
def examples(tmp_path_factory):
    """Runs an example, once, with this Python's folder first on the PATH."""
    if "SPURION" not in os.environ:
        pytest.skip("SPURION names no program")
    folder = tmp_path_factory.mktemp("examples")
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    env = {**os.environ, "PATH": path, "SPURION_STORE": str(folder / "store"), "SPURION_OUT": str(folder / "out")}

    def run(name):
        command = [os.environ["SPURION"], "run", "--quiet", f"specs/examples/{name}.hcl"]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return folder / "out" / name / "tables"

    return run


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_runs(examples, name):
    assert list(examples(name).glob("*.parquet"))


def test_own_method_beside_networks(examples):
    """Predictions of a numpy program, from Parquet to Parquet, have the measures that pandas finds in them, and stand in
    one comparison with built-in methods."""
    tables = examples("own_method")
    store, dataset = tables.parents[2] / "store", tables.parents[2] / "own_method.parquet"
    command = [os.environ["SPURION"], "export", "--store", store, "--output", dataset]
    subprocess.run([*command, "specs/examples/own_method.hcl", "generate.finite.dataset"], cwd=ROOT, check=True)
    data = pd.read_parquet(dataset).query("split == 'test'")
    predictions = pd.read_parquet(tables / "exec.ridge.predictions.parquet").query("split == 'test'")
    summary = pd.read_parquet(tables / "score.ridge.summary.parquet").set_index(["seed", "key", "selection"])
    worst = {}
    for (seed, key), p in predictions.groupby(["seed", "key"]):
        d = data[data.seed == seed]
        assert (p.label.to_numpy() == d.label.to_numpy()).all()
        right = (p.score.to_numpy() >= 0) == (d.label.to_numpy() == 1)
        by_group = pd.Series(right).groupby(d.group.to_numpy()).mean()
        row = summary.loc[(seed, key, "last")]
        for group, column in enumerate(["accuracy_00", "accuracy_01", "accuracy_10", "accuracy_11"]):
            assert abs(row[column] - by_group[group]) < 1e-12
        assert abs(row.test_accuracy - right.mean()) < 1e-12 and row.label_access == "declared: none"
        worst.setdefault(key, []).append(by_group.min())
    comparison = pd.read_parquet(tables / "comparison.methods.table.parquet").query("measure == 'worst_group_accuracy'")
    means = comparison.set_index("key")["mean"]
    assert set(means.index) == {"ridge_1", "ridge_3", "erm", "group_balance"}
    for key, values in worst.items():
        assert len(values) == 3 and abs(means[key] - sum(values) / 3) < 1e-12
    assert means["ridge_1"] < 0.2 and means["ridge_3"] > 0.95
    cells = pd.read_parquet(tables / "comparison.methods.cells.parquet")
    assert cells.key.iloc[-1] == "ridge, degree 1" and len(cells) == 4


def test_own_data_shows_what_balancing_does(examples):
    results = pd.read_parquet(examples("own_data") / "table.results.table.parquet")
    biased = results[results.strength == 0.95].groupby("method").worst_group_accuracy.mean()
    assert biased["group_balance"] > biased["erm"] + 0.2


def test_crossed_axes_are_joined(examples):
    tables = examples("cross")
    trained = pd.read_parquet(tables / "train.erm.summary.parquet")
    retrained = pd.read_parquet(tables / "retrain.llr.summary.parquet")
    axes = ["strength", "seed", "learning_rate"]
    assert len(trained) == 16 and trained[axes].equals(retrained[axes].drop_duplicates().reset_index(drop=True))
