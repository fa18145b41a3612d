"""JAX as a peer of `bench images`: a jitted step whose weights are donated, or a scan of steps.

Images lie pixel by pixel (NHWC) or channel by channel (NCHW). A pool is the largest of a reshaped array: the gradient
of reduce_window takes longer. It comes before the bias and the ReLU, which give the same after it and have a quarter
of the work. XLA's convolutions are slow within a scan, so there they are products of the windows' pixels.
"""

import functools

import jax
import jax.numpy as jnp
import jaxlib
import numpy as np
from jax import lax

from images_peer import read, start
from peer import serve


def convolution(x, weights, variant):
    if "windows" not in variant:
        layout = "NCHW" if "NCHW" in variant else "NHWC"
        return lax.conv_general_dilated(x, weights, (1, 1), "VALID", dimension_numbers=(layout, "HWIO", layout))
    k, _, channels, out = weights.shape
    height, width = x.shape[1] - k + 1, x.shape[2] - k + 1
    windows = [x[:, i : i + height, j : j + width] for i in range(k) for j in range(k)]
    return jnp.concatenate(windows, -1) @ weights.reshape(k * k * channels, out)


def pool(x, at):
    """The largest of each 2 x 2 numbers; at is the axis of the height."""
    height, width = x.shape[at] // 2, x.shape[at + 1] // 2
    x = lax.slice_in_dim(lax.slice_in_dim(x, 0, 2 * height, axis=at), 0, 2 * width, axis=at + 1)
    return x.reshape(*x.shape[:at], height, 2, width, 2, *x.shape[at + 2 :]).max((at + 1, at + 3))


def cross_entropy(variant, p, x, labels):
    at = 2 if "NCHW" in variant else 1
    for weights, biases in zip(p[:-4:2], p[1:-4:2]):
        x = pool(convolution(x, weights, variant), at)
        x = jax.nn.relu(x + (biases[:, None, None] if at == 2 else biases))
    x = jax.nn.relu(x.reshape(len(x), -1) @ p[-4] + p[-3])
    logits = x @ p[-2] + p[-1]
    margin = (logits[:, 1] - logits[:, 0]) * jnp.where(labels > 0, -1.0, 1.0)
    return jnp.mean(jax.nn.softplus(margin))


def step(job, variant, carry, batch):
    p, m = carry
    loss, g = jax.value_and_grad(functools.partial(cross_entropy, variant))(p, *batch)
    m = [job["momentum"] * m + g for m, g in zip(m, g)]
    return ([p - job["rate"] * m for p, m in zip(p, m)], m), loss


class Training:
    seeds = 1

    def __init__(self, job, variant):
        p, (x, labels) = start(job), read(job)
        if "NCHW" in variant:
            p[-4] = p[-4].transpose(2, 0, 1, 3)
        else:
            x = x.transpose(0, 1, 3, 4, 2)
        p[-4] = p[-4].reshape(-1, job["hidden"])
        self.carry = [jnp.asarray(part) for part in p], [jnp.zeros_like(part) for part in p]
        go = functools.partial(step, job, variant)
        self.scan = "scan" in variant
        self.go = jax.jit(functools.partial(lax.scan, go) if self.scan else go, donate_argnums=0)
        x, labels = jnp.asarray(np.ascontiguousarray(x)), jnp.asarray(labels)
        self.batches = (x, labels) if self.scan else list(zip(x, labels))
        self.steps = 0

    @staticmethod
    def variants(job):
        return ["NHWC", "NCHW", "windows, scan"]

    def run(self, steps):
        if self.scan:  # once round the batches, and again
            rounds, each = -(-steps // len(self.batches[0])), len(self.batches[0])
            for _ in range(rounds):
                self.carry, losses = self.go(self.carry, self.batches)
            return rounds * each, losses.tolist()
        for _ in range(steps):
            self.carry, loss = self.go(self.carry, self.batches[self.steps % len(self.batches)])
            self.steps += 1
        return steps, [loss.item()]


def about():
    return f"JAX {jax.__version__}, jaxlib {jaxlib.__version__}"


if __name__ == "__main__":
    serve(Training, None, about)
