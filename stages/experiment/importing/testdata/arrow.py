"""birds.arrow and birds.arrows, as pyarrow writes them: embeddings of float16, texts in dictionaries, two record batches.

    python arrow.py    (pyarrow 26.0.1)
"""

import numpy as np
import pyarrow as pa
import pyarrow.ipc

x = np.arange(12, dtype=np.float16).reshape(6, 2) / 4
table = pa.table({
    "id": ["a", "b", "c", "d", "e", "f"],
    "embedding": pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), 2),
    "bird": pa.array(["water", "land", "land", "water", "land", "water"]).dictionary_encode(),
    "split": pa.array(["train", "train", "val", "train", "test", "test"]).dictionary_encode(),
})
with pa.ipc.new_file("birds.arrow", table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as w:
    w.write_table(table, max_chunksize=4)
with pa.ipc.new_stream("birds.arrows", table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as w:
    w.write_table(table, max_chunksize=4)
