"""The numpy side of `bench data`: it draws a data set, saves it, and says when it has.

Requests and answers are lines of JSON on stdin and stdout. The label is the parity of the first four
coordinates, the attribute that of the next two; they agree with the probability that is asked for, as what
must not agree is turned in one coordinate. Two forms:

bits  as fast as numpy and pyarrow allow: coordinates are drawn as words of 64, functions are counted bits.
      Saved as they are by np.save, or as a fixed-size binary in Parquet, in which the split is a dictionary.
int8  as most programs have it: a matrix of -1 and +1, functions are products. Saved by np.save, or as a
      data frame of a column a coordinate by pandas.
"""

import json
import sys

import numpy as np


def draw_bits(rows, n, strength, seed):
    rng = np.random.Generator(np.random.SFC64(seed))  # the fastest that numpy has
    bits = rng.integers(0, 2**64, (rows, (n + 63) // 64), dtype=np.uint64)
    if n % 64:
        bits[:, -1] &= np.uint64((1 << n % 64) - 1)
    label = 1 - (np.bitwise_count(bits[:, 0] & np.uint64(0b001111)) & 1)
    attribute = 1 - (np.bitwise_count(bits[:, 0] & np.uint64(0b110000)) & 1)
    turn = (label == attribute) != (rng.random(rows, dtype=np.float32) < strength)
    bits[:, 0] ^= turn.astype(np.uint64) << np.uint64(4)
    attribute ^= turn
    packed = np.ascontiguousarray(bits.view(np.uint8)[:, : (n + 7) // 8])
    return packed, label.astype(np.int8), attribute.astype(np.int8)


def draw_int8(rows, n, strength, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 2, (rows, n), dtype=np.int8) * 2 - 1
    label = x[:, 0] * x[:, 1] * x[:, 2] * x[:, 3]
    attribute = x[:, 4] * x[:, 5]
    turn = (label == attribute) != (rng.random(rows) < strength)
    x[turn, 4] *= -1
    attribute[turn] *= -1
    return x, (label + 1) // 2, (attribute + 1) // 2


def save_npy(path, x, label, attribute):
    with open(path, "wb") as f:
        for a in (x, label, attribute, 2 * label + attribute):
            np.save(f, a)


def save_parquet_bits(path, packed, label, attribute):
    rows, width = packed.shape
    table = pa.table(
        {
            "split": pa.DictionaryArray.from_arrays(np.zeros(rows, np.int8), ["train"]),
            "label": label,
            "attribute": attribute,
            "group": 2 * label + attribute,
            "inputs": pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), rows, [None, pa.py_buffer(packed)]),
        }
    )
    pq.write_table(table, path, compression="zstd")


def save_parquet_int8(path, x, label, attribute):
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(x.shape[1])])
    rest = {"split": "train", "label": label, "attribute": attribute, "group": 2 * label + attribute}
    frame.assign(**rest).to_parquet(path, engine="pyarrow", compression="zstd", index=False)


form, format = sys.argv[1:]
draw = {"bits": draw_bits, "int8": draw_int8}[form]
save = {"npy": save_npy, "parquet": {"bits": save_parquet_bits, "int8": save_parquet_int8}[form]}[format]
versions = f"numpy {np.__version__}"
if format == "parquet":
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    versions += f", pyarrow {pa.__version__}"
    if form == "int8":
        import pandas as pd

        versions += f", pandas {pd.__version__}"

for line in sys.stdin:
    ask = json.loads(line)
    save(ask["path"], *draw(ask["rows"], ask["dimensions"], ask["strength"], ask["seed"]))
    print(json.dumps({"program": versions}), flush=True)
