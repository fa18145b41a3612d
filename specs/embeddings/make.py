"""Makes a file of embeddings, as large as CelebA's: python3 make.py FILE.npz [ROWS [WIDTH [SEED]]]

The law is that of the made set of this folder (kind gaussian), the groups have the shares of CelebA's splits, and the file has the arrays
that the spec asks for: embeddings [ROWS, WIDTH] float32, label, attribute and split (0 train, 1 validation, 2 test). It needs numpy, and
little memory: the embeddings are written a block at a time.

    python3 specs/embeddings/make.py /tmp/data/large.npz 160000 2048
    spurion run --memory 4GB --data-root embeddings=/tmp/data --var file=large.npz --var epochs=2 specs/embeddings
"""

import sys
import zipfile

import numpy as np

# Samples of the groups 00, 01, 10, 11 in train, validation and test.
CELEBA = np.array([[71629, 66874, 22880, 1387], [8535, 8276, 2874, 182], [9767, 7535, 2480, 180]])


def marks(rng, rows):
    """Labels, attributes and splits of so many rows, in random order."""
    share = CELEBA.ravel() / CELEBA.sum() * rows
    sizes = np.floor(share).astype(int)
    sizes[np.argsort(sizes - share)[: rows - sizes.sum()]] += 1  # the rest goes to those that lost most
    cell = rng.permutation(np.repeat(np.arange(12), sizes)).astype(np.int64)
    return cell // 2 % 2, cell % 2, cell // 4


def block(rng, label, attribute, width):
    """Embeddings of some rows, [rows, width]: four numbers tell the label, four the attribute."""
    x = rng.standard_normal((len(label), width), dtype=np.float32)
    x[:, 8:] *= 8 / np.sqrt(width - 8)
    x[:, :4] = x[:, :4] * (2 / 1.4) + (2 * label - 1)[:, None]
    x[:, 4:8] = x[:, 4:8] * (2 / 2.2) + (2 * attribute - 1)[:, None]
    return x


def main(path, rows=160000, width=2048, seed=0):
    rng = np.random.default_rng(seed)
    label, attribute, split = marks(rng, rows)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as z:
        for name, values in [("label", label), ("attribute", attribute), ("split", split)]:
            with z.open(name + ".npy", "w") as f:
                np.lib.format.write_array(f, values)
        with z.open("embeddings.npy", "w", force_zip64=True) as f:
            np.lib.format.write_array_header_1_0(f, {"descr": "<f4", "fortran_order": False, "shape": (rows, width)})
            for i in range(0, rows, 4096):
                f.write(block(rng, label[i : i + 4096], attribute[i : i + 4096], width).tobytes())


main(sys.argv[1], *map(int, sys.argv[2:]))
