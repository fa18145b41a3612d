"""Networks that spurion export writes give PyTorch the scores that they give Spurion."""

import json
import pathlib
import re
import sys

import pytest
import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = ".ci/torch/networks.hcl"
DATA = {"plain": "compose.dominoes", "mlp": "compose.dominoes", "cnn": "compose.dominoes", "three": "import.three"}

sys.path.insert(0, str(ROOT / "specs" / "pytorch"))
import network  # noqa: E402  what users have


@pytest.fixture(scope="session")
def export(spurion, tmp_path_factory):
    """Exports a target of the spec, once it has been run."""
    folder = tmp_path_factory.mktemp("networks")
    store = ["--store", str(folder / "store")]
    spurion("run", "--quiet", *store, "--out", str(folder / "out"), SPEC)

    def of(target, name, *options):
        spurion("export", *store, *options, "--output", str(folder / name), SPEC, target)
        return folder / name

    return of


@pytest.fixture(scope="session")
def samples(export):
    def of(target):
        return [json.loads(line) for line in export(target, target + ".jsonl").read_text().splitlines()]

    return of


@pytest.mark.parametrize("extension", [".pt", ".safetensors"])
@pytest.mark.parametrize("name", list(DATA))
def test_scores_are_spurions(export, samples, name, extension):
    net = network.load(export(f"train.{name}.model", name + extension))
    x = torch.tensor([s["inputs"] for s in samples(DATA[name] + ".dataset") if s["split"] != "train"])
    ours = samples(f"train.{name}.predictions")
    assert len(ours) == len(x) > 0
    with torch.no_grad():
        scores, logits = net.scores(x), net(x)
    if scores.dim() == 1:
        assert (scores - torch.tensor([p["score"] for p in ours])).abs().max() < 1e-4
        # The probability of label 1 is the sigmoid of the margin.
        logits = torch.stack([torch.zeros_like(scores), scores], 1)
    probabilities = torch.tensor([p["probabilities"] for p in ours])
    assert (logits.softmax(1) - probabilities).abs().max() < 1e-4
    assert probabilities.std(0).min() > 1e-3, "all samples have one score: nothing was compared"


def test_the_lines_on_the_page(export, samples, monkeypatch):
    page = (ROOT / "docs" / "pytorch.md").read_text()
    (lines,) = [block for block in re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S) if "weights_only" in block]
    monkeypatch.chdir(export("train.plain.model", "model.pt").parent)
    found = {}
    exec(lines, found)
    x = torch.tensor([s["inputs"] for s in samples("compose.dominoes.dataset") if s["split"] != "train"])
    with torch.no_grad():
        logits = found["net"](x)
    scores = torch.tensor([p["score"] for p in samples("train.plain.predictions")])
    assert (logits[:, 1] - logits[:, 0] - scores).abs().max() < 1e-4


def test_a_step_is_chosen(export):
    first, last = (network.load(export("train.mlp.model", f"step{i}.pt", *where)) for i, where in enumerate([["--where", "step=0"], []]))
    about, _ = network.read(export("train.mlp.model", "five.pt", "--where", "step=5"))
    assert about["step"] == 5
    assert not torch.equal(first.output.weight, last.output.weight)


def test_both_formats_hold_the_same(export):
    about, state = network.read(export("train.cnn.model", "same.pt"))
    again, others = network.read(export("train.cnn.model", "same.safetensors"))
    assert about == again and set(state) == set(others)
    assert all(torch.equal(state[name], others[name]) for name in state)
    assert sorted(n for n in state if n.startswith("image.2")) == ["image.2.bias", "image.2.running_mean", "image.2.running_var", "image.2.weight"]


def test_training_can_go_on(export):
    net = network.load(export("train.cnn.model", "on.pt")).train()
    x = torch.rand(8, 1568)
    before = net.image[2].running_mean.clone()
    net.scores(x).sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())
    assert not torch.equal(before, net.image[2].running_mean)
