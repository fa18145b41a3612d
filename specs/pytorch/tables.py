"""Spurion's data sets, models and predictions as numpy's arrays, for programs of the kind exec."""

import json
import pathlib
import sys
from importlib import metadata

REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")


def stop(message):
    """Ends the program. Spurion shows the end of what it printed."""
    sys.exit(f"error: {message}")


def numbers(version):
    """The version as numbers that compare: 2.1.0+cpu gives [2, 1, 0]."""
    return [int(digits) for part in version.split("+")[0].split(".")[:3] if (digits := "".join(c for c in part if c.isdigit()))]


def check_requirements():
    """Stops unless every package of requirements.txt is there, in its least version or a later one."""
    for line in REQUIREMENTS.read_text().splitlines():
        line = line.partition("#")[0].strip()
        if not line:
            continue
        name, _, least = line.partition(">=")
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            found = None
        if found is None or numbers(found) < numbers(least):
            there = f"{name} {found}" if found else f"no {name}"
            stop(f"{sys.executable} has {there}, and {line} is needed: install it there (pip install -r specs/pytorch/requirements.txt), "
                 "or put a Python that has it first on the PATH and run again")


check_requirements()

import numpy as np  # noqa: E402  after what says how to get it
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
import torch  # noqa: E402

ABOUT = b"spurion.dataset"


def device(name):
    """The torch.device of a name: auto is a GPU where there is one, cuda demands one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        stop("device = cuda asks for a GPU, and PyTorch sees none: run where nvidia-smi lists one and with a PyTorch built for CUDA, "
             "see that CUDA_VISIBLE_DEVICES does not hide it, or choose device = auto or cpu")
    return torch.device(name)


class Dataset:
    """A data set: split, label and attribute [rows], the latter None if there is none; inputs, float32 [rows, n]; about, what is
    known of it; shape, (channels, height, width) of inputs that are images, else None."""

    def __init__(self, path):
        self.table = pq.read_table(path)
        self.about = json.loads((self.table.schema.metadata or {}).get(ABOUT, b"{}"))
        self.split = np.array(self.table["split"].to_pylist())
        self.label = self.table["label"].to_numpy().astype(np.int64)
        self.attribute = self.table["attribute"].to_numpy().astype(np.int64) if "attribute" in self.table.column_names else None
        self.inputs = self._inputs()
        shape = self.about.get("shape")
        self.shape = shape and (shape["channels"], shape["height"], shape["width"])

    def _inputs(self):
        known = self.table.schema.field("inputs").metadata or {}
        chunks = self.table["inputs"].chunks
        if b"bytes" in known or b"signs" in known:  # a byte or a bit for each number
            rows = np.concatenate([np.frombuffer(c.buffers()[1], np.uint8).reshape(-1, c.type.byte_width)[c.offset : c.offset + len(c)] for c in chunks])
            if b"signs" in known:
                return 2 * np.unpackbits(rows, axis=1, count=int(known[b"signs"]), bitorder="little").astype(np.float32) - 1
            return (rows * float(known.get(b"scale", 1)) + float(known.get(b"offset", 0))).astype(np.float32)
        return np.concatenate([c.flatten().to_numpy() for c in chunks]).reshape(self.table.num_rows, -1).astype(np.float32)

    def write(self, path, inputs):
        """Writes a data set of the same samples with other inputs, float32 [rows, n]. Gives what is known of it."""
        about = {k: v for k, v in self.about.items() if k not in ("shape", "parts", "law")} | {"dimensions": inputs.shape[1]}
        marks = self.table.select([name for name in ["split", "label", "attribute", "group"] if name in self.table.column_names])
        offsets = np.arange(0, inputs.size + 1, inputs.shape[1], dtype=np.int32)
        lists = pa.ListArray.from_arrays(offsets, pa.array(np.ascontiguousarray(inputs, np.float32).reshape(-1)))
        table = marks.append_column(pa.field("inputs", lists.type, metadata={"unit": "1"}), lists)
        pq.write_table(table.replace_schema_metadata({ABOUT: json.dumps(about)}), path)
        return about


def write_heads(path, about, heads):
    """Writes a model whose steps share a data set (about) that has the features of all steps side by side, the first step's first.
    heads holds for each step, ascending, the last layer on that step's features: weights [outputs, width] and biases [outputs].
    The model's hidden layer picks the step's own features, so its scores are those of the network that they are from."""
    rows = []
    for i, (step, (weights, biases)) in enumerate(heads.items()):
        outputs, width = weights.shape
        pick = np.zeros((width, about["dimensions"]), np.float32)
        pick[np.arange(width), i * width + np.arange(width)] = 1
        for layer, (w, b) in enumerate([(pick, np.zeros(width, np.float32)), (weights, biases)], 1):
            rows += [(step, layer, neuron, b[neuron], w[neuron]) for neuron in range(len(b))]
    network = {"hidden": [width], "activation": "identity", "bias": True, "outputs": outputs, "init": "pytorch", "init_scale": 1,
               "output_init": "same", "output_scale": "1", "slope": 0.01, "layer_inits": [], "layer_init_scales": []}
    schema = pa.schema([("step", pa.int64()), ("layer", pa.int64()), ("neuron", pa.int64()), ("bias", pa.float32()), ("weights", pa.list_(pa.float32()))],
                       metadata={"spurion.model": json.dumps({"inputs": about["dimensions"], "network": network}), ABOUT: json.dumps(about)})
    pq.write_table(pa.table([list(column) for column in zip(*rows)], schema=schema), path)


def write_predictions(path, data, scores):
    """Writes what is predicted for validation and test samples: scores has for each rule of selection a number for each sample,
    [rows], at least 0 where label 1 is predicted."""
    held = data.split != "train"
    parts = [pa.table({
        "selection": [rule] * int(held.sum()), "split": data.split[held], "label": data.label[held], "score": values[held].astype(np.float64),
    }) for rule, values in scores.items()]
    pq.write_table(pa.concat_tables(parts), path)


def write_base(path, method, label_access, steps, selected):
    """Writes what the kind head asks of its base: which step each rule of selection took, of a training of so many steps, and the worst
    group's accuracy on the test split there. selected holds (step, accuracy) for each rule."""
    columns = {
        "method": pa.array([method] * len(selected)), "selection": pa.array(list(selected)), "label_access": pa.array([label_access] * len(selected)),
        "step": pa.array([step for step, _ in selected.values()], pa.int64()), "steps": pa.array([steps] * len(selected), pa.int64()),
        "earlier_steps": pa.array([0] * len(selected), pa.int64()), "worst_group_accuracy": pa.array([float(a) for _, a in selected.values()]),
    }
    units = {"step": "steps", "steps": "steps", "earlier_steps": "steps", "worst_group_accuracy": "1"}
    fields = [pa.field(name, c.type, metadata={"unit": units.get(name, "")}) for name, c in columns.items()]
    pq.write_table(pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields)), path)
