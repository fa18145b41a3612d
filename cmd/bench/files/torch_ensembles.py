"""Batched ensembles in PyTorch as a peer of `bench train`: a layer of all seeds is one torch.baddbmm."""

import torch
import torch.nn.functional as F

import peer
import torch_eager
from torch_eager import fresh, optimizer, read

CHUNK = 4  # batches of fresh samples that are drawn at once for each seed


def batches(job, seeds):
    """Batches x [seeds, rows, inputs] and labels [seeds, rows]. Each seed has samples and an order of its own; of an
    epoch the rows that fill no batch are left out. Prepared batches are the same for all."""
    size, n = job["batch"], job["inputs"]
    if job["data"] != "fresh":
        x, y = read(job)
        prepared = [(a.expand(seeds, *a.shape), b.expand(seeds, *b.shape)) for a, b in zip(x.split(size), y.split(size))]
    while True:
        if job["data"] == "fresh":
            x, y = fresh(job, CHUNK * seeds * size)
            yield from zip(x.contiguous().view(CHUNK, seeds, size, n), y.view(CHUNK, seeds, size))
        elif job["data"] == "epochs":
            orders = torch.stack([torch.randperm(len(x)) for _ in range(seeds)])
            for order in orders[:, : len(x) // size * size].split(size, 1):
                yield x[order], y[order]
        else:
            yield from prepared


class Training:
    seeds = peer.SEEDS

    def __init__(self, job, variant):
        parts = zip(*(peer.start(job, seed) for seed in range(self.seeds)))
        self.p = [torch.stack([torch.from_numpy(part) for part in seeds]).requires_grad_() for seeds in parts]
        self.activate = F.leaky_relu if job["activation"] == "leaky_relu" else F.relu  # its slope is 0.01
        self.optimizer = optimizer(job, self.p, fused=True)
        self.batches = batches(job, self.seeds)
        if variant == "compiled":
            self.losses = torch.compile(self.losses, dynamic=False)

    @staticmethod
    def variants(job):
        return ["fused", "compiled"]

    def losses(self, x, y):
        """The mean loss of each seed."""
        layers = list(zip(self.p[::2], self.p[1::2]))
        for weights, biases in layers[:-1]:
            x = self.activate(torch.baddbmm(biases[:, None], x, weights))
        weights, biases = layers[-1]
        logits = torch.baddbmm(biases[:, None], x, weights)
        return F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none").view(y.shape).mean(1)

    def run(self, steps):
        for _, (x, y) in zip(range(steps), self.batches):
            self.optimizer.zero_grad(set_to_none=True)
            losses = self.losses(x, y)
            losses.sum().backward()
            self.optimizer.step()
        return steps, [losses[0].item()]


if __name__ == "__main__":
    peer.serve(Training, torch_eager.draw, torch_eager.about)
