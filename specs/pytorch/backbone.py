"""Writes backbone.pt, a small convolutional network with random weights as TorchScript, to try embed.py out: python3 backbone.py CHANNELS,
with the seed in SPURION_SEED. What its embeddings tell is what random features do."""

import os
import sys

import torch
from torch import nn

torch.manual_seed(int(os.environ["SPURION_SEED"]))
channels = int(sys.argv[1])
network = nn.Sequential(
    nn.Conv2d(channels, 16, 5, 2), nn.ReLU(), nn.Conv2d(16, 32, 5, 2), nn.ReLU(), nn.AdaptiveAvgPool2d((4, 2)), nn.Flatten(),
)
torch.jit.script(network.eval()).save("backbone.pt")
