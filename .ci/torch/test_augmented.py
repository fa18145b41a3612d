"""Whole short trainings on samples that are changed at random, repeated in PyTorch by what is documented alone.

Of Spurion come the data, the weights to start from and those at the end, and each step's loss. Which rows a step takes,
and how each is mirrored, cut out and given noise, is computed here anew from the random streams (stages/numeric/kernel/stream.go)
with numpy's Philox. Tolerances are those of test_torch.py: PyTorch's float64 is exact, and its float32 shows what rounding does.
"""

import hashlib
import json
import math

import numpy as np
import pytest
import torch

from test_export import network
from test_torch import FACTOR

SPEC = ".ci/torch/augmented.hcl"
SHAPE, BATCH, STEPS = (3, 9, 7), 25, 40
TRAININGS = {  # the seed, what each sample is changed by, and the optimizer
    "sgd": (0, {}, lambda p: torch.optim.SGD(p, lr=0.03, momentum=0.9, nesterov=True)),
    "sgd_flip_crop": (5, {"flip": True, "crop": 2}, lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
    "sgd_all": (-3, {"flip": True, "crop": 1, "noise": 0.3}, lambda p: torch.optim.SGD(p, lr=0.1)),
    "adam": (0, {}, lambda p: torch.optim.Adam(p, lr=0.005)),
    "adam_flip_crop": (2, {"flip": True, "crop": 3}, lambda p: torch.optim.Adam(p, lr=0.005)),
    "adam_noise": (4, {"noise": 0.5}, lambda p: torch.optim.Adam(p, lr=0.005)),
}


class Stream:
    """Philox4x64-10 from counter 0, keyed by the SHA-256 of a seed and a purpose."""

    def __init__(self, seed, purpose):
        digest = hashlib.sha256(b"spurion stream 1\0" + seed.to_bytes(8, "little", signed=True) + purpose.encode()).digest()
        # numpy counts on before it gives its first block.
        self.philox = np.random.Philox(key=np.frombuffer(digest[:16], "<u8"), counter=np.full(4, 2**64 - 1, np.uint64))
        self.spare = None

    def word(self):
        return int(self.philox.random_raw())

    def below(self, n):
        """Lemire's method: the high word of a product, unless the low one is among the 2^64 mod n that would come too often."""
        while True:
            high, low = divmod(self.word() * n, 2**64)
            if low >= 2**64 % n:
                return high

    def normal(self):
        """Marsaglia's polar method: of a point of the unit disc first one number, then the other."""
        if self.spare is not None:
            spare, self.spare = self.spare, None
            return spare
        while True:
            u, v = self.symmetric(), self.symmetric()
            q = u * u + v * v
            if 0 < q < 1:
                f = math.sqrt(-2 * math.log(q) / q)
                self.spare = v * f
                return u * f

    def symmetric(self):
        """The upper 53 bits as a signed number, made odd, in (-1, 1)."""
        upper = self.word() >> 11
        return ((upper - 2**53 if upper >> 52 else upper) | 1) * 2.0**-52

    def shuffle(self, items):
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]


def batches(seed, rows):
    """Each step's rows: the set in a new order, again and again, the last batch of an epoch smaller."""
    order, stream, taken = list(range(rows)), Stream(seed, "order"), 0
    while True:
        stream.shuffle(order)
        for at in range(0, rows, BATCH):
            if taken == STEPS:
                return
            taken += 1
            yield order[at : at + BATCH]


def augmented(x, stream, flip=False, crop=0, noise=0.0, mistake=None):
    """Images [rows, channels, height, width], changed one by one; a mistake is one that must be noticed."""
    changed = []
    for image in x:
        mirrored = flip and stream.below(2) == 1
        top, left = (stream.below(2 * crop + 1), stream.below(2 * crop + 1)) if crop else (0, 0)
        if mistake == "places swapped":
            top, left = left, top
        if mistake == "moved the other way":
            top, left = 2 * crop - top, 2 * crop - left
        if mistake == "mirrored top to bottom":
            image = image[:, ::-1] if mirrored else image
        elif mirrored and mistake not in ("not mirrored", "mirrored after it is cut"):
            image = image[:, :, ::-1]
        if mistake != "not cut":
            edge = "edge" if mistake == "no zeros round it" else "constant"
            image = np.pad(image, ((0, 0), (crop, crop), (crop, crop)), edge)[:, top : top + SHAPE[1], left : left + SHAPE[2]]
        if mirrored and mistake == "mirrored after it is cut":
            image = image[:, :, ::-1]
        if noise:
            drawn = np.array([noise * stream.normal() for _ in range(image.size)]).reshape(SHAPE)
            image = image + (drawn * 1.001 if mistake == "more noise" else drawn).astype(np.float32)
        changed.append(image)
    return np.stack(changed)


@pytest.fixture(scope="session")
def trainings(spurion, tmp_path_factory):
    """Of each training the file that it starts from, that at its end, and its losses; and the data, x and labels."""
    folder = tmp_path_factory.mktemp("augmented")
    draw = np.random.default_rng(1)
    x = draw.normal(size=(150, *SHAPE)).astype(np.float32)
    # The label is where an image is brighter, which what changes it leaves to be learned.
    labels = (x[:, 0, :4].mean((1, 2)) > x[:, 0, 5:].mean((1, 2))).astype(np.int64)
    np.savez(folder / "images.npz", x=x, y=labels)
    options = ["--data-root", f"made={folder}", "--store", str(folder / "store")]
    spurion("run", "--quiet", *options, "--out", str(folder / "out"), SPEC)

    def export(target, name, *where):
        spurion("export", *options, *where, "--output", str(folder / name), SPEC, target)
        return folder / name

    def rows(target):
        return [json.loads(line) for line in export(target, target + ".jsonl").read_text().splitlines()]

    samples = [s for s in rows("import.images.dataset") if s["split"] == "train"]
    assert len(samples) == 120
    found = {}
    for name in TRAININGS:
        ends = [export(f"train.{name}.model", f"{name}{i}.safetensors", *where) for i, where in enumerate([["--where", "step=0"], []])]
        found[name] = (*ends, [r["training_loss"] for r in rows(f"train.{name}.history") if r["step"] > 0])
    x = np.array([s["inputs"] for s in samples], np.float32).reshape(-1, *SHAPE)
    return found, x, torch.tensor([s["label"] for s in samples])


def flat(state):
    """All weights, biases and running numbers in one order, in float64."""
    return torch.cat([state[name].double().reshape(-1) for name in sorted(state) if not name.endswith("num_batches_tracked")])


@torch.backends.mkldnn.flags(enabled=False)  # as in test_torch.py
def repeat(name, start, x, labels, dtype, mistake=None):
    """Trains from a file; gives the network, flat, and the loss before each step."""
    seed, how, optimizer = TRAININGS[name]
    net = network.load(start).to(dtype).train()
    optimizer, losses = optimizer(net.parameters()), []
    stream = Stream(seed, "order" if mistake == "another stream" else "augment")
    for rows in batches(seed, len(x)):
        batch = augmented(x[rows], stream, **how, mistake=mistake) if how else x[rows]
        loss = torch.nn.functional.cross_entropy(net(torch.tensor(batch.copy(), dtype=dtype).flatten(1)), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return flat(net.state_dict()), torch.tensor(losses, dtype=torch.float64)


def errors(trainings, name, mistake=None):
    """How far Spurion and PyTorch's float32 are from PyTorch's float64, as a share of how far the weights travelled: (weights), (losses);
    and what half a unit in the last place of the weights comes to."""
    (start, end, losses), x, labels = trainings[0][name], *trainings[1:]
    exact, rounded = (repeat(name, start, x, labels, dtype, mistake) for dtype in (torch.float64, torch.float32))
    before, ours = (flat(network.read(path)[1]) for path in (start, end))
    travelled, largest = (exact[0] - before).norm(), exact[1].max()
    assert len(losses) == STEPS
    return (
        ((ours - exact[0]).norm() / travelled).item(), ((rounded[0] - exact[0]).norm() / travelled).item(),
        ((torch.tensor(losses, dtype=torch.float64) - exact[1]).abs().max() / largest).item(), ((rounded[1] - exact[1]).abs().max() / largest).item(),
        (exact[0].norm() * 2.0**-25 / travelled).item(),
    )


@pytest.mark.parametrize("name", TRAININGS)
def test_training_is_pytorchs(trainings, name):
    ours, theirs, our_loss, their_loss, least = errors(trainings, name)
    print(f"weights {ours:.2e}, PyTorch {theirs:.2e}, least {least:.2e}; losses {our_loss:.2e}, PyTorch {their_loss:.2e}")
    assert theirs < 1e-4, "rounding makes another training of this one: nothing can be compared"
    assert ours <= FACTOR * theirs + least
    assert our_loss <= FACTOR * their_loss + 2.0**-24


MISTAKES = {
    "another stream": {"flip", "crop", "noise"}, "not mirrored": {"flip"}, "mirrored top to bottom": {"flip"}, "mirrored after it is cut": {"flip"},
    "not cut": {"crop"}, "places swapped": {"crop"}, "moved the other way": {"crop"}, "no zeros round it": {"crop"}, "more noise": {"noise"},
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_noticed(trainings, mistake):
    of = [name for name, (_, how, _) in TRAININGS.items() if MISTAKES[mistake] & set(how)]
    assert len(of) >= 2
    for name in of:
        ours, theirs, _, _, least = errors(trainings, name, mistake)
        assert ours > FACTOR * theirs + least, name
