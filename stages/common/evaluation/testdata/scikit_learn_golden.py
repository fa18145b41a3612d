"""Writes scikit_learn.json: measures of random predictions by scikit-learn, which TestMeasuresAreScikitLearns compares with.

    pip install scikit-learn==1.9.1 numpy==2.4.6 && python scikit_learn_golden.py

scikit-learn has no expected calibration error; here it is numpy's sums over the bins of Guo et al. 2017.
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, recall_score, roc_auc_score

assert sklearn.__version__ == "1.9.1", sklearn.__version__
rng = np.random.default_rng(20261201)


def calibration_error(confidence, right, weight, bins=15):
    edges = np.linspace(0, 1, bins + 1)
    gap = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            w = weight[inside]
            gap += abs(np.average(right[inside], weights=w) - np.average(confidence[inside], weights=w)) * w.sum()
    return gap / weight.sum()


def case(classes, rows, masses=None, ties=False):
    """Labels, scores (a margin, or logits) and measures; masses are those of the groups 2y + s under a law."""
    label = rng.integers(0, classes, rows)
    attribute = rng.integers(0, 2, rows)
    weight = np.ones(rows)
    if masses is not None:
        group = 2 * label + attribute
        weight = np.array(masses)[group] / np.bincount(group, minlength=4)[group]
    if classes == 2:
        scores = rng.normal(1.3 * (label - 0.4), 1.5).astype(np.float32)
        if ties:
            scores = np.round(scores, 1).astype(np.float32)
        predicted = (scores >= 0).astype(int)
        confidence = 1 / (1 + np.exp(-np.abs(scores.astype(np.float64))))
        auroc = roc_auc_score(label, scores, sample_weight=weight)
    else:
        scores = rng.normal(size=(rows, classes)).astype(np.float32)
        scores[np.arange(rows), label] += 1
        predicted = scores.argmax(axis=1)
        e = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
        confidence = (e / e.sum(axis=1, keepdims=True)).max(axis=1)
        auroc = None
    return {
        "classes": classes,
        "masses": masses,
        "labels": label.tolist(),
        "attributes": attribute.tolist(),
        "predicted": predicted.tolist(),
        "scores": [float(x) for x in scores.ravel()],
        "accuracy": accuracy_score(label, predicted, sample_weight=weight),
        "balanced_accuracy": balanced_accuracy_score(label, predicted, sample_weight=weight),
        "worst_class_accuracy": min(recall_score(label, predicted, average=None, sample_weight=weight, zero_division=0)[np.unique(label)]),
        "macro_f1": f1_score(label, predicted, average="macro", sample_weight=weight),
        "auroc": auroc,
        "expected_calibration_error": calibration_error(confidence, predicted == label, weight),
    }


cases = [
    case(2, 80),
    case(2, 120, ties=True),
    case(2, 120, masses=[0.4, 0.1, 0.05, 0.45]),
    case(2, 120, masses=[0.1, 0.4, 0.3, 0.2], ties=True),
    case(3, 90),
    case(5, 60),
]
path = pathlib.Path(__file__).with_name("scikit_learn.json")
path.write_text(json.dumps({"scikit-learn": sklearn.__version__, "cases": cases}) + "\n")
