"""JAX as a peer of `bench train`: one seed, jit round lax.scan, with fresh samples made on the device.

A call takes as many blocks of steps as it is told to, a block being a scan; so it is compiled once for any number
of steps. An epoch's order comes from numpy, which takes a fortieth of jax.random.permutation's time.
"""

import functools

import jax
import jax.numpy as jnp
import jaxlib
import numpy as np
from jax import lax

from peer import read, serve, start

BLOCK = 64  # steps of a scan on fresh samples


def network(job, p, x):
    for weights, biases in zip(p[:-2:2], p[1:-2:2]):
        x = x @ weights + biases
        x = jax.nn.leaky_relu(x, 0.01) if job["activation"] == "leaky_relu" else jax.nn.relu(x)
    return x @ p[-2] + p[-1]


def cross_entropy(job, p, x, labels):
    logits = network(job, p, x)
    margin = (logits[:, 1] - logits[:, 0]) * jnp.where(labels > 0, -1.0, 1.0)
    return jnp.mean(jax.nn.softplus(margin))


def step(job, carry, batch):
    """A step of SGD or Adam; carry is the parameters, Adam's two moments of each, and the steps taken."""
    p, m, v, taken = carry
    loss, g = jax.value_and_grad(functools.partial(cross_entropy, job))(p, *batch)
    taken += 1
    rate, t = job["rate"], taken.astype(jnp.float32)
    if job["optimizer"] == "adam":
        m = [0.9 * m + 0.1 * g for m, g in zip(m, g)]
        v = [0.999 * v + 0.001 * g * g for v, g in zip(v, g)]
        first, second = rate / (1 - 0.9**t), 1 / (1 - 0.999**t)
        p = [p - first * m / (jnp.sqrt(v * second) + 1e-8) for p, m, v in zip(p, m, v)]
    else:
        p = [p - rate * g for p, g in zip(p, g)]
    return (p, m, v, taken), loss


def fresh(job, key, rows):
    """Rows of the law of parities: uniform signs, one of which is turned so that the spurious parity agrees with
    the core one as often as the law says."""
    n, core, spurious = job["inputs"], job["core"], job["spurious"]
    words = (n + 31) // 32
    bits = jax.random.bits(key, (rows, words + 1), jnp.uint32)
    x = (bits[:, :words, None] >> jnp.arange(32, dtype=jnp.uint32)) & 1
    x = x.reshape(rows, -1)[:, :n].astype(jnp.float32) * 2 - 1
    y = jnp.prod(x[:, :core], 1)
    s = jnp.prod(x[:, core : core + spurious], 1)
    agree = jnp.where(bits[:, words] < jnp.uint32(job["strength"] * 2.0**32), 1.0, -1.0)
    return x.at[:, core].multiply(y * s * agree), (y > 0).astype(jnp.int32)


def block(job, variant, state, x, labels, order):
    """Trains for a block of steps: 64 of fresh samples, an epoch in an order [steps, rows], or once round the
    prepared batches. Gives the losses of the block."""
    carry, key = state
    rows, n = job["batch"], job["inputs"]
    go = functools.partial(step, job)
    if job["data"] == "fresh":
        key, now = jax.random.split(key)
        if "ahead" in variant:  # the samples of a block at once
            x, labels = fresh(job, now, BLOCK * rows)
            carry, losses = lax.scan(go, carry, (x.reshape(BLOCK, rows, n), labels.reshape(BLOCK, rows)))
        else:
            carry, losses = lax.scan(lambda c, k: go(c, fresh(job, k, rows)), carry, jax.random.split(now, BLOCK))
    elif job["data"] == "epochs":
        if "ahead" in variant:
            carry, losses = lax.scan(go, carry, (x[order], labels[order]))
        else:
            carry, losses = lax.scan(lambda c, i: go(c, (x[i], labels[i])), carry, order)
    elif len(x) == rows:
        carry, loss = go(carry, (x, labels))
        losses = loss[None]
    else:
        carry, losses = lax.scan(go, carry, (x.reshape(-1, rows, n), labels.reshape(-1, rows)))
    return (carry, key), losses


def blocks(job, variant, count, state, losses, x, labels, order):
    return lax.fori_loop(0, count, lambda _, s: block(job, variant, s[0], x, labels, order), (state, losses))


class Training:
    seeds = 1

    def __init__(self, job, variant):
        keys = [jax.random.key(seed, impl="rbg" if "rbg" in variant else "threefry2x32") for seed in range(self.seeds)]
        states = [(carry(job, seed), key) for seed, key in enumerate(keys)]
        x, labels = (np.empty((0, 0)), np.empty(0)) if job["data"] == "fresh" else read(job)
        self.block = {"fresh": BLOCK, "epochs": len(x) // job["batch"], "cycle": len(x) // job["batch"]}[job["data"]]
        self.fixed = jnp.asarray(x), jnp.asarray(labels)
        f = functools.partial(blocks, job, variant)
        if self.seeds == 1:
            self.state, self.losses = states[0], jnp.zeros(self.block)
        else:
            self.state, self.losses = jax.tree.map(lambda *s: jnp.stack(s), *states), jnp.zeros((self.seeds, self.block))
            f = jax.vmap(f, in_axes=(None, 0, 0, None, None, 0))
        self.go = jax.jit(f, donate_argnums=(1, 2))
        self.epochs, self.rows, self.rng = job["data"] == "epochs", job["batch"], np.random.default_rng(1)

    @staticmethod
    def variants(job):
        if job["data"] == "fresh":
            return ["threefry", "threefry, samples ahead", "rbg", "rbg, samples ahead"]
        return ["rows taken by step", "rows taken ahead"] if job["data"] == "epochs" else ["jit"]

    def run(self, steps):
        count = -(-steps // self.block)
        if self.epochs:
            for _ in range(count):
                self.state, self.losses = self.go(1, self.state, self.losses, *self.fixed, self.order())
        else:
            self.state, self.losses = self.go(count, self.state, self.losses, *self.fixed, None)
        return count * self.block, np.atleast_2d(self.losses)[0].tolist()

    def order(self):
        """An epoch's rows in batches; those that fill none are left out, since shapes are static."""
        rows = len(self.fixed[0])
        orders = [self.rng.permutation(rows)[: self.block * self.rows] for _ in range(self.seeds)]
        shape = (self.seeds, self.block, self.rows) if self.seeds > 1 else (self.block, self.rows)
        return np.stack(orders).astype(np.int32).reshape(shape)


def carry(job, seed):
    p = [jnp.asarray(part) for part in start(job, seed)]
    m, v = ([jnp.zeros_like(part) for part in p] if job["optimizer"] == "adam" else [] for _ in range(2))
    return p, m, v, jnp.int32(0)


def draw(job, rows):
    key = jax.random.key(1)
    if job["data"] == "fresh":
        return fresh(job, key, rows)
    x, labels = read(job)
    order = np.random.default_rng(1).permutation(len(x))
    return jnp.asarray(x)[order], jnp.asarray(labels)[order]


def about():
    return f"JAX {jax.__version__}, jaxlib {jaxlib.__version__}"


if __name__ == "__main__":
    serve(Training, draw, about)
