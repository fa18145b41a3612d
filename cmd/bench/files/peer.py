"""What the peers of `bench train` have in common: the requests they answer, and the data of a job. Those of `bench images`
answer the same requests, without draw.

Requests and answers are lines of JSON on stdin and stdout. A peer is a class Training(job, variant), where

    seeds          how many trainings of the same shape it does at once
    variants(job)  its ways to do a job, of which the benchmark takes the fastest
    run(steps)     trains on for at least so many steps, and waits until they are done; gives how many each seed
                   took, and the first seed's losses in the last of them, each before its step

and draw(job, rows), which gives rows as its own loop draws them: x [rows, inputs] and labels [rows]; of a fixed
set a whole epoch. What is compiled is compiled in the first run.
"""

import json
import sys
import time

import numpy as np

SEEDS = 16  # of the peers that train several seeds at once


def read(job):
    """The fixed set: x float32 [rows, inputs] and labels int8 [rows]."""
    x = np.fromfile(job["x"], np.float32).reshape(-1, job["inputs"])
    return x, np.fromfile(job["y"], np.int8)


def widths(job):
    """Inputs, hidden layers and the two logits."""
    return [job["inputs"], *job["hidden"], 2]


def start(job, seed):
    """The weights to start from: for each layer [inputs, outputs] and [outputs]. Uniform within 1/sqrt(inputs), or
    of the first seed what the benchmark says."""
    shapes = [s for n, m in zip(widths(job), widths(job)[1:]) for s in ((n, m), (m,))]
    if seed == 0 and job["start"]:
        flat = np.fromfile(job["start"], np.float32)
        parts = np.split(flat, np.cumsum([np.prod(s) for s in shapes])[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, shapes)]
    rng = np.random.default_rng(seed)
    bounds = [1 / np.sqrt(n) for n in widths(job)[:-1] for _ in range(2)]
    return [rng.uniform(-bound, bound, shape).astype(np.float32) for bound, shape in zip(bounds, shapes)]


def serve(Training, draw, about):
    """Answers requests until there are no more. about() gives the versions that matter, in words."""
    trainings = {}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = respond(request, trainings, Training, draw, about)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:400]}
        print(json.dumps(answer), flush=True)


def respond(request, trainings, Training, draw, about):
    do, job, variant = request["do"], request.get("job"), request.get("variant")
    if do == "about":
        return {"version": about(), "seeds": Training.seeds, "python": sys.version.split()[0]}
    if do == "variants":
        return {"variants": Training.variants(job)}
    if do == "draw":
        x, labels = draw(job, request["steps"])
        np.ascontiguousarray(x, np.float32).tofile(job["x"] + ".drawn")
        np.ascontiguousarray(labels, np.int8).tofile(job["y"] + ".drawn")
        return {}
    if do == "check":
        training, losses = Training(job, variant), []
        while len(losses) < request["steps"]:
            losses += training.run(1)[1]
        return {"losses": losses[: request["steps"]]}
    key = (job["name"], variant)
    if key not in trainings:
        trainings[key] = Training(job, variant)
    started = time.perf_counter()
    steps, losses = trainings[key].run(request["steps"])
    return {"seconds": time.perf_counter() - started, "steps": steps * Training.seeds, "loss": losses[-1]}


def blas():
    """The BLAS that numpy and SciPy call, with the processor whose kernels it runs."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "a BLAS that only threadpoolctl could name"
    found = {f"{i['internal_api']} {i['version']} for {i['architecture']}" for i in threadpool_info() if i["user_api"] == "blas"}
    return " and ".join(sorted(found)) or "unknown BLAS"
