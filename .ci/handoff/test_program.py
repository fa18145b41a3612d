"""The program's own results, after `spurion run specs/quick.hcl`: out/ as a whole, and its exports."""

import io
import os

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expected import same
from test_published import check_index

SPEC = os.environ.get("SPURION_SPEC", "specs/quick.hcl")


@pytest.fixture(scope="session")
def tables(out):
    """(entry, path) of every table under tables/ that has axes and rows."""
    index = check_index(out)
    found = [(e, out / e["path"]) for e in index["files"] if e["path"].startswith("tables/")]
    assert found, "the run left no tables"
    return found


def test_out_is_what_its_index_says(tables):
    assert any(e.get("axes") for e, _ in tables)
    assert all(e["missing"] == 0 for e, _ in tables)


def test_metadata_names_the_stage(tables):
    for entry, path in tables:
        meta = pq.read_schema(path).metadata
        assert meta[b"spurion.stage"].decode() == entry["stage"]
        assert meta[b"spurion.output"].decode() == entry["output"]
        assert len(meta[b"spurion.keys"]) == 64


@pytest.fixture(scope="session")
def smallest(tables):
    """A small table with two axes or more, as exports of it are compared by value."""
    fit = [t for t in tables if len(t[0].get("axes", [])) >= 2 and t[0]["rows"] > 0]
    assert fit, "no table has two axes"
    return min(fit, key=lambda t: t[0]["rows"])


@pytest.fixture(scope="session")
def export(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    store = ["--store", os.environ["SPURION_STORE"]] if "SPURION_STORE" in os.environ else []

    def run(entry, name, *options):
        path = folder / name
        program("export", *store, "--output", str(path), *options, SPEC, f"{entry['stage']}.{entry['output']}")
        return path

    return run


def assert_same(entry, frame, want):
    assert frame.columns == want.columns and frame.height == want.height
    types = {c["name"]: c["type"] for c in entry["columns"]}
    for name in want.columns:
        for row, (g, w) in enumerate(zip(frame[name].to_list(), want[name].to_list())):
            assert same(types[name], g, w), f"{name}, row {row}: {g!r}, not {w!r}"


def test_exports_hold_the_published_table(smallest, export):
    entry, path = smallest
    want = pl.read_parquet(path)
    assert export(entry, "x.parquet").read_bytes() == path.read_bytes()
    assert_same(entry, pl.read_ipc(export(entry, "x.arrow", "--format", "arrow")), want)
    with pa.ipc.open_stream(export(entry, "x.arrows", "--format", "arrows")) as reader:
        assert_same(entry, pl.from_arrow(reader.read_all()), want)
    types = {c["name"]: c["type"] for c in entry["columns"]}
    flat = [n for n in want.columns if not types[n].startswith("list")]
    schema = {n: want.schema[n] for n in flat}
    csv = pl.read_csv(export(entry, "x.csv", "--columns", ",".join(flat)), schema=schema)
    assert_same(entry, csv, want.select(flat))
    lines = pl.read_ndjson(export(entry, "x.jsonl"), infer_schema_length=None)
    assert_same(entry, lines.cast(dict(want.schema)), want)
    assert len(pd.read_csv(export(entry, "y.csv"))) == want.height


def test_names_of_files_say_what_they_hold(smallest, export):
    """pandas and polars open an export by its name alone."""
    entry, path = smallest
    want = pl.read_parquet(path)
    types = {c["name"]: c["type"] for c in entry["columns"]}
    flat = [n for n in want.columns if not types[n].startswith("list")]
    schema, columns = {n: want.schema[n] for n in flat}, ["--columns", ",".join(flat)]
    for name, separator in (("z.csv.gz", ","), ("z.csv.zst", ","), ("z.tsv", "\t"), ("z.tsv.gz", "\t")):
        file = export(entry, name, *columns)
        assert_same(entry, pl.read_csv(file, separator=separator, schema=schema), want.select(flat))
        if not name.endswith(".zst"):  # pandas needs another package for it
            assert list(pd.read_csv(file, sep=separator).columns) == flat
    assert_same(entry, pl.read_json(export(entry, "z.json"), infer_schema_length=None).cast(dict(want.schema)), want)
    for name, lines in (("z.json.gz", False), ("z.ndjson", True), ("z.jsonl.gz", True)):
        assert len(pd.read_json(export(entry, name), lines=lines)) == want.height
    assert_same(entry, pl.read_ipc(export(entry, "z.feather")), want)


def test_standard_output(smallest, program):
    entry, path = smallest
    store = ["--store", os.environ["SPURION_STORE"]] if "SPURION_STORE" in os.environ else []
    data = program("export", *store, "--output", "-", "--format", "csv", SPEC, f"{entry['stage']}.{entry['output']}")
    assert pd.read_csv(io.BytesIO(data)).shape[0] == pl.read_parquet(path).height


def test_where_and_partition(smallest, export):
    entry, path = smallest
    want = pl.read_parquet(path)
    axis = entry["axes"][-1]
    value = want[axis][0]
    some = pl.read_parquet(export(entry, "some.parquet", "--where", f"{axis}={value}"))
    assert_same(entry, some, want.filter(pl.col(axis) == value))
    folder = export(entry, "hive", "--partition", axis)
    parts = sorted(folder.rglob("*.parquet"))
    assert len(parts) == want[axis].n_unique()
    assert all(axis not in pq.read_schema(p).names for p in parts)
    whole = pl.scan_parquet(folder, hive_partitioning=True).collect()
    assert whole.height == want.height and set(whole.columns) == set(want.columns)
    assert whole[axis].cast(want.schema[axis]).value_counts().sort(axis).equals(want[axis].value_counts().sort(axis))
    counted = duckdb.sql(f"select count(*) from read_parquet('{folder}/**/*.parquet', hive_partitioning = true)").fetchall()
    assert counted == [(want.height,)]
