"""Whole short trainings, repeated in PyTorch from the same initial weights on the same batches.

A Go test writes the trainings (stages/numeric/neuralnet/replay_test.go). Each is repeated in float64, which serves as the
exact result, and in float32, which shows what rounding does to this training: both float32 programs round at
every operation, in different orders, and the training itself carries errors on, so that no fixed number of
digits is right for all of them. Spurion may be FACTOR times as far from the exact result as PyTorch's float32 is.
Its products are summed one by one in a single chain, PyTorch's in several at once, whence a factor above 1; the
comparison must be good enough to notice a mistake, which test_a_mistake_is_noticed makes sure of.

Errors are the Euclidean norm of the difference, as a share of how far the weights travelled (of the largest
loss, for losses). Half a unit in the last place of the weights themselves is always allowed.
"""

import copy
import json
import math
import pathlib
import subprocess

import pytest
import torch  # not importorskip: without PyTorch nothing was shown

ROOT = pathlib.Path(__file__).resolve().parents[2]
FACTOR = 4

torch.set_num_threads(1)


def write(path):
    done = subprocess.run(
        ["go", "test", "-count=1", "-v", "-run", "^TestWriteReplay$", "./stages/numeric/neuralnet", f"-replay={path}"],
        cwd=ROOT, capture_output=True, text=True,
    )
    assert done.returncode == 0 and "--- PASS: TestWriteReplay" in done.stdout, done.stdout + done.stderr
    return json.loads(path.read_text())


CASES = [
    "sgd, relu, cross-entropy", "momentum, leaky relu, two layers", "nesterov, tanh, logistic",
    "full batch, adam, leaky relu, two layers", "adam with decay, tanh, two layers, squared",
    "adamw, relu, two layers, real inputs", "hinge, momentum, relu", "squared, full batch, sgd, tanh, real inputs",
    "correlation, no biases, scaled output", "weighted rows, quadratic, logistic", "a frozen and a slower layer",
    "rate in steps", "rate along a cosine", "linear model", "full batch, relu, cross-entropy",
    "clipped gradients, three layers", "three classes, momentum, relu",
    "seven classes, weighted rows, adam, tanh, two layers, real inputs", "warm-up, decoupled decay, tanh",
]
REAL = {
    "adamw, relu, two layers, real inputs", "squared, full batch, sgd, tanh, real inputs", "linear model",
    "seven classes, weighted rows, adam, tanh, two layers, real inputs",
}
IMAGES = [
    "images, sgd with momentum", "images, adam, strides, average pools", "images, batch normalisation, residual blocks, sgd",
    "images, batch normalisation, adamw", "images, a frozen and a slower layer",
]
# Inputs -1 and +1 are trained on as numbers and as bits, which round differently.
CASES += [name + "; packed" for name in CASES if name not in REAL]
CASES += IMAGES


@pytest.fixture(scope="session")
def trainings(tmp_path_factory):
    found = {t["name"]: t for t in write(tmp_path_factory.mktemp("torch") / "replay.json")}
    assert sorted(found) == sorted(CASES)
    return found


class Residual(torch.nn.Module):
    def __init__(self, main, side):
        super().__init__()
        self.main, self.side = main, side

    def forward(self, x):
        return self.main(x) + self.side(x)


class Normalise(torch.nn.Module):
    def __init__(self, mean, deviation, dtype):
        super().__init__()
        self.mean, self.deviation = (torch.tensor(v, dtype=dtype).reshape(1, -1, 1, 1) for v in (mean, deviation))

    def forward(self, x):
        return (x - self.mean) / self.deviation


class Network(torch.nn.Module):
    """layers holds the modules that have weights, in Spurion's order."""

    def __init__(self, t, dtype):
        super().__init__()
        self.activation, self.slope, self.scale, self.dtype = t["activation"], t["slope"], t["output_scale"], dtype
        self.shape, self.layers = t["shape"], []
        values = iter(t["initial"])
        width = t["inputs"]
        if self.shape:
            channels, height, columns = self.shape
            self.image = self.sequence(t["layers"], channels, values)
            with torch.no_grad():
                self.image.eval()  # a first look must not move the running means
                width = self.image(torch.zeros(2, channels, height, columns, dtype=dtype)).numel() // 2
        self.dense = torch.nn.ModuleList()
        for layer in values:
            linear = torch.nn.Linear(width, layer["out"], bias=layer["biases"] is not None, dtype=dtype)
            self.fill(linear, layer, torch.tensor(layer["weights"], dtype=dtype).reshape(width, -1).T)
            self.dense.append(linear)
            width = layer["out"]
        self.train()

    def fill(self, module, layer, weights):
        with torch.no_grad():
            module.weight.copy_(weights)
            if layer["biases"] is not None:
                module.bias.copy_(torch.tensor(layer["biases"], dtype=self.dtype))
            if layer["mean"] is not None:
                module.running_mean.copy_(torch.tensor(layer["mean"], dtype=self.dtype))
                module.running_var.copy_(torch.tensor(layer["variance"], dtype=self.dtype))
        self.layers.append(module)

    def sequence(self, layers, channels, values):
        modules = torch.nn.Sequential()
        for l in layers or []:
            kind = l["Type"]
            if kind == "conv":
                layer, k = next(values), l["Kernel"]
                module = torch.nn.Conv2d(channels, l["Channels"], k, l["Stride"], l["Padding"], bias=layer["biases"] is not None, dtype=self.dtype)
                # Spurion has a window's weights row by row, pixel by pixel, channel by channel, outputs innermost.
                self.fill(module, layer, torch.tensor(layer["weights"], dtype=self.dtype).reshape(k, k, channels, -1).permute(3, 2, 0, 1))
                channels = l["Channels"]
            elif kind == "batch_norm":
                layer = next(values)
                module = torch.nn.BatchNorm2d(channels, l["Epsilon"], l["Momentum"], dtype=self.dtype)
                self.fill(module, layer, torch.tensor(layer["weights"], dtype=self.dtype))
            elif kind == "residual":
                main = self.sequence(l["Layers"], channels, values)
                module = Residual(main, self.sequence(l["Shortcut"], channels, values))
                channels = next((m.out_channels for m in reversed(list(main.modules())) if isinstance(m, torch.nn.Conv2d)), channels)
            else:
                step = l["Step"] or l["Window"]
                module = {
                    "relu": lambda: torch.nn.ReLU(),
                    "max_pool": lambda: torch.nn.MaxPool2d(l["Window"], step),
                    "average_pool": lambda: torch.nn.AvgPool2d(l["Window"], step),
                    "global_pool": lambda: torch.nn.AdaptiveAvgPool2d(1),
                    "normalise": lambda: Normalise(l["Mean"], l["Deviation"], self.dtype),
                }[kind]()
            modules.append(module)
        return modules

    def forward(self, x):
        if self.shape:
            x = self.image(x.reshape(-1, *self.shape)).permute(0, 2, 3, 1).flatten(1)  # Spurion's order: pixel by pixel
        for linear in self.dense[:-1]:
            x = self.activate(linear(x))
        return self.scale * self.dense[-1](x)

    def activate(self, z):
        return {
            "relu": torch.relu, "tanh": torch.tanh, "identity": lambda z: z, "quadratic": torch.square,
            "leaky_relu": lambda z: torch.nn.functional.leaky_relu(z, self.slope),
        }[self.activation](z)

    def flat(self):
        """All weights, biases and running numbers in Spurion's order, in float64."""
        parts = []
        for module in self.layers:
            w = module.weight.detach()
            if isinstance(module, torch.nn.Conv2d):
                w = w.permute(2, 3, 1, 0)
            elif isinstance(module, torch.nn.Linear):
                w = w.T
            parts += [w] + ([] if module.bias is None else [module.bias.detach()])
            if isinstance(module, torch.nn.BatchNorm2d):
                parts += [module.running_mean, module.running_var]
        return torch.cat([p.double().reshape(-1) for p in parts])


def row_losses(name, logits, labels):
    functional = torch.nn.functional
    if name == "cross_entropy":
        return functional.cross_entropy(logits, labels, reduction="none")
    f, zero_one = logits[:, 0], labels.to(logits.dtype)
    y = 2 * zero_one - 1
    return {
        "logistic": lambda: functional.binary_cross_entropy_with_logits(f, zero_one, reduction="none"),
        "hinge": lambda: torch.relu(1 - y * f),
        "squared": lambda: functional.mse_loss(f, y, reduction="none"),
        "correlation": lambda: -y * f,
    }[name]()


def optimizer_of(network, o):
    factors = o["LayerRates"] or [1] * len(network.layers)
    groups = [{"params": list(l.parameters()), "lr": o["Rate"] * f} for l, f in zip(network.layers, factors)]
    if o["Type"] == "sgd":
        decay = 0 if o["Decoupled"] else o["WeightDecay"]
        return torch.optim.SGD(groups, lr=o["Rate"], momentum=o["Momentum"], nesterov=o["Nesterov"], weight_decay=decay)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[o["Type"]]
    return kind(groups, lr=o["Rate"], betas=(o["Beta1"], o["Beta2"]), eps=o["Epsilon"], weight_decay=o["WeightDecay"])


def schedule_of(optimizer, s):
    lr = torch.optim.lr_scheduler
    if s is None:
        return lr.LambdaLR(optimizer, lambda _: 1)
    if s["Warmup"]:
        assert s["Type"] == "constant"
        return lr.LambdaLR(optimizer, lambda taken: min(1, (taken + 1) / s["Warmup"]))
    return {
        "step": lambda: lr.MultiStepLR(optimizer, s["Milestones"], s["Factor"]),
        "cosine": lambda: lr.CosineAnnealingLR(optimizer, s["Steps"], s["Final"]),
    }[s["Type"]]()


def take(optimizer, o):
    """A step, with what PyTorch leaves to its users: clipping (clip_grad_norm_ would add 1e-6 to the norm), and
    the decoupled decay of SGDW."""
    every = [(p, group["lr"]) for group in optimizer.param_groups for p in group["params"]]
    with torch.no_grad():
        if o["ClipNorm"]:
            norm = torch.cat([p.grad.reshape(-1) for p, _ in every]).norm()
            for p, _ in every:
                p.grad *= torch.clamp(o["ClipNorm"] / norm, max=1)
        if o["Decoupled"]:
            for p, rate in every:
                p -= rate * o["WeightDecay"] * p
    optimizer.step()


# PyTorch's own loops: with oneDNN's the float32 training of the residual blocks goes another way from step 45 on, far from its float64.
@torch.backends.mkldnn.flags(enabled=False)
def repeat(t, dtype):
    """Trains as t says; gives the weights and running numbers, flat, in float64, and the losses before each step."""
    network = Network(t, dtype)
    optimizer = optimizer_of(network, t["optimizer"])
    schedule = schedule_of(optimizer, t["optimizer"]["Schedule"])
    x = torch.tensor(t["x"], dtype=dtype).reshape(-1, t["inputs"])
    labels = torch.tensor(t["labels"], dtype=torch.int64)
    losses = []
    for step, rows in enumerate(t["batches"]):
        each = row_losses(t["loss"], network(x[rows]), labels[rows])
        loss = each.mean() if t["weights"] is None else (each * torch.tensor(t["weights"][step], dtype=dtype)).sum()
        optimizer.zero_grad()
        loss.backward()
        take(optimizer, t["optimizer"])
        schedule.step()
        losses.append(loss.item())
    return network.flat(), torch.tensor(losses, dtype=torch.float64)


def flat(layers):
    numbers = (l[name] or [] for l in layers for name in ("weights", "biases", "mean", "variance"))
    return torch.tensor([v for part in numbers for v in part], dtype=torch.float64)


def errors(t):
    """How far Spurion and PyTorch's float32 are from PyTorch's float64: ((weights), (losses)), and what half
    a unit in the last place of the weights comes to."""
    weights, losses = repeat(t, torch.float64)
    weights32, losses32 = repeat(t, torch.float32)
    ours, our_losses = flat(t["trained"]), torch.tensor(t["losses"], dtype=torch.float64)
    travelled, largest = (weights - flat(t["initial"])).norm(), losses.abs().max()
    least = (weights.norm() * 2.0**-25 / travelled).item()
    return (
        ((ours - weights).norm() / travelled).item(), ((weights32 - weights).norm() / travelled).item(),
        ((our_losses - losses).abs().max() / largest).item(), ((losses32 - losses).abs().max() / largest).item(),
        least,
    )


@pytest.mark.parametrize("name", CASES)
def test_training_is_pytorchs(trainings, name):
    ours, theirs, our_loss, their_loss, least = errors(trainings[name])
    print(f"weights {ours:.2e}, PyTorch {theirs:.2e}, least {least:.2e}; losses {our_loss:.2e}, PyTorch {their_loss:.2e}")
    assert theirs < 1e-4, "rounding makes another training of this one: nothing can be compared"
    assert ours <= FACTOR * theirs + least
    assert our_loss <= FACTOR * their_loss + 2.0**-24


def every_layer(layers):
    for l in layers or []:
        yield l
        yield from every_layer(l["Layers"])
        yield from every_layer(l["Shortcut"])


def changed(t, what):
    """The training with a mistake in it, or None if it does not come up there."""
    t = copy.deepcopy(t)
    o = t["optimizer"]
    if what == "rate":  # by a hundredth of a percent
        o["Rate"] *= 1.0001
    elif what == "loss" and o["Type"] == "sgd":  # Adam hardly minds the scale of a loss
        t["weights"] = [[1.0001 / len(b)] * len(b) for b in t["batches"]] if t["weights"] is None else None
    elif what == "order":
        t["batches"][10], t["batches"][11] = t["batches"][11], t["batches"][10]
        if t["batches"][10] == t["batches"][11]:
            return None
    elif what == "slope" and t["activation"] == "leaky_relu":
        t["slope"] += 1e-5
    elif what == "decay" and o["WeightDecay"]:
        o["WeightDecay"] *= 1.01
    elif what == "nesterov" and o["Momentum"]:
        o["Nesterov"] = not o["Nesterov"]
    elif what == "decoupled" and o["WeightDecay"] and o["Type"] != "sgd":
        o["Type"] = {"adam": "adamw", "adamw": "adam"}[o["Type"]]
    elif what == "decoupled" and o["Decoupled"]:
        o["Decoupled"] = False
    elif what == "clip" and o["ClipNorm"]:
        o["ClipNorm"] *= 1.0001
    elif what == "warm-up" and o["Schedule"] and o["Schedule"]["Warmup"]:
        o["Schedule"]["Warmup"] += 1
    elif what == "epsilon" and o["Type"] != "sgd":
        o["Epsilon"] *= 1000
    elif what == "schedule" and o["Schedule"]:
        o["Schedule"] = None
    elif what in ("momentum of batch_norm", "epsilon of batch_norm") and "batch_norm" in str(t["layers"]):
        name, factor = {"momentum of batch_norm": ("Momentum", 1.01), "epsilon of batch_norm": ("Epsilon", 20)}[what]
        for l in every_layer(t["layers"]):
            l[name] *= factor
    else:
        return None
    return t


@pytest.mark.parametrize("what", ["rate", "loss", "order", "slope", "decay", "nesterov", "decoupled", "epsilon", "schedule", "clip", "warm-up", "momentum of batch_norm", "epsilon of batch_norm"])
def test_a_mistake_is_noticed(trainings, what):
    wrong = {name: changed(t, what) for name, t in trainings.items()}
    wrong = {name: t for name, t in wrong.items() if t is not None}
    assert wrong
    for name, t in wrong.items():
        ours, theirs, _, _, least = errors(t)
        print(f"{name}: {ours:.2e}, PyTorch {theirs:.2e}")
        assert math.isfinite(ours) and ours > 2 * (FACTOR * theirs + least), name
