"""The other way: tables that pandas, polars, pyarrow and DuckDB write are read by package frame."""

import json

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

import foreign_seeds

TYPES = {"b": "bool", "i8": "int8", "i16": "int64", "i32": "int64", "i64": "int64", "u8": "int64", "u16": "int64",
         "u32": "int64", "u64": "int64", "f32": "float32", "f64": "float64", "s": "string", "c": "string"}
VALUES = {
    "b": [True, None, False], "i8": [-128, None, 127], "i16": [-32768, None, 32767], "i32": [-(2**31), None, 2**31 - 1],
    "i64": [-(2**63), None, 2**63 - 1], "u8": [0, None, 255], "u16": [0, None, 65535], "u32": [0, None, 2**32 - 1],
    "u64": [0, None, 2**63 - 1], "f32": [0.5, None, -0.25], "f64": [0.1, None, 1e300], "s": ["", None, "é🙂"],
    "c": ["x", None, "x"],
}
POLARS = {"b": pl.Boolean, "i8": pl.Int8, "i16": pl.Int16, "i32": pl.Int32, "i64": pl.Int64, "u8": pl.UInt8, "u16": pl.UInt16,
          "u32": pl.UInt32, "u64": pl.UInt64, "f32": pl.Float32, "f64": pl.Float64, "s": pl.String, "c": pl.Categorical}
PANDAS = {"b": "boolean", "i8": "Int8", "i16": "Int16", "i32": "Int32", "i64": "Int64", "u8": "UInt8", "u16": "UInt16",
          "u32": "UInt32", "u64": "UInt64", "f32": "Float32", "f64": "Float64", "s": "string", "c": "category"}


class Folder:
    def __init__(self, path):
        self.path = path

    def file(self, name):
        return str(self.path / f"{name}.parquet")

    def expect(self, name, **want):
        (self.path / f"{name}.json").write_text(json.dumps(want), encoding="utf-8")

    def good(self, name, values=None, types=None, **more):
        values, types = values or VALUES, types or TYPES
        self.expect(name, Order=list(values), Columns=values, Types=types, **more)

    def bad(self, name, *parts):
        self.expect(name, Error=list(parts))


def test_foreign_tables_are_read(tmp_path, go):
    f = Folder(tmp_path)
    for write in (by_polars, by_pandas, by_pyarrow, by_duckdb, refused):
        write(f)
    foreign_seeds.write(tmp_path)
    output = go("./artifacts/frame", "TestForeign", f"-foreign={tmp_path}")
    assert output.count("--- PASS: TestForeign/") == len([*tmp_path.glob("*.parquet"), *tmp_path.glob("*.arrow*")]) > 120


def by_polars(f):
    frame = pl.DataFrame({k: pl.Series(v, dtype=POLARS[k]) for k, v in VALUES.items()})
    for compression in ("zstd", "snappy", "gzip", "uncompressed", "brotli"):
        frame.write_parquet(f.file(f"polars-{compression}"), compression=compression)
        f.good(f"polars-{compression}")
    lists = pl.DataFrame({"x": pl.Series([[1, -1], None, []], dtype=pl.List(pl.Int8)),
                          "w": pl.Series([[0.5], [], None], dtype=pl.List(pl.Float32))})
    lists.write_parquet(f.file("polars-lists"))
    f.good("polars-lists", {"x": [[1, -1], None, []], "w": [[0.5], [], None]}, {"x": "list<int8>", "w": "list<float32>"})
    frame.clear().write_parquet(f.file("polars-empty"))
    f.good("polars-empty", {k: [] for k in VALUES})
    many = pl.DataFrame({"i": list(range(50_000)), "s": [f"text {i % 997}" for i in range(50_000)]})
    many.write_parquet(f.file("polars-groups"), row_group_size=7_000, data_page_size=1_000)
    f.good("polars-groups", {"i": many["i"].to_list(), "s": many["s"].to_list()}, {"i": "int64", "s": "string"})


def by_pandas(f):
    frame = pd.DataFrame({k: pd.Series(v, dtype=PANDAS[k]) for k, v in VALUES.items()})
    for compression in ("snappy", "zstd", "gzip", None):
        frame.to_parquet(f.file(f"pandas-{compression}"), compression=compression)
        f.good(f"pandas-{compression}")
    plain = pd.DataFrame({"step": [1, 2], "loss": [0.5, np.nan], "name": ["a", None], "on": [True, False]})
    plain.to_parquet(f.file("pandas-plain"))  # pandas writes null for NaN
    f.good("pandas-plain", {"step": [1, 2], "loss": [0.5, None], "name": ["a", None], "on": [True, False]},
           {"step": "int64", "loss": "float64", "name": "string", "on": "bool"})
    plain.set_index("name").to_parquet(f.file("pandas-index"))
    f.good("pandas-index", {"step": [1, 2], "loss": [0.5, None], "on": [True, False], "name": ["a", None]},
           {"step": "int64", "loss": "float64", "name": "string", "on": "bool"})


def by_pyarrow(f):
    schema = pa.schema([
        pa.field("step", pa.int32(), nullable=False, metadata={"unit": "steps"}),
        pa.field("text", pa.large_string()), pa.field("code", pa.dictionary(pa.int16(), pa.string())),
        pa.field("view", pa.string_view()), pa.field("w", pa.large_list(pa.float32())),
        pa.field("x", pa.list_(pa.int8(), 2)),
    ])
    values = {"step": [1, 2, 3], "text": ["a", None, "b"], "code": ["u", "v", None], "view": ["p", "q", None],
              "w": [[0.5, 1.5], [], None], "x": [[1, -1], [0, 1], [1, 1]]}
    types = {"step": "int64", "text": "string", "code": "string", "view": "string", "w": "list<float32>", "x": "list<int8>"}
    table = pa.table(values, schema=schema)
    for version in ("1.0", "2.4", "2.6"):
        for page in ("1.0", "2.0"):
            for dictionary in (True, False):
                name = f"pyarrow-{version}-{page}-{dictionary}"
                pq.write_table(table, f.file(name), version=version, data_page_version=page, use_dictionary=dictionary)
                f.good(name, values, types, Units={"step": "steps"})
    for name, options in {
        "no-schema": {"store_schema": False}, "gzip": {"compression": "gzip"}, "zstd": {"compression": "zstd"},
        "statistics": {"write_statistics": False}, "index": {"write_page_index": True},
        "checksums": {"write_page_checksum": True}, "old-lists": {"use_compliant_nested_type": False},
    }.items():
        pq.write_table(table, f.file(f"pyarrow-{name}"), **options)
        f.good(f"pyarrow-{name}", values, types, Units={} if name == "no-schema" else {"step": "steps"})
    for name, encoding in {"delta": "DELTA_BINARY_PACKED", "plain": "PLAIN"}.items():
        ints = pa.table({"i": pa.array(range(1000), pa.int64())})
        pq.write_table(ints, f.file(f"pyarrow-{name}"), use_dictionary=False, column_encoding={"i": encoding})
        f.good(f"pyarrow-{name}", {"i": list(range(1000))}, {"i": "int64"})
    long = [[float(i % 7)] * (i % 50) for i in range(3000)]
    pq.write_table(pa.table({"w": pa.array(long, pa.list_(pa.float32()))}), f.file("pyarrow-long"), data_page_size=500, row_group_size=700)
    f.good("pyarrow-long", {"w": long}, {"w": "list<float32>"})


def by_duckdb(f):
    duckdb.sql("select i::integer as i, i::tinyint as t, i / 2 as x, 'n' || i as s from range(100) r(i)").write_parquet(f.file("duckdb"))
    f.good("duckdb", {"i": list(range(100)), "t": list(range(100)), "x": [i / 2 for i in range(100)], "s": [f"n{i}" for i in range(100)]},
           {"i": "int64", "t": "int8", "x": "float64", "s": "string"})


def refused(f):
    """What does not fit names its column, and says what to do where that is not plain."""
    cases = {
        "struct": (pl.Series([{"a": 1, "b": 2}]), ["column when", "struct"]),
        "bytes": (pl.Series([b"\x00"]), ["column when", "bytes"]),
        "nested": (pl.Series([[[1]]]), ["column when", "list of lists"]),
        "hole": (pl.Series([[1, None]], dtype=pl.List(pl.Int8)), ["column when", "row 0", "null in a list"]),
        "nan": (pl.Series([0.5, float("nan")]), ["column when", "row 1", "NaN", "null"]),
        "infinite": (pl.Series([float("-inf")]), ["column when", "row 0", "-Inf"]),
        "nan32": (pl.Series([float("nan")], dtype=pl.Float32), ["column when", "row 0", "NaN"]),
        "large": (pl.Series([2**63], dtype=pl.UInt64), ["column when", "row 0", "9223372036854775808"]),
    }
    for name, (series, parts) in cases.items():
        pl.DataFrame({"step": [1] * len(series), "when": series}).write_parquet(f.file(f"polars-refused-{name}"))
        f.bad(f"polars-refused-{name}", *parts)
    (f.path / "refused-csv.parquet").write_text("step,loss\n1,2\n")
    f.bad("refused-csv", "not a whole Parquet file")
