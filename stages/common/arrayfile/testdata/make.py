"""Writes the golden files beside it, and expected.json, which says what they hold.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install -r requirements.txt && /tmp/venv/bin/python make.py

numpy and safetensors write their own formats; IDX and CIFAR have no writers, so these are written here byte by byte.
"""
import gzip
import hashlib
import io
import json
import struct
import types
import zipfile
from pathlib import Path

import ml_dtypes
import numpy as np
import safetensors.numpy
from numpy.lib import format as npy

HERE = Path(__file__).parent
zipfile.time = types.SimpleNamespace(time=lambda: 0, localtime=lambda _: (1980, 1, 1, 0, 0, 0, 0, 0, 0))  # the same bytes on every day

NUMBERS = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"]
expected = {}


def values(dtype, shape):
    """Values that show every mistake of order, sign and width: extremes, then a count in steps of an odd number."""
    n = int(np.prod(shape))
    if dtype == "bool":
        return (np.arange(n) % 3 == 1).reshape(shape)
    if dtype.startswith(("int", "uint")):
        info = np.iinfo(dtype)
        x = np.arange(n, dtype=dtype) * np.array(37, dtype)
        x[:2] = [info.min, info.max][: min(n, 2)]
        return x.reshape(shape)
    info = np.finfo(dtype)
    x = (np.arange(n, dtype=dtype) * np.array(0.37, dtype) - np.array(1, dtype)).astype(dtype)
    special = [info.smallest_subnormal, info.max, info.min, -0.0, np.inf, -np.inf, np.nan, info.tiny]
    x[: min(n, 8)] = special[: min(n, 8)]
    return x.reshape(shape)


def listed(x):
    """An array's values in C order, as JSON can hold them."""
    flat = np.ascontiguousarray(x).reshape(-1)
    if flat.dtype.kind == "f" or flat.dtype == ml_dtypes.bfloat16:
        return [float(v).hex() for v in flat]
    if flat.dtype.kind == "S":
        return [v.decode() for v in flat]
    if flat.dtype.kind in "iu":
        return [str(v) for v in flat]
    return [int(v) if flat.dtype.kind == "b" else str(v) for v in flat]


def name(dtype):
    if dtype.kind in "SU":
        return "text"
    return dtype.name


def note(file, entries, format, metadata=None):
    expected[file] = {"format": format, "metadata": metadata, "entries": [entry(k, x) for k, x in entries.items()]}


def entry(key, x):
    if isinstance(x, str):
        return {"name": key, "refused": x}
    e = {"name": key, "type": name(x.dtype), "shape": list(x.shape)}
    if x.size > 2000:
        return e | {"sha256": hashlib.sha256(np.ascontiguousarray(x).tobytes()).hexdigest()}
    return e | {"values": listed(x)}


def one(file, x, version=None):
    with open(HERE / file, "wb") as f:
        npy.write_array(f, x, version=version)
    note(file, {"": x}, "npy")


def make_npy():
    one("version1.npy", values("float32", (5, 7)), (1, 0))
    one("version2.npy", np.asfortranarray(values("float64", (9, 2, 3))), (2, 0))
    one("version3.npy", values("int16", (4, 2)).astype(">i2"), (3, 0))
    one("single.npy", np.array(2.5, "float32"))
    one("empty.npy", np.zeros((0, 2048), "float32"))
    header = b"{'shape': (3L, 2L),\"fortran_order\":False , 'descr': '<i8'}\n"  # as Python 2 wrote lengths
    x = values("int64", (3, 2))
    (HERE / "python2.npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + x.tobytes())
    note("python2.npy", {"": x}, "npy")
    packed = io.BytesIO()
    x = values("float32", (300, 4))
    np.save(packed, x)
    (HERE / "packed.npy.gz").write_bytes(gzip.compress(packed.getvalue(), mtime=0))
    note("packed.npy.gz", {"": x}, "npy")


def make_npz():
    shape, arrays = (3, 4), {}
    for dtype in NUMBERS:
        x = values(dtype, shape)
        arrays[dtype] = x
        arrays[dtype + "_fortran"] = np.asfortranarray(x)
        if x.dtype.itemsize > 1:
            arrays[dtype + "_big"] = x.astype(x.dtype.newbyteorder(">"))
            arrays[dtype + "_big_fortran"] = np.asfortranarray(arrays[dtype + "_big"])
    cube = values("uint16", (4, 3, 2, 5))
    arrays["cube"], arrays["cube_fortran"] = cube, np.asfortranarray(cube)
    arrays["thin_fortran"] = np.asfortranarray(values("uint16", (1, 3, 2)))
    words = np.array(["Wasservogel", "", "Landvogel", "鳥", "🦆 duck", "Landvogel"])
    arrays["words"] = words
    arrays["words_big"] = words.astype(words.dtype.newbyteorder(">"))
    arrays["words_fortran"] = np.asfortranarray(words.reshape(2, 3))
    arrays["words_thin_fortran"] = np.asfortranarray(words.reshape(1, 2, 3))
    arrays["bytes"] = np.array([b"cat", b"", b"dog\x00x", "Möwe".encode()])
    np.savez(HERE / "stored.npz", **arrays)
    np.savez_compressed(HERE / "deflated.npz", **arrays)
    note("stored.npz", arrays, "npz")
    note("deflated.npz", arrays, "npz")
    refused = {
        "objects": (np.array([{"a": 1}, None], dtype=object), "pickle"),
        "fields": (np.zeros(2, dtype=[("x", "<f4"), ("y", "<i2", (2,))]), "fields"),
        "complex": (np.zeros(2, "complex64"), "x.real"),
        "time": (np.zeros(2, "datetime64[ns]"), "astype"),
        "long": (np.zeros(2, "longdouble"), "float64"),
        "void": (np.zeros(2, "V3"), "fields"),
        "no_values": (np.zeros((5, 0)), "Leave it out"),
    }
    kept = {"kept": values("float32", (2, 2))}
    np.savez(HERE / "refused.npz", **{k: x for k, (x, _) in refused.items()}, **kept)
    with zipfile.ZipFile(HERE / "refused.npz", "a") as z:
        z.writestr("notes.txt", "no array")
    note("refused.npz", {k: why for k, (_, why) in refused.items()} | kept | {"notes.txt": "np.savez"}, "npz")
    np.savez(HERE / "none.npz")
    note("none.npz", {}, "npz")


IDX = {"uint8": 8, "int8": 9, "int16": 0xB, "int32": 0xC, "float32": 0xD, "float64": 0xE}


def idx(x):
    data = struct.pack(">BBBB", 0, 0, IDX[x.dtype.name], x.ndim) + struct.pack(f">{x.ndim}I", *x.shape)
    return data + x.astype(x.dtype.newbyteorder(">")).tobytes()


def make_idx():
    for dtype in IDX:
        x = values(dtype, (4, 3, 2))
        (HERE / f"{dtype}.idx").write_bytes(idx(x))
        note(f"{dtype}.idx", {"": x}, "idx")
    x = values("uint8", (700,))
    (HERE / "labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(x), mtime=0))
    note("labels-idx1-ubyte.gz", {"": x}, "idx")


def make_cifar():
    for kind, count in (("cifar10", [10]), ("cifar100", [20, 100])):
        n = 3
        labels = np.array([[(7 * i + 9 * k + c - 1) % c for k, c in enumerate(count)] for i in range(n)], "uint8")
        images = np.array([[[[(i * 50 + c * 40 + row * 3 + column) % 256 for column in range(32)] for row in range(32)] for c in range(3)] for i in range(n)], "uint8")
        data = b"".join(labels[i].tobytes() + images[i].tobytes() for i in range(n))
        (HERE / f"{kind}.bin").write_bytes(data)
        names = ["labels"] if len(count) == 1 else ["coarse_labels", "fine_labels"]
        note(f"{kind}.bin", {k: labels[:, i] for i, k in enumerate(names)} | {"images": images}, kind)


def make_safetensors():
    arrays = {d: values(d, (3, 4)) for d in NUMBERS}
    arrays["bfloat16"] = values("float32", (3, 4)).astype(ml_dtypes.bfloat16)
    arrays["single"] = np.array(-1.5, "float64")
    arrays["empty"] = np.zeros((0, 7), "float32")
    arrays["名"] = np.array([1, 2], "int8")
    metadata = {"model": "a \"quoted\" name"}  # one: safetensors writes several in an order of chance
    safetensors.numpy.save_file(arrays, HERE / "types.safetensors", metadata)
    note("types.safetensors", arrays, "safetensors", metadata)
    x = values("float32", (2, 3))
    safetensors.numpy.save_file({"f8": np.array([1, 2]).astype(ml_dtypes.float8_e4m3fn), "x": x}, HERE / "f8.safetensors")
    note("f8.safetensors", {"f8": "Convert it first", "x": x}, "safetensors")
    for file in HERE.glob("*.safetensors"):
        file.chmod(0o644)


for make in (make_npy, make_npz, make_idx, make_cifar, make_safetensors):
    make()
(HERE / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=None, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
