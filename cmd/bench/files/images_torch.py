"""The PyTorch side of `bench images`: CNNs as a user who cares for speed would train them.

Requests and answers are lines of JSON on stdin and stdout. One thread; weights and batches are read once; gradients
are set to None and the optimizer is the fused one. Images lie channel by channel or, channels_last, pixel by pixel.
"""

import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)
torch.set_num_interop_threads(1)


def network(job):
    (channels, height, width), k = job["input"], job["kernel"]
    flat, at = np.fromfile(job["start"], np.float32), 0

    def take(*shape):
        nonlocal at
        part = flat[at : at + np.prod(shape)].reshape(shape)
        at += part.size
        return torch.from_numpy(part)

    layers = []
    for out in job["channels"]:
        conv = nn.Conv2d(channels, out, k)
        conv.weight.data = take(k, k, channels, out).permute(3, 2, 0, 1).contiguous()
        conv.bias.data = take(out).clone()
        layers += [conv, nn.ReLU(), nn.MaxPool2d(2)]
        channels, height, width = out, (height - k + 1) // 2, (width - k + 1) // 2
    hidden, last = nn.Linear(channels * height * width, job["hidden"]), nn.Linear(job["hidden"], 2)
    hidden.weight.data = take(height, width, channels, job["hidden"]).permute(3, 2, 0, 1).flatten(1).contiguous()
    hidden.bias.data = take(job["hidden"]).clone()
    last.weight.data = take(job["hidden"], 2).T.contiguous()
    last.bias.data = take(2).clone()
    return nn.Sequential(*layers, nn.Flatten(), hidden, nn.ReLU(), last)


class Training:
    def __init__(self, job, variant):
        layout = torch.channels_last if "channels_last" in variant else torch.contiguous_format
        self.net = network(job).to(memory_format=layout)
        x = torch.from_numpy(np.fromfile(job["x"], np.float32).reshape(-1, *job["input"]))
        y = torch.from_numpy(np.fromfile(job["y"], np.int8)).long()
        batches = zip(x.split(job["batch"]), y.split(job["batch"]))
        self.batches = [(x.contiguous(memory_format=layout), y) for x, y in batches]
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=job["rate"], momentum=job["momentum"], fused=True)
        self.loss = lambda x, y: F.cross_entropy(self.net(x), y)
        if "compile" in variant:
            self.loss = torch.compile(self.loss)
        self.steps = 0

    def step(self):
        x, y = self.batches[self.steps % len(self.batches)]
        self.steps += 1
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(x, y)
        loss.backward()
        self.optimizer.step()
        return loss


def variants(job):
    found = ["eager", "eager, channels_last"]
    for variant in ("compile", "compile, channels_last"):
        try:
            Training(job, variant).step()
            found.append(variant)
        except Exception:  # nothing compiles here
            pass
    return found


trainings = {}


def answer(r):
    if r["do"] == "about":
        loops = torch.__config__.show().split("CPU capability usage: ")[1].split("\n")[0]
        onednn = "with" if torch.backends.mkldnn.is_available() else "without"
        return {"version": f"PyTorch {torch.__version__}, {onednn} oneDNN, {loops} loops, Python {sys.version.split()[0]}"}
    job, variant = r["job"], r["variant"]
    if r["do"] == "variants":
        return {"variants": variants(job)}
    if r["do"] == "check":
        training = Training(job, variant)
        return {"losses": [training.step().item() for _ in range(r["steps"])]}
    key = (job["name"], variant)
    if key not in trainings:
        trainings[key] = Training(job, variant)
    begin = time.perf_counter()
    for _ in range(r["steps"]):
        trainings[key].step()
    return {"seconds": time.perf_counter() - begin}


for line in sys.stdin:
    try:
        result = answer(json.loads(line))
    except Exception as e:  # whatever it is, the other side must hear of it
        result = {"error": f"{type(e).__name__}: {e}"[:400]}
    print(json.dumps(result), flush=True)
