"""Columns of bytes and of signs: fixed-size binaries, of which one line makes an array."""

import io
import json

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from test_formats import ARROWS, PARQUET


@pytest.fixture(scope="session")
def packed(tmp_path_factory, go):
    folder = tmp_path_factory.mktemp("packed")
    go("./pipeline/publish", "TestWritePacked", f"-handoff={folder}")
    return folder


@pytest.fixture(scope="session")
def want(packed):
    return json.loads((packed / "packed.json").read_text(encoding="utf-8"))


def array(column):
    """As docs/guide.md has it."""
    return np.frombuffer(b"".join(column), np.uint8).reshape(len(column), -1)


def signs(column, n):
    return 2 * np.unpackbits(array(column), axis=1, count=n, bitorder="little").astype(np.int8) - 1


def check(want, data):
    """data gives the values of a column as a list, or as a column of pandas or polars."""
    image = array(data["image"])
    assert image.dtype == np.uint8 and image.tolist() == want["Image"]
    maybe = [None if v is None or v is pd.NA else list(v) for v in data["maybe"]]
    assert maybe == want["Maybe"]
    assert signs(data["signs"], 70).tolist() == want["Signs"]


def check_schema(want, schema):
    field = schema.field("image")
    assert field.type == pa.binary(want["Pixels"]) and not field.nullable
    assert field.metadata[b"bytes"] == str(want["Pixels"]).encode() and field.metadata[b"unit"] == b"1"
    assert float(field.metadata[b"scale"]) == want["Scale"] and float(field.metadata[b"offset"]) == want["Offset"]
    assert schema.field("maybe").nullable and schema.field("maybe").metadata[b"scale"] == b"1"
    assert b"offset" not in schema.field("maybe").metadata
    assert schema.field("signs").type == pa.binary(9) and schema.field("signs").metadata[b"signs"] == b"70"


@pytest.mark.parametrize("compression", PARQUET)
def test_parquet(packed, want, compression):
    path = packed / f"packed-{compression}.parquet"
    table = pq.read_table(path)
    check_schema(want, table.schema)
    check(want, table.to_pydict())
    check(want, pd.read_parquet(path))
    for frame in (pl.read_parquet(path), pl.scan_parquet(path).collect()):
        assert frame.schema["image"] == pl.Binary
        check(want, frame)
    relation = duckdb.read_parquet(str(path))
    assert [str(t) for t in relation.types] == ["BIGINT", "BLOB", "BLOB", "BLOB"]
    check(want, {name: [row[i] for row in relation.fetchall()] for i, name in enumerate(relation.columns)} | {"row": None})
    for group in range(pq.ParquetFile(path).metadata.num_row_groups):
        assert pq.ParquetFile(path).metadata.row_group(group).column(1).statistics is None


@pytest.mark.parametrize("compression", ARROWS)
def test_arrow(packed, want, compression):
    path = packed / f"packed-{compression}.arrow"
    table = pa.feather.read_table(path)
    check_schema(want, table.schema)
    check(want, table.to_pydict())
    check(want, pd.read_feather(path))
    check(want, pl.read_ipc(path))
    with pa.ipc.open_stream(packed / f"packed-{compression}.arrows") as reader:
        table = reader.read_all()
    check_schema(want, table.schema)
    check(want, table.to_pydict())
    check(want, pl.read_ipc_stream(packed / f"packed-{compression}.arrows"))
    relation = duckdb.from_arrow(table)
    check(want, {name: [row[i] for row in relation.fetchall()] for i, name in enumerate(relation.columns)})


def numbers(want):
    """What the bytes stand for, as float32."""
    return (np.array(want["Image"]) * want["Scale"] + want["Offset"]).astype(np.float32)


def test_text(packed, want):
    """Text has no metadata: it holds what the bytes stand for."""
    lines = (packed / "packed-none.jsonl").read_text(encoding="utf-8").splitlines()
    for rows in ([json.loads(line) for line in lines], json.loads((packed / "packed-none.json").read_text(encoding="utf-8"))):
        assert (np.array([r["image"] for r in rows], np.float32) == numbers(want)).all()
        assert [r["maybe"] for r in rows] == want["Maybe"] and [r["signs"] for r in rows] == want["Signs"]
    assert pl.read_ndjson(io.StringIO("\n".join(lines))).schema["maybe"] == pl.List(pl.Int64)
    frame = pd.read_csv(packed / "packed-none.csv")
    assert (np.array([json.loads(v) for v in frame["image"]], np.float32) == numbers(want)).all()
    assert [None if pd.isna(v) else json.loads(v) for v in frame["maybe"]] == want["Maybe"]


def test_back(packed, want, tmp_path, go):
    """What pyarrow writes keeps the metadata, so that it is a column of bytes again; with them, arrays of one's own are one."""
    table = pq.read_table(packed / "packed-zstd.parquet").select(["image", "maybe"])
    own = np.arange(24, dtype=np.uint8).reshape(2, 12)
    field = pa.field("image", pa.binary(12), nullable=False, metadata={"bytes": "12", "scale": "0.5"})
    made = pa.table([pa.array([row.tobytes() for row in own], pa.binary(12))], schema=pa.schema([field]))
    both = {"types": {"image": "bytes", "maybe": "bytes"}, "units": {"image": "1"}}
    for name, data, expected, options in (
        ("again", table, {"image": numbers(want).astype(float).tolist(), "maybe": want["Maybe"]}, {}),
        ("plain", table, {"image": numbers(want).astype(float).tolist(), "maybe": want["Maybe"]}, {"use_dictionary": False, "compression": "none"}),
        ("split", table, {"image": numbers(want).astype(float).tolist(), "maybe": want["Maybe"]},
         {"use_dictionary": False, "column_encoding": {"image": "BYTE_STREAM_SPLIT", "maybe": "DELTA_BYTE_ARRAY"}, "data_page_version": "2.0"}),
        ("made", made, {"image": (own * .5).tolist()}, {}),
    ):
        pq.write_table(data, tmp_path / f"{name}.parquet", **options)
        (tmp_path / f"{name}.json").write_text(json.dumps({
            "Order": list(expected), "Columns": shortest(expected), "Types": {k: both["types"][k] for k in expected},
            "Units": both["units"] if data is table else {},
        }), encoding="utf-8")
    output = go("./artifacts/frame", "TestForeign", f"-foreign={tmp_path}")
    assert output.count("--- PASS: TestForeign/") == 4


def shortest(columns):
    """float32 values as the shortest decimals that read back as them, as this program writes them."""
    return {name: [v if v is None else [float(str(np.float32(x))) for x in v] for v in rows] for name, rows in columns.items()}
