"""Ridge regression on all products of up to DEGREE coordinates: python3 ridge.py DEGREE.

Reads inputs/data.parquet, a data set: split (train, validation, test), label and attribute (0 or 1),
group (2 * label + attribute) and inputs (numbers -1 and +1, a bit each). Fits on the training split, and
writes predictions.parquet: for each sample of the other splits, in the data set's order, its split, its
label, and a score that is at least 0 where label 1 is predicted.
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


def column(name, values, kind, unit, description):
    """A column with its unit and description, which go with it into every table made of it."""
    return pa.field(name, kind, metadata={"unit": unit, "description": description}), pa.array(values, kind)


def main(degree, penalty=1.0):
    table = pq.read_table("inputs/data.parquet")
    n = int(table.schema.field("inputs").metadata[b"signs"])
    data = table.to_pydict()
    bits = np.frombuffer(b"".join(data["inputs"]), np.uint8).reshape(table.num_rows, -1)
    x = 2.0 * np.unpackbits(bits, axis=1, count=n, bitorder="little") - 1
    y = np.array(data["label"])
    split = np.array(data["split"])

    features = products(x, degree)
    train = split == "train"
    a, b = features[train], 2 * y[train] - 1
    weights = np.linalg.solve(a.T @ a + penalty * np.eye(a.shape[1]), a.T @ b)
    score = features @ weights

    fields, arrays = zip(
        column("split", split[~train], pa.string(), "", "The split: validation or test."),
        column("label", y[~train], pa.int64(), "", "The label y of the sample."),
        column("score", score[~train], pa.float64(), "1", "The fitted score; at least 0 predicts y = 1."),
    )
    pq.write_table(pa.Table.from_arrays(list(arrays), schema=pa.schema(fields)), "predictions.parquet")
    print(f"{features.shape[1]} features, accuracy {((score >= 0) == y)[split == 'test'].mean():.3f}")


main(int(sys.argv[1]))
