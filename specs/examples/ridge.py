"""Ridge regression on all products of up to DEGREE coordinates: python3 ridge.py DEGREE.

Reads inputs/data.parquet, a data set: split (train, validation, test), label and attribute (0 or 1),
group (2 * label + attribute) and inputs (a list of numbers for each row). Writes predictions.parquet,
one row for each sample of the test split, and summary.parquet, one row.
"""

import itertools
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def products(x, degree):
    """The products of all sets of 0 to degree columns of x."""
    sets = (s for size in range(degree + 1) for s in itertools.combinations(range(x.shape[1]), size))
    return np.stack([np.prod(x[:, list(s)], axis=1) for s in sets], axis=1)


def column(values, kind, unit, description):
    """A column with its unit and description, which go with it into every table made of it."""
    field = pa.field("", kind, metadata={"unit": unit, "description": description})
    return pa.array(values, kind), field


def write(path, **columns):
    fields = [field.with_name(name) for name, (_, field) in columns.items()]
    arrays = [array for array, _ in columns.values()]
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), path)


def main(degree, penalty=1.0):
    data = pq.read_table("inputs/data.parquet").to_pydict()
    x = np.array(data["inputs"], dtype=np.float64)
    y = np.array(data["label"])
    group = np.array(data["group"])
    split = np.array(data["split"])

    features = products(x, degree)
    train, test = split == "train", split == "test"
    a, b = features[train], 2 * y[train] - 1
    weights = np.linalg.solve(a.T @ a + penalty * np.eye(a.shape[1]), a.T @ b)
    score = features[test] @ weights
    right = (score > 0) == (y[test] == 1)
    worst = min(right[group[test] == g].mean() for g in np.unique(group[test]))

    write(
        "predictions.parquet",
        label=column(y[test], pa.int64(), "", "The label y of a test sample."),
        group=column(group[test], pa.int64(), "", "Its group 2y + s."),
        score=column(score, pa.float64(), "1", "The fitted score; above 0 predicts y = 1."),
    )
    write(
        "summary.parquet",
        method=column(["ridge"], pa.string(), "", "The method."),
        selection=column(["last"], pa.string(), "", "The rule that selected the fit: there is one."),
        features=column([features.shape[1]], pa.int64(), "features", "Products that were fitted."),
        accuracy=column([right.mean()], pa.float64(), "1", "Accuracy on the test split."),
        worst_group_accuracy=column([worst], pa.float64(), "1", "Least accuracy of its groups."),
    )
    print(f"{features.shape[1]} features, accuracy {right.mean():.3f}")


main(int(sys.argv[1]))
