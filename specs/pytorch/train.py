"""Trains a CNN in PyTorch by ERM: python3 train.py DEVICE EPOCHS RATE STEP..., with the seed in SPURION_SEED.

Reads inputs/data.parquet, a data set of images and two classes. After each STEP, 0 among them, it keeps the network. It writes

    checkpoints/STEP.pt    the network's state_dict
    features.parquet       a data set: for each sample the last hidden layer's activations, of all steps side by side
    model.parquet          the last layer of each step, on the features of its step
    predictions.parquet    what the last step predicts, and the step with the best worst group of the validation split
    base.parquet           which steps these are, for new last layers by the kind head
    backbone.pt            the last network without its last layer, as TorchScript: images [rows, channels, height, width] to activations

What any training of one's own would replace is Network and the loop; the rest stays.
"""

import os
import sys

import tables  # first: it says what is missing
import numpy as np
import torch
from torch import nn

BATCH, MOMENTUM = 64, 0.9
METHOD = "erm in PyTorch"
ACCESS = "group: selection (validation)"  # what the training reads beyond labels, in the words of debias


class Network(nn.Module):
    def __init__(self, shape, classes=2, width=64):
        super().__init__()
        convolutions = nn.Sequential(nn.Conv2d(shape[0], 8, 5, 2), nn.ReLU(), nn.Conv2d(8, 16, 5, 2), nn.ReLU(), nn.Flatten())
        inputs = convolutions(torch.zeros(1, *shape)).shape[1]
        self.trunk = nn.Sequential(convolutions, nn.Linear(inputs, width), nn.ReLU())
        self.last = nn.Linear(width, classes)

    def forward(self, x):
        return self.last(self.trunk(x))


@torch.no_grad()
def features(network, x):
    network.eval()
    return torch.cat([network.trunk(part) for part in x.split(512)]).cpu().numpy()


def last_layer(network):
    return tuple(p.detach().cpu().numpy().copy() for p in (network.last.weight, network.last.bias))


def worst_group(data, scores, split):
    """The worst group's accuracy on a split; without attributes the worst class's."""
    held = data.split == split
    right = (scores >= 0) == (data.label == 1)
    groups = data.label if data.attribute is None else data.label * (data.attribute.max() + 1) + data.attribute
    return min(right[held & (groups == g)].mean() for g in np.unique(groups[held]))


def main(device, epochs, rate, *steps):
    device, steps = tables.device(device), sorted(int(s) for s in steps)
    torch.manual_seed(int(os.environ["SPURION_SEED"]))
    torch.use_deterministic_algorithms(True)
    data = tables.Dataset("inputs/data.parquet")
    if data.shape is None or data.label.max() > 1:
        tables.stop("the data set is not one of images and two classes, which this program trains on")
    x = torch.from_numpy(data.inputs).reshape(-1, *data.shape).to(device)
    y = torch.from_numpy(data.label).to(device)
    train = torch.from_numpy(np.flatnonzero(data.split == "train"))

    network = Network(data.shape).to(device)
    optimizer = torch.optim.SGD(network.parameters(), lr=float(rate), momentum=MOMENTUM)
    activations, heads = {}, {}

    def keep(step):
        activations[step], heads[step] = features(network, x), last_layer(network)
        os.makedirs("checkpoints", exist_ok=True)
        torch.save(network.state_dict(), f"checkpoints/{step}.pt")

    step = 0
    if 0 in steps:
        keep(0)
    for _ in range(int(epochs)):
        network.train()
        for rows in train[torch.randperm(len(train))].split(BATCH):
            loss = nn.functional.cross_entropy(network(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if step in steps:
                keep(step)
                network.train()
        print(f"step {step}: loss {loss.item():.4f}", flush=True)
    if step not in heads:
        keep(step)
    if lost := [s for s in steps if s not in heads]:
        tables.stop(f"the training has {step} steps, and {lost} lie beyond: leave them out, or train for more epochs")

    scores = {s: activations[s] @ (w[1] - w[0]) + (b[1] - b[0]) for s, (w, b) in heads.items()}
    if not np.isfinite(scores[step]).all():
        tables.stop("the training diverged: choose a lower rate")
    about = data.write("features.parquet", np.concatenate(list(activations.values()), axis=1))
    tables.write_heads("model.parquet", about, heads)
    best = max(scores, key=lambda s: (worst_group(data, scores[s], "validation"), -s))
    selected = {"last": step, "best_validation_worst_group": best}
    tables.write_predictions("predictions.parquet", data, {rule: scores[s] for rule, s in selected.items()})
    tables.write_base("base.parquet", METHOD, ACCESS, step, {rule: (s, worst_group(data, scores[s], "test")) for rule, s in selected.items()})
    torch.jit.trace(network.trunk.cpu().eval(), torch.zeros(1, *data.shape)).save("backbone.pt")


if __name__ == "__main__":
    main(*sys.argv[1:])
