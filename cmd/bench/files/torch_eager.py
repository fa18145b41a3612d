"""Eager PyTorch as a peer of `bench train`, as fast as its public API allows.

Samples are drawn 64 batches at a time as random words that a table expands, an epoch's shuffle is one gather,
nothing is read back from a tensor within a step, and every form of the optimizer that this version has is tried.
"""

import torch
import torch.nn.functional as F
from torch import nn

import peer

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
torch.manual_seed(1)

CHUNK = 64  # batches of fresh samples that are drawn at once


def network(job):
    w = peer.widths(job)
    layers = []
    for n, m in zip(w, w[1:]):
        layers += [nn.Linear(n, m), nn.LeakyReLU(0.01) if job["activation"] == "leaky_relu" else nn.ReLU()]
    net = nn.Sequential(*layers[:-1])
    with torch.no_grad():
        for p, part in zip(net.parameters(), peer.start(job, 0)):
            p.copy_(torch.from_numpy(part).T)
    return net


def optimizer(job, parameters, **options):
    if job["optimizer"] == "adam":
        return torch.optim.Adam(parameters, lr=job["rate"], **options)
    return torch.optim.SGD(parameters, lr=job["rate"], **options)


def fresh(job, count):
    """Rows of the law of parities: uniform signs, one of which is turned so that the spurious parity agrees with
    the core one as often as the law says."""
    n, core, spurious = job["inputs"], job["core"], job["spurious"]
    table = ((torch.arange(256)[:, None] >> torch.arange(8)) & 1).float().mul_(2).sub_(1)
    bytes_ = torch.randint(-(2**63), 2**63 - 1, (count, (n + 63) // 64)).view(torch.uint8)
    used = bytes_[:, : (n + 7) // 8].reshape(-1).int()
    x = torch.index_select(table, 0, used).view(count, -1)[:, :n]
    y = x[:, :core].prod(1)
    s = x[:, core : core + spurious].prod(1)
    x[:, core] *= y * s * torch.rand(count).lt_(job["strength"]).mul_(2).sub_(1)
    return x, y.gt(0).long()


def read(job):
    x, y = peer.read(job)
    return torch.from_numpy(x), torch.from_numpy(y).long()


def batches(job):
    """Of fresh samples, of a fixed set in a new random order each epoch, or of prepared batches in turn."""
    size = job["batch"]
    if job["data"] != "fresh":
        x, y = read(job)
        prepared = list(zip(x.split(size), y.split(size)))
    while True:
        if job["data"] == "fresh":
            x, y = fresh(job, CHUNK * size)
            yield from zip(x.split(size), y.split(size))
        elif job["data"] == "epochs":
            order = torch.randperm(len(x))
            yield from zip(x[order].split(size), y[order].split(size))
        else:
            yield from prepared


class Training:
    seeds = 1

    def __init__(self, job, variant):
        self.net = network(job)
        self.optimizer = optimizer(job, self.net.parameters(), **({} if variant == "default" else {variant: True}))
        self.batches = batches(job)

    @staticmethod
    def variants(job):
        found, p = ["default"], nn.Parameter(torch.zeros(2))
        p.grad = torch.ones(2)
        for variant in ("foreach", "fused"):
            try:
                optimizer(job, [p], **{variant: True}).step()
                found.append(variant)
            except Exception:  # this version has none on the CPU
                pass
        return found

    def loss(self, x, y):
        return F.cross_entropy(self.net(x), y)

    def run(self, steps):
        for _, (x, y) in zip(range(steps), self.batches):
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.loss(x, y)
            loss.backward()
            self.optimizer.step()
        return steps, [loss.item()]


def draw(job, rows):
    if job["data"] == "fresh":
        return fresh(job, rows)
    x, y = read(job)
    order = torch.randperm(len(x))
    return x[order], y[order]


def about():
    config = torch.__config__.show()
    blas = "MKL" if "BLAS_INFO=mkl" in config else peer.blas()
    loops = config.split("CPU capability usage: ")[1].split("\n")[0]
    return f"PyTorch {torch.__version__}, {blas}, {loops} loops"


if __name__ == "__main__":
    peer.serve(Training, draw, about)
