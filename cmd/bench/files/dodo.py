"""One task, many that read it, and one that reads them all: the shape of fan.hcl beside this file, for doit.

The actions are Python functions that doit calls in its own process: the cheapest tasks it has.
"""

import os

N = int(os.environ.get("INSTANCES", "5000"))
DOIT_CONFIG = {"verbosity": 0}


def copy(dependencies, targets):
    with open(dependencies[0]) as f:
        text = f.read()
    with open(targets[0], "w") as f:
        f.write(text)


def gather(dependencies, targets):
    with open(targets[0], "w") as out:
        for path in dependencies:
            with open(path) as f:
                out.write(f.read())


def one(targets):
    os.makedirs("many", exist_ok=True)
    with open(targets[0], "w") as f:
        f.write("1\n")


def task_one():
    return {"actions": [one], "targets": ["one.txt"]}


def task_many():
    for i in range(N):
        yield {"name": i, "actions": [copy], "file_dep": ["one.txt"], "targets": [f"many/{i}.txt"]}


def task_all():
    return {"actions": [gather], "file_dep": [f"many/{i}.txt" for i in range(N)], "targets": ["all.txt"]}
