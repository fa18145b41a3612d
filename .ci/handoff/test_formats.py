"""Every type in every format and compression, opened by every reader that takes it."""

import gzip
import io
import json

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.ipc
import pyarrow.json
import pyarrow.parquet as pq
import pytest

from expected import ARROW, LISTS, Expected, check, same

ROWS = [0, 1, 2000]
PARQUET = ["zstd", "none", "snappy", "gzip"]
ARROWS = ["none", "zstd", "lz4"]


@pytest.fixture(params=ROWS)
def expected(request, files):
    e = Expected(files / f"every-{request.param}.json")
    assert len(e.rows) == request.param
    e.stem = str(files / f"every-{request.param}")
    return e


def check_arrow(expected, table, metadata=True):
    assert table.column_names == expected.names
    for field in expected.fields:
        have = table.schema.field(field["name"])
        if field["type"] in LISTS:
            assert pa.types.is_list(have.type) and have.type.value_type == LISTS[field["type"]]
        else:
            assert have.type == ARROW[field["type"]]
        assert have.nullable == field["nullable"], field["name"]
        want = {k.encode(): field[k].encode() for k in ("unit", "description", "mark") if field[k]}
        got = {k: v for k, v in (have.metadata or {}).items() if not k.startswith(b"PARQUET:")}
        assert got == want, field["name"]
        check(expected, field["name"], table.column(field["name"]).to_pylist())
    if metadata:
        assert table.schema.metadata == {k.encode(): v.encode() for k, v in expected.meta.items()}


@pytest.mark.parametrize("compression", PARQUET)
def test_parquet_in_pyarrow(expected, compression):
    path = f"{expected.stem}-{compression}.parquet"
    check_arrow(expected, pq.read_table(path))
    info = pq.ParquetFile(path).metadata
    assert info.created_by == "spurion"
    assert set(info.metadata) == {k.encode() for k in expected.meta} | {b"ARROW:schema"}
    assert info.num_rows == len(expected.rows)
    for group in range(info.num_row_groups):
        for i in range(info.num_columns):
            chunk = info.row_group(group).column(i)
            if chunk.path_in_schema in ("kind", "note"):
                assert "RLE_DICTIONARY" in chunk.encodings
            if chunk.path_in_schema == "step":
                assert chunk.statistics.min == 0 and chunk.statistics.max == len(expected.rows) - 1


@pytest.mark.parametrize("compression", PARQUET)
def test_parquet_in_pandas(expected, compression):
    frame = pd.read_parquet(f"{expected.stem}-{compression}.parquet")
    assert list(frame.columns) == expected.names
    assert isinstance(frame.index, pd.RangeIndex)
    assert frame["step"].dtype == np.int64 and frame["s"].dtype == np.int8
    assert frame["loss"].dtype == np.float64 and frame["t95"].dtype == np.float64
    for name, kind in expected.types.items():
        values = list(frame[name])
        if kind in ("float64", "float32", "bool", "string", "int8", "int64"):
            values = [None if pd.isna(v) else v for v in values]
        # pandas makes floats of nullable integers, which rounds large ones: see the next test
        if name in ("large", "group"):
            continue
        check(expected, name, values)


def test_parquet_in_pandas_with_nullable_types(expected):
    frame = pd.read_parquet(f"{expected.stem}-zstd.parquet", dtype_backend="numpy_nullable")
    assert str(frame["large"].dtype) == "Int64" and str(frame["group"].dtype) == "Int8"
    for name in ("large", "group", "flag"):
        check(expected, name, [None if v is pd.NA else v for v in frame[name]])


POLARS = {
    "bool": pl.Boolean, "int8": pl.Int8, "int64": pl.Int64, "float32": pl.Float32, "float64": pl.Float64,
    "string": pl.String, "list<int8>": pl.List(pl.Int8), "list<float32>": pl.List(pl.Float32),
    "signs": pl.Binary, "bytes": pl.Binary,
}


def check_polars(expected, frame):
    assert frame.columns == expected.names
    for name, kind in expected.types.items():
        assert frame.schema[name] == POLARS[kind], name
        check(expected, name, frame[name].to_list())


@pytest.mark.parametrize("compression", PARQUET)
def test_parquet_in_polars(expected, compression):
    path = f"{expected.stem}-{compression}.parquet"
    check_polars(expected, pl.scan_parquet(path).collect())
    check_polars(expected, pl.read_parquet(path))
    some = pl.scan_parquet(path).filter(pl.col("step") >= 10).select("step", "note").collect()
    assert some["step"].to_list() == [s for s in expected.column("step") if s >= 10]


DUCKDB = {
    "bool": "BOOLEAN", "int8": "TINYINT", "int64": "BIGINT", "float32": "FLOAT", "float64": "DOUBLE",
    "string": "VARCHAR", "list<int8>": "TINYINT[]", "list<float32>": "FLOAT[]", "signs": "BLOB", "bytes": "BLOB",
}


@pytest.mark.parametrize("compression", PARQUET)
def test_parquet_in_duckdb(expected, compression):
    relation = duckdb.read_parquet(f"{expected.stem}-{compression}.parquet")
    assert relation.columns == expected.names
    assert [str(t) for t in relation.types] == [DUCKDB[f["type"]] for f in expected.fields]
    rows = relation.fetchall()
    for i, name in enumerate(expected.names):
        check(expected, name, [row[i] for row in rows])
    keys = dict(duckdb.sql(f"select key, value from parquet_kv_metadata('{expected.stem}-{compression}.parquet')").fetchall())
    assert keys[b"spurion.spec"] == b"quick"


@pytest.mark.parametrize("compression", ARROWS)
def test_arrow_file(expected, compression):
    path = f"{expected.stem}-{compression}.arrow"
    with pa.ipc.open_file(path) as reader:
        check_arrow(expected, reader.read_all())
    check_arrow(expected, pa.feather.read_table(path))
    check_polars(expected, pl.read_ipc(path))
    check_polars(expected, pl.scan_ipc(path).collect())
    assert list(pd.read_feather(path).columns) == expected.names


@pytest.mark.parametrize("compression", ARROWS)
def test_arrow_stream(expected, compression):
    path = f"{expected.stem}-{compression}.arrows"
    with pa.ipc.open_stream(path) as reader:
        table = reader.read_all()
    check_arrow(expected, table)
    check_polars(expected, pl.read_ipc_stream(path))
    assert duckdb.from_arrow(table).fetchall() == [tuple(row.values()) for row in table.to_pylist()]


# Text carries no types: readers are told the few that they cannot guess from the column itself.
TEXTS = ["kind", "note"]


def numbers(expected):
    return [n for n, t in expected.types.items() if t in ("int8", "int64", "float64")]


def lists(expected):
    return [n for n, t in expected.types.items() if t in LISTS]


@pytest.mark.parametrize("compression, extension", [("none", "csv"), ("gzip", "csv"), ("none", "tsv"), ("gzip", "tsv")])
def test_csv_in_pandas(expected, compression, extension):
    frame = pd.read_csv(
        f"{expected.stem}-{compression}.{extension}", compression=None if compression == "none" else compression,
        sep="\t" if extension == "tsv" else ",",
        keep_default_na=False, na_values={n: [""] for n in expected.names if n not in TEXTS},
        dtype={"large": "Int64", "group": "Int8", "flag": "boolean", "kind": str, "note": str, "x": str, "w": str},
    )
    assert list(frame.columns) == expected.names
    for name in numbers(expected) + ["flag", "kind"]:
        check(expected, name, [None if pd.isna(v) else v for v in frame[name]])
    check(expected, "weight", [None if pd.isna(v) else v for v in frame["weight"]])
    # pandas does not tell an empty text from none
    assert list(frame["note"]) == [v or "" for v in expected.column("note")]
    for name in lists(expected):
        check(expected, name, [None if pd.isna(v) or v == "" else json.loads(v) for v in frame[name]])


@pytest.mark.parametrize("extension", ["csv", "tsv"])
@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_csv_in_polars(expected, compression, extension):
    types = {n: POLARS[t] for n, t in expected.types.items() if t not in LISTS}
    types |= {n: pl.String for n in lists(expected)}
    frame = pl.read_csv(f"{expected.stem}-{compression}.{extension}", separator="\t" if extension == "tsv" else ",",
                        schema=types, empty_string_is_null=True)
    assert frame.columns == expected.names
    for name, kind in expected.types.items():
        values = frame[name].to_list()
        if kind in LISTS:
            values = [None if v is None else json.loads(v) for v in values]
        check(expected, name, values)


def test_csv_in_polars_guessed(files):
    """Without being told, polars finds the types of numbers: a float keeps its point."""
    e = Expected(files / "every-2000.json")
    frame = pl.read_csv(files / "every-2000-none.csv", infer_schema_length=None)
    for name in ("step", "s", "group", "large"):
        assert frame.schema[name] == pl.Int64, name
    for name in ("weight", "loss", "t95"):
        assert frame.schema[name] == pl.Float64, name
    assert frame.schema["flag"] == pl.Boolean
    check(e, "loss", frame["loss"].to_list())
    check(e, "t95", frame["t95"].to_list())


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_csv_in_duckdb(expected, compression):
    types = {n: DUCKDB[t] for n, t in expected.types.items() if t not in LISTS}
    types |= {n: "VARCHAR" for n in lists(expected)}
    how = "gzip" if compression == "gzip" else "none"
    relation = duckdb.read_csv(
        f"{expected.stem}-{compression}.csv", columns=types, header=True, compression=how,
        delimiter=",", quotechar='"', escapechar='"', auto_detect=False, parallel=False, allow_quoted_nulls=False,
    )
    rows = relation.fetchall()
    for i, (name, kind) in enumerate(expected.types.items()):
        values = [row[i] for row in rows]
        if kind in LISTS:
            values = [None if v is None else json.loads(v) for v in values]
        check(expected, name, values)


def test_csv_in_pyarrow(expected):
    types = {n: ARROW.get(t, pa.string()) for n, t in expected.types.items()}
    table = pyarrow.csv.read_csv(
        f"{expected.stem}-none.csv",
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""]),
    )
    assert table.column_names == expected.names
    for name, kind in expected.types.items():
        values = table.column(name).to_pylist()
        if kind in LISTS:
            values = [None if v is None else json.loads(v) for v in values]
        check(expected, name, values)


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_json_lines(expected, compression):
    path = f"{expected.stem}-{compression}.jsonl"
    with open(path, "rb") as f:
        data = f.read()
    if compression == "gzip":
        data = gzip.decompress(data)
    if compression == "zstd":
        data = pa.CompressedInputStream(io.BytesIO(data), "zstd").read()
    rows = [json.loads(line) for line in data.decode("utf-8").splitlines()]
    assert len(rows) == len(expected.rows)
    for row in rows:
        assert list(row) == expected.names
    for name in expected.names:
        check(expected, name, [row[name] for row in rows])
    if not rows:
        return
    frame = pl.read_ndjson(io.BytesIO(data), infer_schema_length=None)
    for name in numbers(expected):
        guess = pl.Float64 if expected.types[name] == "float64" else pl.Int64
        assert frame.schema[name] in (guess, pl.Null), name
    check_polars(expected, frame.cast({n: POLARS[t] for n, t in expected.types.items()}))
    frame = pd.read_json(io.BytesIO(data), lines=True, dtype=False)
    assert list(frame.columns) == expected.names
    check(expected, "step", frame["step"])
    check(expected, "x", frame["x"])


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_json(expected, compression):
    path = f"{expected.stem}-{compression}.json"
    with open(path, "rb") as f:
        data = f.read()
    if compression == "gzip":
        data = gzip.decompress(data)
    if compression == "zstd":
        data = pa.CompressedInputStream(io.BytesIO(data), "zstd").read()
    rows = json.loads(data)
    assert len(rows) == len(expected.rows) and all(list(row) == expected.names for row in rows)
    for name in expected.names:
        check(expected, name, [row[name] for row in rows])
    if not rows:
        return
    check_polars(expected, pl.read_json(io.BytesIO(data), infer_schema_length=None).cast({n: POLARS[t] for n, t in expected.types.items()}))
    frame = pd.read_json(io.BytesIO(data), dtype=False)
    assert list(frame.columns) == expected.names
    check(expected, "step", frame["step"])
    check(expected, "x", frame["x"])


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_json_lines_in_duckdb(expected, compression):
    if not expected.rows:
        return
    columns = {n: DUCKDB[t] for n, t in expected.types.items()}
    relation = duckdb.read_json(
        f"{expected.stem}-{compression}.jsonl", format="newline_delimited", columns=columns,
        compression="gzip" if compression == "gzip" else "uncompressed",
    )
    rows = relation.fetchall()
    for i, name in enumerate(expected.names):
        check(expected, name, [row[i] for row in rows])


def test_same_tells_apart():
    """The comparison itself: what it must not let pass."""
    assert not same("float64", 0.0, -0.0) and same("float64", -0.0, -0.0)
    assert not same("float64", None, 0.0) and not same("float64", 0.0, None)
    assert not same("float64", 0.1 + 0.2, 0.3)
    assert not same("int64", 1.0, 1) and same("int64", np.int64(1), 1)
    assert not same("list<int8>", [1], [1, 2]) and not same("list<int8>", [], None)
    assert not same("string", "", None) and not same("bool", None, False)
