"""What the peers of `bench images` have in common beside peer.py: the weights to start from, and the batches of a job."""

import numpy as np


def start(job):
    """Of each convolution weights [kernel, kernel, in, out] and biases; of the hidden layer weights [height, width,
    channels, hidden] and biases; of the last weights [hidden, 2] and biases."""
    (channels, height, width), k = job["input"], job["kernel"]
    shapes = []
    for out in job["channels"]:
        shapes += [(k, k, channels, out), (out,)]
        channels, height, width = out, (height - k + 1) // 2, (width - k + 1) // 2
    shapes += [(height, width, channels, job["hidden"]), (job["hidden"],), (job["hidden"], 2), (2,)]
    flat = np.fromfile(job["start"], np.float32)
    parts = np.split(flat, np.cumsum([np.prod(s) for s in shapes])[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes)]


def read(job):
    """The batches: x float32 [batches, rows, channels, height, width] and labels int8 [batches, rows]."""
    x = np.fromfile(job["x"], np.float32).reshape(-1, job["batch"], *job["input"])
    return x, np.fromfile(job["y"], np.int8).reshape(-1, job["batch"])
