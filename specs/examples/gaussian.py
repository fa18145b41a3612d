"""Makes a data set: python3 gaussian.py STRENGTH, with the seed in SPURION_SEED.

The label shifts one feature by 1, the attribute another by 3; they agree in a share STRENGTH of the
training and validation samples, and in half of the test samples. Writes data.parquet with the columns
of a data set: split, label, attribute, group and inputs.
"""

import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def sample(rng, n, strength, dimensions=8):
    label = rng.integers(0, 2, n)
    attribute = np.where(rng.random(n) < strength, label, 1 - label)
    x = rng.standard_normal((n, dimensions))
    x[:, 0] += 2 * label - 1
    x[:, 1] += 3 * (2 * attribute - 1)
    return label, attribute, x


def main(strength):
    rng = np.random.default_rng(int(os.environ["SPURION_SEED"]))
    parts = []
    for split, n, share in [("train", 2000, strength), ("validation", 1000, strength), ("test", 2000, 0.5)]:
        label, attribute, x = sample(rng, n, share)
        parts.append(pa.table({
            "split": [split] * n,
            "label": pa.array(label, pa.int8()),
            "attribute": pa.array(attribute, pa.int8()),
            "group": pa.array(2 * label + attribute, pa.int8()),
            "inputs": pa.array(x.astype(np.float32).tolist(), pa.list_(pa.float32())),
        }))
    pq.write_table(pa.concat_tables(parts), "data.parquet")


main(float(sys.argv[1]))
