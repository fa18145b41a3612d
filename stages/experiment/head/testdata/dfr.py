"""Writes dfr.json: deep feature reweighting on three classes by numpy in float64, which TestDFRIsNumpys compares with.

    pip install numpy==2.4.6 && python dfr.py

Each class is fitted against the others, as liblinear does: the sum of absolute weights, that of the intercept among them, plus C
times the sum of log-losses, on features scaled to variance 1 over all points. It is minimised by FISTA (Beck and Teboulle 2009).
"""
import json
import pathlib

import numpy as np

rng = np.random.default_rng(20261202)
K, A, D, N, C = 3, 2, 3, 90, 0.4
labels, attributes = rng.integers(0, K, N), rng.integers(0, A, N)
groups = A * labels + attributes
angle = 2 * np.pi * labels / K
h = np.stack([3 * np.cos(angle), 2 * np.sin(angle), 2.0 * attributes], axis=1) + rng.normal(size=(N, D))
h = np.round(np.maximum(h, -2) + 2, 3)
center, scale = h.mean(axis=0), 1 / h.std(axis=0)
scaled = np.concatenate([(h - center) * scale, np.ones((N, 1))], axis=1)
least = np.bincount(groups, minlength=K * A).min()
assert least >= 5


def fit(rows, target):
    z, y = scaled[rows], np.where(target, 1.0, -1.0)
    step = 4 / (C * np.linalg.norm(z, 2) ** 2)
    w = ahead = np.zeros(D + 1)
    t = 1.0
    for _ in range(20000):
        slope = -C * z.T @ (y / (1 + np.exp(y * (z @ ahead))))
        u = ahead - step * slope
        new = np.sign(u) * np.maximum(np.abs(u) - step, 0)
        following = (1 + np.sqrt(1 + 4 * t * t)) / 2
        ahead, w, t = new + (t - 1) / following * (new - w), new, following
    # Optimality: a slope of -1 or 1 where a weight is not 0, else within.
    slope = -C * z.T @ (y / (1 + np.exp(y * (z @ w))))
    wrong = np.where(w != 0, np.abs(slope + np.sign(w)), np.maximum(np.abs(slope) - 1, 0))
    assert wrong.max() < 1e-9, wrong.max()
    return w


subsets, weights, intercepts = [], np.zeros((K, D)), np.zeros(K)
for _ in range(2):
    rows = np.concatenate([rng.permutation(np.flatnonzero(groups == g))[:least] for g in range(K * A)])
    subsets.append(rows.tolist())
    for k in range(K):
        w = fit(rows, labels[rows] == k)
        weights[k] += w[:D] * scale / 2
        intercepts[k] += (w[D] - (w[:D] * scale) @ center) / 2
predicted = (h @ weights.T + intercepts).argmax(axis=1)
accuracy = [float((predicted[groups == g] == labels[groups == g]).mean()) for g in range(K * A)]
assert 0.5 < min(accuracy) < 1, accuracy
out = {"labels": labels.tolist(), "attributes": attributes.tolist(), "features": h.ravel().tolist(), "c": C, "subsets": subsets,
       "weights": weights.ravel().tolist(), "intercepts": intercepts.tolist(), "worst": min(accuracy)}
pathlib.Path(__file__).with_name("dfr.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
