"""Writes scikit_learn.json: softmax regressions by scikit-learn, which TestDecodesAsScikitLearn compares with.

    pip install scikit-learn==1.9.1 numpy==2.4.6 && python scikit_learn_golden.py
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score

assert sklearn.__version__ == "1.9.1", sklearn.__version__
rng = np.random.default_rng(20261202)


def case(classes, width, fit, held, noise, c, shares):
    """Features of a random hidden layer, about a mean for each class; the first ones are to fit on."""
    value = rng.choice(classes, fit + held, p=shares)
    x = rng.normal(size=(classes, width))[value] + noise * rng.normal(size=(fit + held, width))
    x = np.maximum(x, 0).astype(np.float32)
    m = LogisticRegression(C=c, tol=1e-9, max_iter=10000).fit(x[:fit].astype(np.float64), value[:fit])
    predicted = m.predict(x.astype(np.float64))
    return {
        "C": c,
        "Classes": classes,
        "Width": width,
        "Fit": fit,
        "Features": [round(float(v), 9) for v in x.ravel()],
        "Values": value.tolist(),
        "Accuracy": accuracy_score(value[fit:], predicted[fit:]),
        "AccuracyFit": accuracy_score(value[:fit], predicted[:fit]),
        "Balanced": balanced_accuracy_score(value[fit:], predicted[fit:]),
        "Weights": m.coef_.ravel().tolist(),
    }


cases = [
    case(3, 4, 120, 60, 1.5, 1, [0.2, 0.3, 0.5]),
    case(3, 6, 90, 90, 3.0, 0.1, [0.6, 0.3, 0.1]),
    case(5, 5, 150, 80, 1.0, 10, [0.2] * 5),
]
path = pathlib.Path(__file__).with_name("scikit_learn.json")
path.write_text(json.dumps({"scikit-learn": sklearn.__version__, "cases": cases}) + "\n")
