"""What the tables must hold, read from the plain JSON that stands beside each of them."""

import json
import math

import numpy as np
import pyarrow as pa

ARROW = {
    "bool": pa.bool_(), "int8": pa.int8(), "int64": pa.int64(), "float32": pa.float32(),
    "float64": pa.float64(), "string": pa.string(),
}
LISTS = {"list<int8>": pa.int8(), "list<float32>": pa.float32()}


class Expected:
    def __init__(self, path):
        content = json.loads(path.read_text(encoding="utf-8"))
        self.fields = content["fields"]
        self.rows = content["rows"]
        self.meta = content["meta"]
        self.names = [f["name"] for f in self.fields]
        self.types = {f["name"]: f["type"] for f in self.fields}

    def column(self, name):
        return [row[name] for row in self.rows]


def same(type_name, got, want):
    """Whether two values are the same, bit for bit; got may be of NumPy or Python."""
    if want is None:
        return got is None
    if got is None:
        return False
    if type_name in LISTS:
        element = type_name[5:-1]
        return len(got) == len(want) and all(same(element, g, w) for g, w in zip(got, want))
    if type_name == "float64":
        return float(got) == want and math.copysign(1, got) == math.copysign(1, want)
    if type_name == "float32":
        return np.float32(got) == np.float32(want)
    if type_name == "bool":
        return bool(got) is want
    if type_name in ("int8", "int64"):
        return isinstance(got, (int, np.integer)) and int(got) == want
    return got == want


def check(expected, name, got):
    got = list(got)
    want = expected.column(name)
    assert len(got) == len(want), f"{name}: {len(got)} rows, not {len(want)}"
    for row, (g, w) in enumerate(zip(got, want)):
        assert same(expected.types[name], g, w), f"{name}, row {row}: {g!r}, not {w!r}"
