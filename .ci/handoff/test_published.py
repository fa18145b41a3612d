"""What a run leaves in out/SPEC, and hive-partitioned exports."""

import hashlib
import json

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from expected import Expected, check
from test_formats import DUCKDB, POLARS, check_arrow, check_polars

AXES = {"method": str, "strength": float, "seed": int, "deep": bool}


@pytest.fixture(scope="session")
def grid(files):
    return Expected(files / "grid.json")


def test_tables_have_their_axes_first(files, grid):
    path = files / "out" / "tables" / "train.erm.history.parquet"
    table = pq.read_table(path)
    assert table.column_names[:4] == list(AXES)
    check_arrow(grid, table, metadata=False)
    meta = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
    assert meta == grid.meta
    assert meta["spurion.stage"] == "train.erm" and json.loads(meta["spurion.axes"]) == list(AXES)
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).encodings.count("RLE_DICTIONARY") == 1
    check_polars(grid, pl.scan_parquet(path).collect())
    frame = pd.read_parquet(path)
    mean = frame.groupby(["method", "strength", "seed", "deep"])["step"].max()
    assert mean[("é", 0.1, 3, False)] == 5


def test_claims(files):
    frame = pl.read_parquet(files / "out" / "claims.parquet")
    assert frame.columns[:7] == ["claim", "says", "source", "source_says", "setting", "test", "verdict"]
    assert frame["claim"].to_list() == ["slower", "other"]
    assert frame["verdict"].to_list() == ["reproduced", "inconclusive"]


def test_index(files):
    check_index(files / "out")


def check_index(out):
    """Every file is listed, is what the index says, and opens."""
    index = json.loads((out / "index.json").read_text(encoding="utf-8"))
    assert index["format_version"] == 1
    listed = {entry["path"] for entry in index["files"]}
    there = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert listed <= there
    assert {p for p in there if p.startswith(("tables/", "figures/", "files/"))} <= listed
    for entry in index["files"]:
        path = out / entry["path"]
        data = path.read_bytes()
        assert len(data) == entry["bytes"]
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
        if path.suffix != ".parquet":
            continue
        names = [c["name"] for c in entry["columns"]]
        frame = pl.scan_parquet(path).collect()
        assert frame.columns == names and frame.height == entry["rows"]
        relation = duckdb.read_parquet(str(path))
        schema = pq.read_schema(path)
        for column, kind in zip(entry["columns"], relation.types):
            assert frame.schema[column["name"]] == POLARS[column["type"]]
            assert str(kind) == DUCKDB[column["type"]]
            meta = schema.field(column["name"]).metadata or {}
            assert meta.get(b"unit", b"").decode() == column.get("unit", "")
            assert meta.get(b"description", b"").decode() == column.get("description", "")
            assert meta.get(b"mark", b"").decode() == column.get("mark", "")
            if not column.get("nullable"):
                assert frame[column["name"]].null_count() == 0
            if column["type"] in ("float32", "float64"):
                assert not frame[column["name"]].is_nan().any()
        axes = entry.get("axes") or []
        first = names[4:] if entry["output"] == "claims" and "stage" not in entry else names
        assert first[: len(axes)] == axes
        pandas = pd.read_parquet(path)
        assert list(pandas.columns) == names and len(pandas) == entry["rows"]
    return index


# Partitioned exports: the axes are in the folders' names, and readers find them and their types.

PARTITIONED = ["step", "flag", "s", "group", "large", "weight", "loss", "t95", "kind", "note", "x", "w"]


def by_axes(rows):
    key = lambda r: (r["method"], r["strength"], r["seed"], r["deep"], r["step"])
    return sorted(rows, key=key)


def check_partitioned(grid, rows, names=PARTITIONED):
    rows = by_axes([dict(r) for r in rows])
    want = by_axes(grid.rows)
    assert len(rows) == len(want)
    for got, expected in zip(rows, want):
        for axis, kind in AXES.items():
            assert type(got[axis]) is kind and got[axis] == expected[axis]
    shuffled = Expected.__new__(Expected)
    shuffled.rows, shuffled.types = want, grid.types
    for name in names:
        check(shuffled, name, [r[name] for r in rows])


def parts(folder):
    found = sorted(folder.rglob("part-0.*"))
    assert len(found) == 15
    return found


def test_hive_files_lack_the_axes(files):
    for part in parts(files / "hive-parquet"):
        assert pq.ParquetFile(part).schema_arrow.names == PARTITIONED


def test_hive_in_polars(files, grid):
    frame = pl.scan_parquet(files / "hive-parquet", hive_partitioning=True, try_parse_hive_dates=False)
    schema = frame.collect_schema()
    assert schema["strength"] == pl.Float64 and schema["seed"] == pl.Int64 and schema["method"] == pl.String
    deep = schema["deep"] == pl.Boolean
    frame = frame.collect()
    if not deep:  # polars gives text for true and false in folders' names
        frame = frame.with_columns(pl.col("deep").replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean))
    check_partitioned(grid, frame.to_dicts())
    one = pl.scan_parquet(files / "hive-parquet", hive_partitioning=True).filter(pl.col("strength") == 0.1, pl.col("seed") == 2).collect()
    assert one["method"].unique().to_list() == ["a/b=c%d"]


def test_hive_in_pyarrow(files, grid):
    schema = pa.schema([("method", pa.string()), ("strength", pa.float64()), ("seed", pa.int64()), ("deep", pa.bool_())])
    for name, form in (("parquet", "parquet"), ("arrow", "ipc")):
        data = ds.dataset(files / f"hive-{name}", format=form, partitioning=ds.partitioning(schema, flavor="hive"))
        check_partitioned(grid, data.to_table().to_pylist())
        some = data.to_table(filter=ds.field("strength") == 0.5, columns=["seed"])
        assert sorted(set(some.column("seed").to_pylist())) == [0, 1, 2, 3, 4]


def test_hive_in_pandas(files, grid):
    frame = pd.read_parquet(files / "hive-parquet")
    assert len(frame) == len(grid.rows)
    assert set(frame["method"]) == {"erm", "group dro", "a/b=c%d", "é", "jtt"}
    assert frame["seed"].astype(int).between(0, 4).all()


def test_hive_in_duckdb(files, grid):
    for name in ("parquet", "csv"):
        # DuckDB finds whole numbers and dates in folders' names by itself
        types = "{'strength': DOUBLE, 'deep': BOOLEAN}"
        relation = duckdb.sql(f"select * from read_{name}('{files}/hive-{name}/**/part-0.{name}', hive_partitioning = true, hive_types = {types})")
        kinds = dict(zip(relation.columns, map(str, relation.types)))
        assert kinds["strength"] == "DOUBLE" and kinds["seed"] == "BIGINT" and kinds["method"] == "VARCHAR"
        rows = [dict(zip(relation.columns, row)) for row in relation.fetchall()]
        check_partitioned(grid, rows, PARTITIONED if name == "parquet" else ["step", "loss", "kind"])


def test_hive_text_is_whole(files):
    for name in ("csv", "tsv", "json", "jsonl", "arrows"):
        for part in parts(files / f"hive-{name}"):
            assert part.stat().st_size > 0
