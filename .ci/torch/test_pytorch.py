"""specs/pytorch: what a training in PyTorch and a backbone leave is measured as it should be. python3 must have torch and pyarrow."""

import hashlib
import json
import pathlib
import shutil
import subprocess
from importlib import metadata

import pytest
import torch
from torch import nn

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "specs" / "pytorch"
TRAINING, EMBEDDINGS = "specs/pytorch/training.hcl", "specs/pytorch/embeddings.hcl"


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """A folder with the specs and what they read, in which tests may write."""
    folder = tmp_path_factory.mktemp("project")
    for part in ["specs/pytorch", "specs/data/fashion-mnist"]:
        shutil.copytree(ROOT / part, folder / part)
    return folder


@pytest.fixture(scope="session")
def run(spurion, project):
    def run(*args, code=0):
        return spurion("run", "--quiet", *args, code=code, cwd=project)

    return run


@pytest.fixture(scope="session")
def rows(spurion, project):
    """The rows of a target's table, as dictionaries."""
    def rows(spec, target, *options):
        spurion("export", *options, "--output", "rows.jsonl", spec, target, cwd=project)
        return [json.loads(line) for line in (project / "rows.jsonl").read_text().splitlines()]

    return rows


@pytest.fixture(scope="session")
def training(run):
    options = ["--var", "seeds=1", "--var", "device=cpu"]
    run(*options, TRAINING)
    return options


def of(rows, **where):
    return [r for r in rows if all(r[k] == v for k, v in where.items())]


class Network(nn.Module):
    """As in train.py, written anew."""

    def __init__(self):
        super().__init__()
        convolutions = nn.Sequential(nn.Conv2d(1, 8, 5, 2), nn.ReLU(), nn.Conv2d(8, 16, 5, 2), nn.ReLU(), nn.Flatten())
        self.trunk = nn.Sequential(convolutions, nn.Linear(16 * 11 * 4, 64), nn.ReLU())
        self.last = nn.Linear(64, 2)


@pytest.mark.parametrize("strength", [0.5, 0.95])
def test_checkpoints_are_measured_as_they_are(training, spurion, project, rows, strength):
    where = ["--where", f"strength={strength}"]
    folder = project / f"checkpoints{strength}"
    spurion("export", *where, *training, "--output", str(folder), TRAINING, "exec.training.checkpoints", cwd=project)
    files = {int(p.stem): p for p in folder.rglob("*.pt")}
    assert sorted(files) == [0, 10, 50, 100, 200]
    samples = of(rows(TRAINING, "compose.dominoes.dataset", *where, *training), split="test")
    x = torch.tensor([s["inputs"] for s in samples]).reshape(-1, 1, 56, 28)
    label = torch.tensor([s["label"] for s in samples])
    group = torch.tensor([s["group"] for s in samples])
    history = rows(TRAINING, "retrain.llr.history", *where, *training)
    decoded = rows(TRAINING, "probe.decoded.decoded", *where, *training)
    assert [r["step"] for r in history] == [r["step"] for r in decoded] == [0, 10, 50, 100, 200]
    for measured, probed in zip(history, decoded):
        network = Network()
        network.load_state_dict(torch.load(files[measured["step"]], weights_only=True))
        with torch.no_grad():
            logits = network.last(network.trunk(x))
        right = (logits[:, 1] >= logits[:, 0]) == (label == 1)
        groups = torch.stack([right[group == g].double().mean() for g in range(4)])
        # A score near 0 may round to the other side, of one sample in 150 of a group.
        assert abs(measured["worst_group_accuracy_before"] - groups.min()) < 0.007
        assert abs(measured["core_correlation_before"] - (2 * groups.mean() - 1)) < 0.007
        assert abs(probed["core_correlation"] - (2 * groups.mean() - 1)) < 0.007
    scored = of(rows(TRAINING, "score.pytorch.summary", *where, *training), selection="last")[0]
    assert abs(scored["worst_group_accuracy"] - groups.min()) < 0.007
    head = of(rows(TRAINING, "head.dfr.summary", *where, *training), selection="last")[0]
    assert head["method"] == "erm in PyTorch+dfr" and head["step"] == 200
    assert abs(head["worst_group_accuracy"] - head["worst_group_gain"] - groups.min()) < 0.007
    # What was learned is there to be read: more than off the untrained network, and the new layers do better than the old where λ = .95.
    assert decoded[-1]["decoded_core"] > decoded[0]["decoded_core"] == decoded[-1]["initial_core"]
    if strength == 0.95:
        assert history[-1]["worst_group_gain"] > 0.1


def test_a_gpu_that_is_not_there(run):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    said = run("--var", "seeds=1", "--var", "device=cuda", TRAINING, "exec.training", code=1)
    assert "device = cuda asks for a GPU, and PyTorch sees none" in said and "choose device = auto or cpu" in said


def test_what_a_program_needs(tmp_path):
    shutil.copy(FOLDER / "tables.py", tmp_path)
    for line, there in [("torch>=99", "torch " + metadata.version("torch")), ("no-such-package>=1", "no no-such-package")]:
        (tmp_path / "requirements.txt").write_text(f"numpy>=1.0 # a comment\n{line}\n")
        done = subprocess.run(["python3", str(tmp_path / "tables.py")], capture_output=True, text=True)
        assert done.returncode == 1 and f"has {there}, and {line} is needed" in done.stderr and "pip install -r" in done.stderr


@pytest.fixture(scope="session")
def backbones(tmp_path_factory):
    """A folder with a network as TorchScript, its state_dict, and what makes it."""
    folder = tmp_path_factory.mktemp("backbones")
    torch.manual_seed(3)
    network = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.ReLU())
    network(torch.rand(64, 3, 20, 10))  # so that the running numbers are its own
    network.eval()
    torch.jit.script(network).save(str(folder / "script.pt"))
    torch.save(network.state_dict(), folder / "state.pt")
    return folder, network


PREPARE = 'prepare=["--channels", "3", "--resize", "28", "14", "--mean", "0.3", "--std", "0.5", "0.4", "0.3"]'


def test_embeddings_are_the_backbones(run, rows, backbones, project):
    folder, network = backbones
    digest = hashlib.sha256((folder / "script.pt").read_bytes()).hexdigest()
    options = ["--data-root", f"backbones={folder}", "--var", "backbone=script.pt", "--var", "sha256=" + digest.upper(), "--var", PREPARE, "--var", "device=cpu"]
    run(*options, EMBEDDINGS)
    embedded = rows(EMBEDDINGS, "exec.embed.dataset", *options)
    images = rows(EMBEDDINGS, "compose.dominoes.dataset", *options)
    assert [(e["split"], e["label"], e["attribute"], e["group"]) for e in embedded] == [(i["split"], i["label"], i["attribute"], i["group"]) for i in images]
    x = torch.tensor([i["inputs"] for i in images]).reshape(-1, 1, 56, 28)
    x = nn.functional.interpolate(x, size=(28, 14), mode="bilinear", antialias=True)
    x = (x - 0.3) / torch.tensor([0.5, 0.4, 0.3]).reshape(3, 1, 1)
    with torch.no_grad():
        z = network(x).mean((2, 3))
    assert (z - torch.tensor([e["inputs"] for e in embedded])).abs().max() < 1e-5
    methods = {r["method"]: r for r in rows(EMBEDDINGS, "table.methods.table", *options)}
    assert set(methods) == {"erm", "group_dro", "erm+dfr"}

    # The same as a state_dict of a network that a file makes.
    (project / "specs" / "made.py").write_text("from torch import nn\n\ndef made():\n    return nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.ReLU())\n")
    options = ["--data-root", f"backbones={folder}", "--var", "backbone=state.pt", "--var", "network=specs/made.py:made", "--var", PREPARE, "--var", "device=cpu"]
    run(*options, EMBEDDINGS, "exec.embed")
    assert rows(EMBEDDINGS, "exec.embed.dataset", *options) == embedded


def test_another_backbone_is_refused(run, backbones):
    folder, _ = backbones
    options = ["--data-root", f"backbones={folder}", "--var", PREPARE, "--var", "device=cpu"]
    digest = hashlib.sha256((folder / "state.pt").read_bytes()).hexdigest()
    said = run(*options, "--var", "backbone=state.pt", "--var", "sha256=" + "0" * 64, EMBEDDINGS, "exec.embed", code=1)
    assert f"has the SHA-256 {digest}, and {'0' * 64} is declared" in said and "or declare this one's" in said
    said = run(*options, "--var", "backbone=state.pt", EMBEDDINGS, "exec.embed", code=1)
    assert "is no TorchScript" in said and "say with --network FILE.py:FUNCTION" in said
