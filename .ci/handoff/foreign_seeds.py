"""Small Parquet and Arrow files of other writers, with what they hold: seeds of package frame's tests and fuzzing.

    python .ci/handoff/foreign_seeds.py artifacts/frame/testdata/foreign

writes NAME.parquet, NAME.arrow (a file) or NAME.arrows (a stream), and NAME.json, the values as pyarrow reads them. Files that must be refused
have a part of the error instead.
"""

import datetime
import decimal
import json
import pathlib
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet as pq

CODECS = ("none", "snappy", "gzip", "zstd", "brotli", "lz4")
UNITS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}


def type_of(t):
    """The type that a column of Arrow's type t becomes, and its unit."""
    if pa.types.is_dictionary(t):
        return type_of(t.value_type)
    if pa.types.is_list(t) or pa.types.is_large_list(t) or pa.types.is_fixed_size_list(t):
        return {"int8": "list<int8>", "float": "list<float32>"}.get(str(t.value_type), "list<float64>"), ""
    if pa.types.is_timestamp(t):
        return f"timestamp[{'ns' if t.unit == 'ns' else 'us'}{', UTC' if t.tz else ''}]", ""
    if pa.types.is_duration(t):
        return "int64", UNITS[t.unit]
    if pa.types.is_integer(t):
        return "int8" if t == pa.int8() else "int64", ""
    if pa.types.is_float16(t) or pa.types.is_decimal(t) or pa.types.is_float64(t):
        return "float64", ""
    if pa.types.is_date(t):
        return "date", ""
    if pa.types.is_time(t):
        return "time[ns]", ""
    return {"bool": "bool", "float": "float32"}.get(str(t), "string"), ""


def text_of_nanos(v, type_name):
    """A count of nanoseconds since 1970 as text."""
    seconds, nanos = divmod(v, 10**9)
    when = (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)).isoformat()
    fraction = f"{nanos:09}" if "ns" in type_name else f"{nanos // 1000:06}"
    return f"{when}.{fraction}{'Z' if 'UTC' in type_name else ''}"


def value_of(scalar, type_name):
    """The JSON value of what Arrow holds."""
    if not scalar.is_valid:
        return None
    t = scalar.type
    if pa.types.is_timestamp(t):
        return text_of_nanos(scalar.value * {"s": 10**9, "ms": 10**6, "us": 1000, "ns": 1}[t.unit], type_name)
    if pa.types.is_duration(t):
        return scalar.value
    if pa.types.is_time(t):
        return text_of_nanos(scalar.value * {"s": 10**9, "ms": 10**6, "us": 1000, "ns": 1}[t.unit], "ns")[11:]
    if pa.types.is_date(t):
        return scalar.as_py().isoformat()
    if pa.types.is_decimal(t):
        return float(scalar.as_py())
    if pa.types.is_float16(t):
        return float(scalar.as_py())
    return scalar.as_py()


class Folder:
    def __init__(self, path):
        self.path = pathlib.Path(path)

    def file(self, name, extension="parquet"):
        return str(self.path / f"{name}.{extension}")

    def expect(self, name, **want):
        (self.path / f"{name}.json").write_text(json.dumps(want, separators=(",", ":")) + "\n", encoding="utf-8")

    def written(self, name, without=()):
        """What pyarrow reads from the file is what must be read."""
        self.holds(name, pq.read_table(self.file(name)).drop_columns(list(without)))

    def holds(self, name, table):
        types = {f.name: type_of(f.type) for f in table.schema}
        self.expect(
            name, Order=table.column_names, Types={k: t for k, (t, _) in types.items()}, Units={k: u for k, (_, u) in types.items() if u},
            Columns={f.name: [value_of(v, types[f.name][0]) for v in table[f.name]] for f in table.schema},
        )

    def write(self, name, table, **options):
        pq.write_table(table, self.file(name), **options)
        self.written(name)

    def write_arrow(self, name, table, extension="arrow", rows=None, **options):
        """The table as record batches of so many rows."""
        self.write_arrow_only(name, table, extension, rows, **options)
        with (pa.ipc.open_stream if extension == "arrows" else pa.ipc.open_file)(self.file(name, extension)) as r:
            self.holds(name, r.read_all())

    def write_arrow_only(self, name, table, extension="arrow", rows=None, **options):
        new = pa.ipc.new_stream if extension == "arrows" else pa.ipc.new_file
        with new(self.file(name, extension), table.schema, options=pa.ipc.IpcWriteOptions(**options)) as w:
            w.write_table(table, max_chunksize=rows)

    def write_arrow_refused(self, name, table, *parts):
        self.write_arrow_only(name, table)
        self.expect(name, Error=list(parts))

    def refused(self, name, table, *parts, **options):
        pq.write_table(table, self.file(name), **options)
        self.expect(name, Error=list(parts))


def small():
    return pa.table({
        "step": pa.array([1, 2, 3, None, -(2**63)], pa.int64()), "wide": pa.array([0, 1, 2**32 - 1, 7, None], pa.uint32()),
        "tiny": pa.array([-128, 0, 1, None, 127], pa.int8()), "on": pa.array([True, None, False, True, True]),
        "weight": pa.array([0.5, -0.25, None, 3.0, 2.0**20], pa.float32()), "loss": pa.array([0.1, None, 1e300, -0.0, 5e-324]),
        "name": ["a", "b", "a", None, "zé🙂"], "x": pa.array([[1, -1], [], None, [5], [1, 2, 3]], pa.list_(pa.int8())),
        "w": pa.array([[0.5], [1.5, 2.5], [], [0.0], None], pa.list_(pa.float32())),
    })


def many(n=150):
    return pa.table({
        "i": [None if i % 11 == 3 else i * i * 1000003 % 2**40 for i in range(n)], "b": [i % 3 == 0 for i in range(n)],
        "s": [None if i % 7 == 2 else f"text {i * 7919 % 97}" for i in range(n)], "f": [i / 7 for i in range(n)],
        "w": pa.array([None if i % 13 == 5 else [float(k) for k in range(i % 9)] for i in range(n)], pa.list_(pa.float32())),
    })


def encodings(f):
    for codec in CODECS:
        for page in ("1.0", "2.0"):
            f.write(f"{codec}-{page}", small(), compression=codec, data_page_version=page)
    for page in ("1.0", "2.0"):
        plain = {"use_dictionary": False, "compression": "none", "data_page_version": page}
        f.write(f"plain-{page}", small(), **plain)
        numbers = many().select(["i"]).append_column("k", pa.array([i * 3 - 700 for i in range(150)], pa.int32()))
        f.write(f"delta-{page}", numbers, column_encoding={"i": "DELTA_BINARY_PACKED", "k": "DELTA_BINARY_PACKED"}, **plain)
        text = many().select(["s"])
        f.write(f"delta-length-{page}", text, column_encoding={"s": "DELTA_LENGTH_BYTE_ARRAY"}, **plain)
        f.write(f"delta-bytes-{page}", text, column_encoding={"s": "DELTA_BYTE_ARRAY"}, **plain)
        split = pa.table({
            "f": pa.array([0.5, None, -2.0], pa.float32()), "d": pa.array([0.1, 1e300, None]), "i": pa.array([1, 2, None], pa.int32()),
            "j": pa.array([2**60, None, -1], pa.int64()), "c": pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("-3.5")], pa.decimal128(20, 2)),
        })
        f.write(f"split-{page}", split, column_encoding={c: "BYTE_STREAM_SPLIT" for c in split.column_names}, **plain)
        f.write(f"runs-{page}", many().select(["b"]), column_encoding={"b": "RLE"}, **plain)
        f.write(f"pages-{page}", many(), data_page_size=64, row_group_size=60, compression="zstd", data_page_version=page, write_batch_size=16)
    f.write("dictionary-given-up", many().select(["s", "i"]), dictionary_pagesize_limit=200, data_page_size=100, write_batch_size=16)
    f.write("checksums", small(), write_page_checksum=True)
    f.write("index", small(), write_page_index=True)
    f.write("no-schema", small(), store_schema=False)
    f.write("version-1", small(), version="1.0", use_compliant_nested_type=False)
    f.write("no-rows", small().slice(0, 0))
    f.write("nulls", pa.table({"a": pa.array([None] * 4, pa.float64()), "s": pa.array([None] * 4, pa.string())}))


def lists():
    return pa.table({
        "f": pa.array([[0.5, 1.5], [], None], pa.large_list(pa.float32())), "d": pa.array([[0.1], [], None], pa.list_(pa.float64())),
        "fixed": pa.array([[0.1, 0.2], [0.3, 0.4], None], pa.list_(pa.float64(), 2)), "x": pa.array([[1, -1], [0, 1], [1, 1]], pa.list_(pa.int8(), 2)),
        "i": pa.array([[1, 2], [], [3]], pa.list_(pa.int64())), "u": pa.array([[255], None, []], pa.list_(pa.uint8())),
        "h": pa.array([[0.5], [], None], pa.list_(pa.float16())),
    })


def strings():
    return pa.table({
        "large": pa.array(["a", None, "é"], pa.large_string()), "view": pa.array(["a", None, "é"], pa.string_view()),
        "code": pa.array(["u", "v", None]).dictionary_encode(), "unsigned": pa.array([0, None, 2**63 - 1], pa.uint64()),
    })


def times():
    moments = [0, None, 1_700_000_000, -1]
    columns = {}
    for unit in UNITS:
        factor = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
        values = [None if m is None else m * factor + (7 if factor > 1 and m else 0) for m in moments]
        columns[f"at_{unit}"] = pa.array(values, pa.timestamp(unit))
        columns[f"utc_{unit}"] = pa.array(values, pa.timestamp(unit, "UTC"))
        columns[f"zone_{unit}"] = pa.array(values, pa.timestamp(unit, "Europe/Berlin"))
        columns[f"took_{unit}"] = pa.array(values, pa.duration(unit))
    columns["day"] = pa.array([0, None, 19675, -1], pa.date32())
    columns["day64"] = pa.array([0, None, 19675 * 86_400_000, -86_400_000], pa.date64())
    columns["of_day"] = pa.array([0, None, 86_399_999_999, 1], pa.time64("us"))
    columns["of_day_ns"] = pa.array([0, None, 86_399_999_999_999, 1], pa.time64("ns"))
    columns["of_day_ms"] = pa.array([0, None, 86_399_999, 1], pa.time32("ms"))
    return pa.table(columns)


CENTS = [decimal.Decimal("1.25"), None, decimal.Decimal("-99999.99")]


def decimals():
    return pa.table({
        "narrow": pa.array(CENTS, pa.decimal128(7, 2)), "wide": pa.array(CENTS, pa.decimal128(30, 2)), "widest": pa.array(CENTS, pa.decimal256(60, 2)),
        "half": pa.array([0.5, None, 65504.0], pa.float16()), "nothing": pa.nulls(3),
    })


def halves():
    """The ends of float16: 0, numbers below 2^-14, the least above, the largest; and their negatives."""
    bits = [0, 1, 0x3FF, 0x400, 0x7BFF]
    return pa.table({"half": pa.array(np.array([*bits, *(0x8000 | b for b in bits[1:])], np.uint16).view(np.float16))})


def types(f):
    f.write("lists", lists())
    f.write("strings", strings())
    f.write("times", times())
    f.write("times-version-1", times().select(["at_ms", "at_us", "utc_us", "zone_ms", "day"]), version="1.0")
    f.write("decimals", decimals())
    f.write("halves", halves())
    f.write("decimals-integers", pa.table({"small": pa.array(CENTS, pa.decimal128(7, 2)), "long": pa.array(CENTS, pa.decimal128(15, 2))}), store_decimal_as_integer=True)
    plain = pd.DataFrame({"step": [1, 2, 3], "loss": [0.5, np.nan, 1.5], "when": pd.to_datetime(["2024-01-02T00:00:00.000000", None, "2024-01-02T03:04:05.000006"])})
    plain.set_axis([5, 1, 9]).to_parquet(f.file("pandas-index"))
    f.written("pandas-index", without=["__index_level_0__"])
    plain.assign(never=None, took=pd.to_timedelta([1, 2, None], unit="s")).to_parquet(f.file("pandas"))
    f.written("pandas")
    now = datetime.datetime(2024, 1, 2, 3, 4, 5, 6)
    series = {
        "when": [now, None], "day": [now.date(), None], "time": [now.time(), None], "took": [datetime.timedelta(seconds=1), None],
        "cost": [decimal.Decimal("1.50"), None], "w": [[0.5, 0.25], None], "i": [[1, 2], None], "never": [None, None],
    }
    frame = pl.DataFrame({**series, "fixed": pl.Series([[0.5, 1.0], [1.5, 2.0]], dtype=pl.Array(pl.Float32, 2)),
                          "zoned": pl.Series([now, None]).dt.replace_time_zone("Europe/Berlin"), "nano": pl.Series([now, None], dtype=pl.Datetime("ns"))})
    frame.write_parquet(f.file("polars"))
    f.written("polars")
    pq.write_table(pa.table({"when": pa.array([0, None, 1_700_000_000_000_000_007], pa.timestamp("ns"))}), f.file("int96"), use_deprecated_int96_timestamps=True)
    f.written("int96")


def arrow(f):
    for codec in (None, "lz4", "zstd"):
        f.write_arrow(f"arrow-{codec or 'none'}", small(), compression=codec)
        f.write_arrow(f"arrow-stream-{codec or 'none'}", many(), "arrows", rows=60, compression=codec)
    f.write_arrow("arrow-batches", many(), rows=40)
    for make in (lists, strings, times, decimals, halves):
        f.write_arrow(f"arrow-{make.__name__}", make())
    f.write_arrow("arrow-no-rows", small().slice(0, 0))
    f.write_arrow("arrow-views", pa.table({"v": pa.array(["a text of more than twelve bytes", "short", None, ""] * 3, pa.string_view())}), rows=7)
    words = [f"word {i * i % 300}" for i in range(400)]
    f.write_arrow("arrow-codes", pa.table({
        "i": pa.array([3, 1, None, 3] * 100).dictionary_encode(), "s": pa.array(words), "c": pa.array(words).dictionary_encode(),
        "n": pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 1] * 100, pa.uint8()), pa.array(["x", None])),
    }))
    grows = [pa.record_batch({"c": pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array(values))})
             for codes, values in (([0, 1], ["a", "b"]), ([2, 0], ["a", "b", "c"]), ([1, 1], ["d", "e"]))]
    with pa.ipc.new_stream(f.file("arrow-deltas", "arrows"), grows[0].schema, options=pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)) as w:
        for batch in grows:
            w.write_batch(batch)
    f.holds("arrow-deltas", pa.table({"c": ["a", "b", "c", "a", "e", "e"]}))
    # parts of a table, whose offsets begin within the buffers, and what other columns stand before
    f.write_arrow("arrow-slice", pa.concat_tables([many().slice(20, 30), many().slice(97, 9)]))
    pa.feather.write_feather(pd.DataFrame({"x": [0.5, np.nan], "c": pd.Categorical(["u", "v"])}, index=[4, 2]), f.file("arrow-pandas", "arrow"))
    f.holds("arrow-pandas", pa.table({"x": [0.5, None], "c": ["u", "v"]}))
    frame = pl.DataFrame({"s": ["a", None, "longer than twelve bytes"], "c": pl.Series(["u", "v", "u"], dtype=pl.Categorical),
                          "w": pl.Series([[0.5, 1.0], None, [1.5, 2.0]], dtype=pl.Array(pl.Float32, 2)), "i": [[1], [], None]})
    for compression in ("uncompressed", "zstd", "lz4"):
        frame.write_ipc(f.file(f"arrow-polars-{compression}", "arrow"), compression=compression)
        f.holds(f"arrow-polars-{compression}", frame.to_arrow())


def arrow_refused(f):
    def one(name, table, *parts):
        f.write_arrow_refused(f"arrow-refused-{name}", table, *parts)

    one("bytes", pa.table({"when": [b"\x00"]}), "column when", "bytes", "text")
    one("struct", pa.table({"when": [{"a": 1}]}), "column when", "struct")
    one("nested", pa.table({"when": [[[1]]]}), "column when", "list of lists")
    one("words", pa.table({"when": [["a"]]}), "column when", "list of string")
    one("hole", pa.table({"when": pa.array([[1, None]], pa.list_(pa.int8()))}), "column when", "record batch 0", "row 0", "null in a list")
    one("nan", pa.table({"when": [0.5, float("nan")]}), "column when", "row 1", "NaN", "write null")
    one("large", pa.table({"when": pa.array([1, 2**63], pa.uint64())}), "column when", "record batch 0", "row 1", "9223372036854775808")
    one("large-in-list", pa.table({"when": [[1], [2, 2**53 + 1]]}), "column when", "row 1", "9007199254740993", "2^53")
    one("far", pa.table({"when": pa.array([0, 2**62], pa.timestamp("ms"))}), "column when", "row 1", "too far from 1970")
    one("interval", pa.table({"when": pa.array([(1, 2, 3)], pa.month_day_nano_interval())}), "column when", "interval")


def refused(f):
    def one(name, values, *parts):
        f.refused(f"refused-{name}", pa.table({"step": [1] * len(values), "when": values}), "column when", *parts)

    one("bytes", pa.array([b"\x00"]), "bytes", "text")
    one("fixed-bytes", pa.array([b"\x00\x01"], pa.binary(2)), "bytes")
    one("struct", pa.array([{"a": 1, "b": 2}]), "struct")
    one("struct-of-one", pa.array([{"a": 1}]), "struct")
    one("map", pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int8())), "map")
    one("nested", pa.array([[[1]]]), "list of lists")
    one("structs", pa.array([[{"a": 1}]]), "list of structs")
    one("words", pa.array([["a"]]), "list of string")
    one("moments", pa.array([[0]], pa.list_(pa.timestamp("us"))), "list of timestamp")
    one("hole", pa.array([[1, None]], pa.list_(pa.int8())), "row 0", "null in a list")
    one("nan", pa.array([0.5, float("nan")]), "row 1", "NaN", "write null")
    one("nan-in-list", pa.array([[0.5], [float("nan")]]), "row 1", "NaN in a list")
    one("infinite", pa.array([float("-inf")]), "row 0", "-Inf")
    one("large", pa.array([1, 2**63], pa.uint64()), "row 1", "9223372036854775808")
    one("large-in-list", pa.array([[1], [2, 2**53 + 1]]), "row 1", "9007199254740993", "2^53")
    one("far", pa.array([2**62], pa.timestamp("ms")), "row 0", "too far from 1970")


def write(path):
    f = Folder(path)
    encodings(f)
    types(f)
    refused(f)
    arrow(f)
    arrow_refused(f)


if __name__ == "__main__":
    write(sys.argv[1])
