"""The numpy side of `bench data`: it draws a data set, saves it, and says when it has.

Requests and answers are lines of JSON on stdin and stdout. The label is the parity of the first four
coordinates, the attribute that of the next two; they agree with the probability that is asked for. Written
as fast as numpy and pyarrow allow: coordinates are drawn as words of 64, functions are counted bits, and
what must not agree is turned in one coordinate. Bits are saved as they are: by np.save, or as a fixed-size
binary in Parquet, in which the split is a dictionary.
"""

import json
import sys

import numpy as np


def draw(rows, n, strength, seed):
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


def save_npy(path, packed, label, attribute):
    with open(path, "wb") as f:
        for a in (packed, label, attribute):
            np.save(f, a)


def save_parquet(path, packed, label, attribute):
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


save = {"npy": save_npy, "parquet": save_parquet}[sys.argv[1]]
if sys.argv[1] == "parquet":
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)

for line in sys.stdin:
    ask = json.loads(line)
    save(ask["path"], *draw(ask["rows"], ask["dimensions"], ask["strength"], ask["seed"]))
    versions = f"numpy {np.__version__}" + (f", pyarrow {pa.__version__}" if sys.argv[1] == "parquet" else "")
    print(json.dumps({"program": versions}), flush=True)
