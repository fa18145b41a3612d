"""numba as a peer of `bench train`: the whole training is one compiled loop, whose products are BLAS's.

Parameters, gradients and Adam's moments are flat vectors with a view for each layer, so that an update is one
vectorised loop; no array is made within a step; the output layer is done by loops, in one pass over its inputs.
"""

import numba
import numpy as np
import scipy
from numba import njit

from peer import blas, read, serve, start, widths

f32, u64 = np.float32, np.uint64


@njit(inline="always")
def splitmix(state):
    state[0] += u64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> u64(30))) * u64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> u64(27))) * u64(0x94D049BB133111EB)
    return z ^ (z >> u64(31))


@njit(fastmath=True)
def fresh(state, law, x, labels):
    """Rows of the law of parities, of up to 64 inputs: uniform signs, one of which is turned so that the spurious
    parity agrees with the core one as often as the law says."""
    core, spurious, agree = law
    for i in range(len(x)):
        word = splitmix(state)
        for j in range(x.shape[1]):
            x[i, j] = f32(2) * f32((word >> u64(j)) & u64(1)) - f32(1)
        y, s = f32(1), f32(1)
        for j in range(core):
            y *= x[i, j]
        for j in range(core, core + spurious):
            s *= x[i, j]
        x[i, core] *= y * s * (f32(1) if splitmix(state) < agree else f32(-1))
        labels[i] = y > 0


@njit
def shuffle(state, order):
    for i in range(len(order) - 1, 0, -1):
        k = splitmix(state) % u64(i + 1)
        order[i], order[k] = order[k], order[i]


@njit(fastmath=True)
def gather(x, labels, order, to_x, to_labels):
    for i in range(len(order)):
        to_x[i] = x[order[i]]
        to_labels[i] = labels[order[i]]


@njit(fastmath=True)
def hidden(x, weights, biases, h, slope):
    np.dot(x, weights, h)
    for i in range(len(h)):
        for k in range(len(biases)):
            v = h[i, k] + biases[k]
            h[i, k] = v if v > 0 else slope * v


@njit(fastmath=True)
def output(h, weights, biases, labels, batch, gradient, bias_gradient, delta, slope):
    """The two logits of each row, and back: adds to the layer's gradients [2, inputs] and leaves that of what the layer
    below sums up in delta. By loops, since BLAS is slow at two columns. Gives the sum of the losses, in nats."""
    total = 0.0
    for i in range(len(h)):
        a, b = biases[0], biases[1]
        for k in range(h.shape[1]):
            a += h[i, k] * weights[0, k]
            b += h[i, k] * weights[1, k]
        margin = b - a if labels[i] else a - b
        e = np.exp(-abs(margin))
        total += np.log1p(e) + max(-margin, f32(0))
        wrong = (e if margin > 0 else f32(1)) / (f32(1) + e)  # the share of the other label
        d1 = (-wrong if labels[i] else wrong) / f32(batch)
        d0 = -d1
        bias_gradient[0] += d0
        bias_gradient[1] += d1
        for k in range(h.shape[1]):
            v = h[i, k]
            gradient[0, k] += d0 * v
            gradient[1, k] += d1 * v
            u = d0 * weights[0, k] + d1 * weights[1, k]
            delta[i, k] = u if v > 0 else slope * u
    return total


@njit(fastmath=True)
def below(h, delta_above, weights_above, delta, slope):
    np.dot(delta_above, weights_above.T, delta)
    for i in range(len(h)):
        for k in range(h.shape[1]):
            delta[i, k] *= f32(1) if h[i, k] > 0 else slope


@njit(fastmath=True)
def add(x, delta, product, gradient, bias_gradient, first):
    """Adds what a chunk of rows comes to to the gradients of a hidden layer, which the first chunk begins."""
    if first:
        np.dot(x.T, delta, gradient)
        bias_gradient[:] = 0
    else:
        np.dot(x.T, delta, product)
        for i in range(len(product)):
            for k in range(product.shape[1]):
                gradient[i, k] += product[i, k]
    for i in range(len(delta)):
        for k in range(len(bias_gradient)):
            bias_gradient[k] += delta[i, k]


@njit(fastmath=True)
def sgd(p, g, rate):
    for i in range(len(p)):
        p[i] -= rate * g[i]


@njit(fastmath=True)
def adam(p, g, m, v, rate, taken):
    first, second = f32(1 - 0.9**taken), f32(1 - 0.999**taken)
    for i in range(len(p)):
        m[i] = f32(0.9) * m[i] + f32(0.1) * g[i]
        v[i] = f32(0.999) * v[i] + f32(0.001) * g[i] * g[i]
        p[i] -= rate / first * m[i] / (np.sqrt(v[i] / second) + f32(1e-8))


@njit(fastmath=True)
def gradients(x, labels, views, buffers, chunk, slope):
    """The mean loss of a batch, with its gradients; a chunk of rows goes through all layers before the next."""
    weights, biases, weight_gradients, bias_gradients, last = views
    outputs, deltas, products = buffers
    loss, top = 0.0, len(weights) - 1
    last[2][:] = 0
    last[3][:] = 0
    for row in range(0, len(x), chunk):
        cx = x[row : row + chunk]
        rows = len(cx)
        inputs = cx
        for layer in range(top + 1):
            hidden(inputs, weights[layer], biases[layer], outputs[layer][:rows], slope)
            inputs = outputs[layer][:rows]
        loss += output(inputs, last[0], last[1], labels[row : row + chunk], len(x), last[2], last[3], deltas[top][:rows], slope)
        for layer in range(top, -1, -1):
            inputs = outputs[layer - 1][:rows] if layer > 0 else cx
            add(inputs, deltas[layer][:rows], products[layer], weight_gradients[layer], bias_gradients[layer], row == 0)
            if layer > 0:
                below(inputs, deltas[layer][:rows], weights[layer], deltas[layer - 1][:rows], slope)
    return loss / len(x)


@njit(fastmath=True)
def train(steps, state, position, order, x, labels, law, flat, views, buffers, batch, chunk, slope, rate, use_adam):
    """Trains on and gives the last loss. position holds the steps taken and the row that comes next."""
    p, g, m, v = flat
    bx, blabels = batch
    loss = 0.0
    for _ in range(steps):
        if len(x) == 0:
            fresh(state, law, bx, blabels)
            cx, clabels = bx, blabels
        else:
            row = position[1]
            rows = min(len(bx), len(x) - row)
            if len(order) > 0:
                if row == 0:
                    shuffle(state, order)
                gather(x, labels, order[row : row + rows], bx, blabels)
                cx, clabels = bx[:rows], blabels[:rows]
            else:
                cx, clabels = x[row : row + rows], labels[row : row + rows]
            position[1] = (row + rows) % len(x)
        loss = gradients(cx, clabels, views, buffers, chunk, slope)
        position[0] += 1
        if use_adam:
            adam(p, g, m, v, rate, position[0])
        else:
            sgd(p, g, rate)
    return loss


def views(flat, widths):
    """The weights [inputs, outputs] and biases of the hidden layers, and those of the output layer, whose weights are
    [2, inputs]; all of them views of a flat vector."""
    weights, biases, at = [], [], 0
    for n, m in zip(widths, widths[1:]):
        weights.append(flat[at : at + n * m].reshape((n, m) if len(weights) < len(widths) - 2 else (m, n)))
        biases.append(flat[at + n * m : at + n * m + m])
        at += n * m + m
    return tuple(weights[:-1]), tuple(biases[:-1]), weights[-1], biases[-1]


class Training:
    seeds = 1

    def __init__(self, job, variant):
        parts = start(job, 0)
        p = np.concatenate([part.ravel() for part in parts[:-2] + [parts[-2].T, parts[-1]]])
        g, m, v = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)
        w = widths(job)
        batch, n = job["batch"], w[0]
        chunk = 512 if "chunks" in variant else batch
        x, labels = (np.empty((0, n), f32), np.empty(0, np.int8)) if job["data"] == "fresh" else read(job)
        weights, biases, last, last_biases = views(p, w)
        weight_gradients, bias_gradients, last_gradient, last_bias_gradient = views(g, w)
        outputs, deltas = (tuple(np.empty((chunk, n), f32) for n in job["hidden"]) for _ in range(2))
        self.rest = (
            np.array([1], u64), np.zeros(2, np.int64), np.arange(len(x) if job["data"] == "epochs" else 0), x, labels,
            law(job), (p, g, m, v),
            (weights, biases, weight_gradients, bias_gradients, (last, last_biases, last_gradient, last_bias_gradient)),
            (outputs, deltas, tuple(np.empty_like(weight) for weight in weights)),
            (np.empty((batch, n), f32), np.empty(batch, np.int8)), chunk,
            f32(0.01 if job["activation"] == "leaky_relu" else 0), f32(job["rate"]), job["optimizer"] == "adam",
        )  # fmt: skip

    @staticmethod
    def variants(job):
        return ["whole batches", "chunks of rows"] if job["batch"] > 512 else ["whole batches"]

    def run(self, steps):
        return steps, [train(steps, *self.rest)]


def law(job):
    return job["core"], job["spurious"], u64(int(job["strength"] * 2.0**64))


def draw(job, rows):
    if job["data"] == "fresh":
        x, labels = np.empty((rows, job["inputs"]), f32), np.empty(rows, np.int8)
        fresh(np.array([1], u64), law(job), x, labels)
        return x, labels
    x, labels = read(job)
    order = np.arange(len(x))
    shuffle(np.array([1], u64), order)
    return x[order], labels[order]


def about():
    return f"numba {numba.__version__}, SciPy {scipy.__version__}, {blas()}, loops for {numba.config.CPU_NAME or 'this processor'}"


if __name__ == "__main__":
    serve(Training, draw, about)
