"""A network of Spurion's as a torch.nn.Module: load("model.pt") or load("model.safetensors"), as spurion export writes them."""

import json
import struct
import zipfile

import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, layers, shortcut):
        super().__init__()
        self.layers, self.shortcut = layers, shortcut

    def forward(self, x):
        return self.layers(x) + self.shortcut(x)


class Normalise(nn.Module):
    def __init__(self, mean, deviation):
        super().__init__()
        for name, values in [("mean", mean), ("deviation", deviation)]:
            self.register_buffer(name, torch.tensor(values).reshape(-1, 1, 1), persistent=False)

    def forward(self, x):
        return (x - self.mean) / self.deviation


def sequence(layers, state, at):
    """The modules of a list of layers; the tensors of the first begin with at + "0."."""
    modules = []
    for i, l in enumerate(layers):
        name = f"{at}{i}."
        weight, bias = state.get(name + "weight"), name + "bias" in state
        modules.append({
            "conv": lambda: nn.Conv2d(weight.shape[1], l["channels"], l["kernel"], l["stride"], l["padding"], bias=bias),
            "batch_norm": lambda: nn.BatchNorm2d(len(weight), l["epsilon"], l["momentum"]),
            "relu": lambda: nn.ReLU(),
            "max_pool": lambda: nn.MaxPool2d(l["window"], l["step"] or l["window"]),
            "average_pool": lambda: nn.AvgPool2d(l["window"], l["step"] or l["window"]),
            "global_pool": lambda: nn.AdaptiveAvgPool2d(1),
            "residual": lambda: Residual(sequence(l["layers"], state, name + "layers."), sequence(l["shortcut"], state, name + "shortcut.")),
            "normalise": lambda: Normalise(l["mean"], l["deviation"]),
        }[l["type"]]())
    return nn.Sequential(*modules)


def dense(state, at):
    out, inputs = state[at + "weight"].shape
    return nn.Linear(inputs, out, bias=at + "bias" in state)


class Network(nn.Module):
    """Maps inputs [rows, inputs], images channel by channel and row by row, to logits [rows, outputs]."""

    def __init__(self, about, state):
        super().__init__()
        settings = about["network"]
        self.shape, self.scale = about.get("shape"), about["output_scale"]
        if self.shape:
            self.image = sequence(settings["layers"], state, "image.")
        self.hidden = nn.ModuleList(dense(state, f"hidden.{i}.") for i in range(len(settings["hidden"])))
        self.output = dense(state, "output.")
        self.activation = {
            "relu": torch.relu, "tanh": torch.tanh, "identity": lambda z: z, "quadratic": torch.square,
            "leaky_relu": lambda z: nn.functional.leaky_relu(z, settings["slope"]),
        }[settings["activation"]]

    def features(self, x):
        """The last hidden layer's activations, [rows, width]."""
        if self.shape:
            x = self.image(x.reshape(-1, *self.shape)).flatten(1)
        for layer in self.hidden:
            x = self.activation(layer(x))
        return x

    def forward(self, x):
        return self.scale * self.output(self.features(x))

    def scores(self, x):
        """Of one or two outputs the margin [rows], at least 0 where label 1 is predicted; else the logits [rows, outputs]."""
        logits = self(x)
        return {1: lambda: logits[:, 0], 2: lambda: logits[:, 1] - logits[:, 0]}.get(logits.shape[1], lambda: logits)()


def read(path):
    """What the file says of the network, and its state_dict."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as z:
            about = z.read("model/spurion.json")
        return json.loads(about), torch.load(path, map_location="cpu", weights_only=True)
    with open(path, "rb") as f:
        (length,) = struct.unpack("<Q", f.read(8))
        header, values = json.loads(f.read(length)), f.read()
    about, state = json.loads(header.pop("__metadata__")["spurion"]), {}
    for name, t in header.items():
        begin, end = t["data_offsets"]
        state[name] = torch.frombuffer(bytearray(values[begin:end]), dtype=torch.float32).reshape(t["shape"])
    return about, state


def load(path):
    """The network, in evaluation mode."""
    about, state = read(path)
    network = Network(about, state)
    network.load_state_dict(state)
    return network.eval()
