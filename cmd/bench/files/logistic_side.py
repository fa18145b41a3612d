"""The scikit-learn side of `bench logistic`: it fits what it is asked to and says how long that took.

Requests and answers are lines of JSON on stdin and stdout. One thread. Features are read once, before any
time is taken, and kept in the type that a variant's solver works with.
"""

import json
import os
import sys
import time
import warnings

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402  (threads are set before)
import scipy  # noqa: E402
import sklearn  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

held = {}  # of the last job: its name, and arrays by what they are


def features(job, dtype):
    if held.get("job") != job["name"]:
        held.clear()
        held["job"] = job["name"]
        held["labels"] = np.fromfile(job["y"], np.int8).reshape(job["targets"], job["rows"])
    if dtype not in held:
        for old in ("float32", "float64"):
            held.pop(old, None)  # one copy at a time
        x = np.memmap(job["x"], np.float32, "r", shape=(job["rows"], job["columns"]))
        x = x.astype(dtype)
        if job["subset"]:  # the recipe scales features over all rows
            x -= x.mean(0)
            deviation = x.std(0)
            deviation[deviation == 0] = 1
            x /= deviation
        held[dtype] = x
    return held[dtype]


def model(variant, c):
    solver, _, tolerance = variant.partition(" tol ")
    options = {"C": c, "tol": float(tolerance or 1e-8), "max_iter": 5000}
    if solver == "liblinear l1":
        return LogisticRegression(solver="liblinear", penalty="l1", **options)
    if solver == "liblinear dual":
        return LogisticRegression(solver="liblinear", dual=True, **options)
    return LogisticRegression(solver=solver.removesuffix(" float32"), **options)


def fits(job, x, labels, variant):
    """The models of one round: of each target, or of each penalty and then of each refit."""
    if not job["subset"]:
        return [model(variant, job["c"]).fit(x, y) for y in labels]
    index = np.fromfile(job["index"], np.int32).reshape(-1, job["subset"])
    first = x[index[0]], labels[0][index[0]]
    out = [model(variant, c).fit(*first) for c in job["grid"]]
    return out + [model(variant, job["c"]).fit(x[rows], labels[0][rows]) for rows in index[1:]]


def answer(r):
    if r["do"] == "about":
        return {"version": sklearn.__version__, "numpy": np.__version__, "scipy": scipy.__version__}
    x = features(r["job"], "float32" if r["variant"].endswith("float32") else "float64")
    labels = held["labels"]
    begin, spent = time.perf_counter(), time.process_time()
    for _ in range(r["rounds"]):
        models = fits(r["job"], x, labels, r["variant"])
    return {
        "seconds": time.perf_counter() - begin,
        "cpu": time.process_time() - spent,
        "weights": [m.coef_[0].tolist() for m in models],
        "intercepts": [float(m.intercept_[0]) for m in models],
        "iterations": int(sum(m.n_iter_[0] for m in models)),
    }


for line in sys.stdin:
    try:
        result = answer(json.loads(line))
    except Exception as e:  # noqa: BLE001  (whatever it is, the other side must hear of it)
        result = {"error": f"{type(e).__name__}: {e}"}
    print(json.dumps(result), flush=True)
