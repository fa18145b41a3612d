"""The PyTorch side of `bench train`: it trains what it is asked to and says how long that took.

Requests and answers are lines of JSON on stdin and stdout. One thread. Written as fast as eager
PyTorch allows without leaving its public API: samples are drawn 64 batches at a time as random words
that a table expands, an epoch's shuffle is one gather, nothing is read back from a tensor within a
step, and every form of the optimizer that this version has can be asked for.
"""

import json
import os
import sys
import time
import warnings

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
warnings.filterwarnings("ignore")

import torch  # noqa: E402  (threads are set before)
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
torch.manual_seed(1)

CHUNK = 64  # batches of fresh samples that are drawn at once


def network(job):
    layers, width = [], job["inputs"]
    for hidden in job["hidden"]:
        layers += [nn.Linear(width, hidden), nn.LeakyReLU(0.01) if job["activation"] == "leaky_relu" else nn.ReLU()]
        width = hidden
    return nn.Sequential(*layers, nn.Linear(width, 2))


def optimizer(job, parameters, variant):
    options = {"foreach": {"foreach": True}, "fused": {"fused": True}, "compiled": {"fused": True}}.get(variant, {})
    if job["optimizer"] == "adam":
        return torch.optim.Adam(parameters, lr=job["rate"], **options)
    return torch.optim.SGD(parameters, lr=job["rate"], **options)


def spread(bits):
    """A table of the 256 bytes as eight numbers -1 or +1 each."""
    return ((torch.arange(256)[:, None] >> torch.arange(bits)) & 1).float().mul_(2).sub_(1)


def fresh(job):
    """Batches of fresh samples of D_λ for parities: exact, since turning one coordinate of the spurious
    parity turns its value and leaves the inputs uniform."""
    rows, n, core, spurious = job["batch"], job["inputs"], job["core"], job["spurious"]
    table, words = spread(8), (n + 63) // 64
    count = CHUNK * rows
    while True:
        bytes_ = torch.randint(-(2**63), 2**63 - 1, (count, words)).view(torch.uint8)
        used = bytes_[:, : (n + 7) // 8].reshape(-1).int()
        x = torch.index_select(table, 0, used).view(count, -1)[:, :n]
        y = x[:, :core].prod(1)
        s = x[:, core : core + spurious].prod(1)
        same = torch.rand(count).lt_(job["strength"]).mul_(2).sub_(1)
        x[:, core] *= y * s * same
        yield from zip(x.split(rows), y.gt(0).long().split(rows))


def read(job):
    with open(job["x"], "rb") as f:
        x = torch.frombuffer(bytearray(f.read()), dtype=torch.float32).view(-1, job["inputs"])
    with open(job["y"], "rb") as f:
        y = torch.frombuffer(bytearray(f.read()), dtype=torch.int8).long()
    return x, y


def epochs(job):
    """Batches of a fixed set, in a new random order each epoch."""
    x, y = read(job)
    while True:
        order = torch.randperm(len(x))
        yield from zip(x[order].split(job["batch"]), y[order].split(job["batch"]))


def cycle(job):
    """Prepared batches, one after the other; one batch if it is the whole set."""
    x, y = read(job)
    batches = list(zip(x.split(job["batch"]), y.split(job["batch"])))
    while True:
        yield from batches


class Training:
    def __init__(self, job, variant):
        self.net = network(job)
        self.optimizer = optimizer(job, self.net.parameters(), variant)
        self.batches = {"fresh": fresh, "epochs": epochs, "cycle": cycle}[job["data"]](job)
        self.loss = lambda x, y: F.cross_entropy(self.net(x), y)
        if variant == "compiled":
            self.loss = torch.compile(self.loss)

    def run(self, steps):
        started = time.perf_counter()
        for _, (x, y) in zip(range(steps), self.batches):
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.loss(x, y)
            loss.backward()
            self.optimizer.step()
        seconds = time.perf_counter() - started
        return {"seconds": seconds, "loss": loss.item()}


def blas():
    text = torch.__config__.show()
    if "BLAS_INFO=mkl" in text:
        return "MKL"
    with open("/proc/self/maps") as maps:
        loaded = maps.read()
    for name, label in (("openblas", "OpenBLAS"), ("blis", "BLIS"), ("libmkl", "MKL"), ("libblas", "reference BLAS")):
        if name in loaded:
            return label
    return "unknown BLAS"


def about():
    variants = ["default"]
    parameter = torch.nn.Parameter(torch.zeros(2))
    for variant in ("foreach", "fused"):
        try:
            for kind in (torch.optim.SGD, torch.optim.Adam):
                step = kind([parameter], lr=0.1, **{variant: True})
                parameter.grad = torch.ones(2)
                step.step()
            variants.append(variant)
        except Exception:  # this version has none on the CPU
            pass
    if hasattr(torch, "compile") and "fused" in variants:
        variants.append("compiled")
    capability = torch.__config__.show().split("CPU capability usage: ")[1].split("\n")[0]
    return {
        "version": torch.__version__,
        "blas": blas(),
        "capability": capability,
        "python": sys.version.split()[0],
        "variants": variants,
    }


def main():
    trainings = {}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "about":
                answer = about()
            else:
                job, variant = request["job"], request["variant"]
                key = (job["name"], variant)
                if key not in trainings:
                    trainings[key] = Training(job, variant)
                answer = trainings[key].run(request["steps"])
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:400]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
