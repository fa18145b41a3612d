"""PyTorch as a peer of `bench images`: CNNs as a user who cares for speed would train them.

One thread; weights and batches are read once; gradients are set to None and the optimizer is the fused one. Images
lie channel by channel or, channels_last, pixel by pixel.
"""

import torch
import torch.nn.functional as F
from torch import nn

from images_peer import read, start
from peer import serve

torch.set_num_threads(1)
torch.set_num_interop_threads(1)


def network(job):
    parts = [torch.from_numpy(part) for part in start(job)]
    layers = []
    for weights, biases in zip(parts[:-4:2], parts[1:-4:2]):
        k, _, channels, out = weights.shape
        conv = nn.Conv2d(channels, out, k)
        conv.weight.data, conv.bias.data = weights.permute(3, 2, 0, 1).contiguous(), biases.clone()
        layers += [conv, nn.ReLU(), nn.MaxPool2d(2)]
    weights = parts[-4].permute(3, 2, 0, 1).flatten(1)
    hidden, last = nn.Linear(*weights.shape[::-1]), nn.Linear(job["hidden"], 2)
    hidden.weight.data, hidden.bias.data = weights.contiguous(), parts[-3].clone()
    last.weight.data, last.bias.data = parts[-2].T.contiguous(), parts[-1].clone()
    return nn.Sequential(*layers, nn.Flatten(), hidden, nn.ReLU(), last)


class Training:
    seeds = 1

    def __init__(self, job, variant):
        layout = torch.channels_last if "channels_last" in variant else torch.contiguous_format
        self.net = network(job).to(memory_format=layout)
        batches = zip(*(torch.from_numpy(part) for part in read(job)))
        self.batches = [(x.contiguous(memory_format=layout), y.long()) for x, y in batches]
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=job["rate"], momentum=job["momentum"], fused=True)
        self.loss = lambda x, y: F.cross_entropy(self.net(x), y)
        if "compile" in variant:
            self.loss = torch.compile(self.loss)
        self.steps = 0

    @staticmethod
    def variants(job):
        return ["eager", "eager, channels_last", "compile", "compile, channels_last"]

    def run(self, steps):
        for _ in range(steps):
            loss = self.step()
        return steps, [loss.item()]

    def step(self):
        x, y = self.batches[self.steps % len(self.batches)]
        self.steps += 1
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(x, y)
        loss.backward()
        self.optimizer.step()
        return loss


def about():
    loops = torch.__config__.show().split("CPU capability usage: ")[1].split("\n")[0]
    onednn = "with" if torch.backends.mkldnn.is_available() else "without"
    return f"PyTorch {torch.__version__}, {onednn} oneDNN, {loops} loops"


if __name__ == "__main__":
    serve(Training, None, about)
