"""Writes steps.json: steps of methods on three classes by numpy in float64, which TestStepsAreNumpys compares with.

    pip install numpy==2.4.6 && python steps.py

Networks are linear: logits x W + b. Formulas are those of the papers, as docs of the methods state them.
"""
import json
import pathlib

import numpy as np

rng = np.random.default_rng(20261201)
K, A, D, N = 3, 2, 4, 36
labels = rng.integers(0, K, N)
attributes = rng.integers(0, A, N)
groups = A * labels + attributes
x = np.round(rng.normal(size=(N, D)), 3)
assert np.bincount(groups, minlength=K * A).min() > 0


def start():
    return np.round(rng.normal(size=(D, K)), 3), np.round(rng.normal(size=K), 3)


def probabilities(net, rows):
    z = x[rows] @ net[0] + net[1]
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def losses(net, rows):
    return -np.log(probabilities(net, rows)[np.arange(len(rows)), labels[rows]])


def descend(net, rows, weights, rate):
    """A step on the sum of the rows' losses, each times its weight."""
    slopes = probabilities(net, rows)
    slopes[np.arange(len(rows)), labels[rows]] -= 1
    slopes *= weights[:, None]
    return net[0] - rate * x[rows].T @ slopes, net[1] - rate * slopes.sum(axis=0)


def told(net):
    return {"weights": net[0].ravel().tolist(), "biases": net[1].tolist()}


batches = [rng.permutation(N)[:12] for _ in range(6)]
out = {"labels": labels.tolist(), "attributes": attributes.tolist(), "inputs": x.ravel().tolist(), "batches": [b.tolist() for b in batches]}

# GroupDRO (Sagawa et al. 2020, algorithm 1): q_g <- q_g exp(eta (L_g + C / sqrt(n_g))) for the groups in the batch, the sum of
# their weights kept; then a step on the sum of q_g L_g.
eta, c, rate = 0.5, 1.0, 0.3
net = start()
q = np.full(K * A, 1 / (K * A))
sizes = np.bincount(groups, minlength=K * A)
record = {"start": told(net), "eta": eta, "adjustment": c, "rate": rate, "q": []}
for rows in batches:
    loss, of = losses(net, rows), groups[rows]
    present = np.unique(of)
    mean = np.array([loss[of == g].mean() for g in present])
    new = q[present] * np.exp(eta * (mean + c / np.sqrt(sizes[present])))
    q[present] = new / new.sum() * q[present].sum()
    weights = q[of] / np.array([(of == g).sum() for g in of])
    net = descend(net, rows, weights, rate)
    record["q"].append(q.tolist())
record["end"] = told(net)
out["group_dro"] = record

# JTT (Liu et al. 2021): E holds what the first network gets wrong; weights are upweight in E and 1 elsewhere, over their mean.
first, net, upweight, rate = start(), start(), 5, 0.3
everything = np.arange(N)
wrong = probabilities(first, everything).argmax(axis=1) != labels
weight = np.where(wrong, upweight, 1) / np.where(wrong, upweight, 1).mean()
record = {"first": told(first), "start": told(net), "upweight": upweight, "rate": rate, "wrong": wrong.tolist()}
for rows in batches:
    net = descend(net, rows, weight[rows] / len(rows), rate)
record["end"] = told(net)
out["jtt"] = record

# LfF (Nam et al. 2020, algorithm 1): the biased network goes down the generalised cross-entropy, whose gradient is p^q times
# that of the cross-entropy; averages of losses are divided by the largest of the class.
biased, debiased, exponent, decay, rate = start(), start(), 0.7, 0.7, 0.3
record = {"biased": told(biased), "debiased": told(debiased), "exponent": exponent, "decay": decay, "rate": rate, "weights": []}
average = np.full((2, N), np.nan)
for rows in batches:
    both = np.array([losses(biased, rows), losses(debiased, rows)])
    old = average[:, rows]
    average[:, rows] = np.where(np.isnan(old), both, decay * old + (1 - decay) * both)
    relative = np.zeros((2, len(rows)))
    for i, row in enumerate(rows):
        largest = np.nanmax(average[:, labels == labels[row]], axis=1)
        relative[:, i] = average[:, row] / largest
    w = relative[0] / (relative[0] + relative[1] + 1e-8)
    power = probabilities(biased, rows)[np.arange(len(rows)), labels[rows]] ** exponent
    debiased = descend(debiased, rows, w / len(rows), rate)
    biased = descend(biased, rows, power / len(rows), rate)
    record["weights"].append(w.tolist())
record["biased_end"], record["debiased_end"] = told(biased), told(debiased)
out["lff"] = record

# IRMv1 (Arjovsky et al. 2019): the mean loss plus lambda times the mean over environments of the squared derivative of the
# environment's mean loss by a factor on all logits, at 1; its gradient here is by central differences of that definition.
net, strength, rate = start(), 4.0, 0.05


def objective(flat, rows):
    n = (flat[:D * K].reshape(D, K), flat[D * K:])
    total, penalty, environments = losses(n, rows).mean(), 0.0, np.unique(attributes[rows])
    for e in environments:
        mine = rows[attributes[rows] == e]
        p, z = probabilities(n, mine), x[mine] @ n[0] + n[1]
        penalty += ((p * z).sum(axis=1) - z[np.arange(len(mine)), labels[mine]]).mean() ** 2
    return total + strength * penalty / len(environments)


record = {"start": told(net), "penalty": strength, "rate": rate}
flat = np.concatenate([net[0].ravel(), net[1]])
for rows in batches:
    gradient, h = np.zeros_like(flat), 1e-6
    for i in range(len(flat)):
        up, down = flat.copy(), flat.copy()
        up[i] += h
        down[i] -= h
        gradient[i] = (objective(up, rows) - objective(down, rows)) / (2 * h)
    flat = flat - rate * gradient
record["end"] = {"weights": flat[:D * K].tolist(), "biases": flat[D * K:].tolist()}
out["irm"] = record

pathlib.Path(__file__).with_name("steps.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
