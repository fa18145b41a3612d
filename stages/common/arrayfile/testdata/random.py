"""Writes arrays of chance as numpy, MNIST and safetensors do, from their formats' descriptions alone, without numpy.

    python3 random.py SEED FOLDER

FOLDER gets the files and expected.json, which says what they hold, as make.py does.
"""
import gzip
import json
import random
import struct
import sys
import zipfile
from math import prod
from pathlib import Path

CODES = {"int8": "b", "int16": "h", "int32": "i", "int64": "q", "uint8": "B", "uint16": "H", "uint32": "I", "uint64": "Q", "float16": "e", "float32": "f", "float64": "d", "bool": "?"}
NUMPY = {"int8": "i1", "int16": "i2", "int32": "i4", "int64": "i8", "uint8": "u1", "uint16": "u2", "uint32": "u4", "uint64": "u8", "float16": "f2", "float32": "f4", "float64": "f8", "bool": "b1"}
TENSORS = {"int8": "I8", "int16": "I16", "int32": "I32", "int64": "I64", "uint8": "U8", "uint16": "U16", "uint32": "U32", "uint64": "U64", "float16": "F16", "float32": "F32", "float64": "F64", "bool": "BOOL"}
IDX = {"uint8": 8, "int8": 9, "int16": 0xB, "int32": 0xC, "float32": 0xD, "float64": 0xE}

chance = random.Random(int(sys.argv[1]))
folder = Path(sys.argv[2])
expected = {}


def array(types, ranks=(1, 4)):
    """A type, a shape and the values' bytes, lowest first, in C order."""
    kind = chance.choice(types)
    shape = [chance.randint(1, 6) for _ in range(chance.randint(*ranks))]
    size = struct.calcsize(CODES[kind])
    if kind == "bool":
        return kind, shape, [bytes([chance.randint(0, 1)]) for _ in range(prod(shape))]
    return kind, shape, [chance.randbytes(size) for _ in range(prod(shape))]


def listed(kind, cells):
    values = [struct.unpack("<" + CODES[kind], c)[0] for c in cells]
    if kind.startswith("float"):
        return [float(v).hex() for v in values]
    return [int(v) if kind == "bool" else str(v) for v in values]


def entry(name, kind, shape, cells):
    return {"name": name, "type": kind, "shape": shape, "values": listed(kind, cells)}


def fortran(shape, cells):
    """The cells with the first axis fastest: each index counted in the other order."""
    out = []
    index = [0] * len(shape)
    for _ in cells:
        at = 0
        for i, n in zip(index, shape):
            at = at * n + i
        out.append(cells[at])
        for axis in range(len(shape)):
            index[axis] += 1
            if index[axis] < shape[axis]:
                break
            index[axis] = 0
    return out


def npy(kind, shape, cells):
    big, f = chance.random() < 0.5, chance.random() < 0.5
    single = len(cells[0]) == 1
    descr = ("|" if single else ">" if big else "<") + NUMPY[kind]
    text = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
    header = f"{{'descr': '{descr}', 'fortran_order': {f}, 'shape': ({text}), }}"
    version = chance.choice([1, 2, 3])
    prefix = 10 if version == 1 else 12
    header += " " * (-(prefix + len(header) + 1) % 64) + "\n"
    stored = fortran(shape, cells) if f else cells
    if big:
        stored = [c[::-1] for c in stored]
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(header)) + header.encode() + b"".join(stored)


def write(file, data, format, entries, metadata=None):
    (folder / file).write_bytes(data)
    expected[file] = {"format": format, "metadata": metadata, "entries": entries}


for i in range(12):
    a = array(list(NUMPY))
    data = npy(*a)
    packed = i % 3 == 0
    write(f"{i}.npy", gzip.compress(data) if packed else data, "npy", [entry("", *a)])

for i in range(8):
    a = array(list(IDX))
    data = struct.pack(">HBB", 0, IDX[a[0]], len(a[1])) + b"".join(struct.pack(">I", n) for n in a[1]) + b"".join(c[::-1] for c in a[2])
    write(f"{i}.idx", gzip.compress(data) if i % 2 else data, "idx", [entry("", *a)])

for i in range(4):
    arrays = {f"a{k}": array(list(NUMPY)) for k in range(chance.randint(1, 6))}
    with zipfile.ZipFile(folder / f"{i}.npz", "w", chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as z:
        for name, a in arrays.items():
            with z.open(name + ".npy", "w", force_zip64=chance.random() < 0.5) as f:
                f.write(npy(*a))
    expected[f"{i}.npz"] = {"format": "npz", "metadata": None, "entries": [entry(k, *a) for k, a in arrays.items()]}

for i in range(4):
    arrays = {f"t{k}": array(list(TENSORS), (0, 3)) for k in range(chance.randint(1, 6))}
    header, data = {"__metadata__": {"seed": sys.argv[1], "i": str(i)}}, b""
    order = list(arrays)
    chance.shuffle(order)  # values may lie in another order than the header has
    for name in order:
        kind, shape, cells = arrays[name]
        begin, data = len(data), data + b"".join(cells)
        header[name] = {"shape": shape, "data_offsets": [begin, len(data)], "dtype": TENSORS[kind]}
    names = sorted(header)
    text = json.dumps({k: header[k] for k in names}).encode()
    text += b" " * (-len(text) % 8)
    write(f"{i}.safetensors", struct.pack("<Q", len(text)) + text + data, "safetensors", [entry(k, *arrays[k]) for k in names if k in arrays], header["__metadata__"])

(folder / "expected.json").write_text(json.dumps(expected))
