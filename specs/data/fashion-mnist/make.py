"""Makes the four files of this folder from the whole of Fashion-MNIST, such as Debian's package
dataset-fashion-mnist 0.0~git20200523.55506a9-1 has it:

    python3 make.py /usr/share/datasets/fashion-mnist .

The images of some classes that come first in each part, in their order, with their labels.
"""

import gzip
import pathlib
import struct
import sys

# How many images of each class: trouser, dress, coat, sneaker.
TAKEN = {"train": {1: 300, 3: 1000, 4: 1000, 7: 300}, "t10k": {1: 150, 3: 300, 4: 300, 7: 150}}


def main(source, target):
    for part, wanted in TAKEN.items():
        images = gzip.decompress((source / f"{part}-images-idx3-ubyte.gz").read_bytes())[16:]
        labels = gzip.decompress((source / f"{part}-labels-idx1-ubyte.gz").read_bytes())[8:]
        left, rows = dict(wanted), []
        for row, label in enumerate(labels):
            if left.get(label, 0) > 0:
                left[label] -= 1
                rows.append(row)
        pixels = b"".join(images[row * 784 : row * 784 + 784] for row in rows)
        write(target / f"{part}-images-idx3-ubyte.gz", struct.pack(">IIII", 2051, len(rows), 28, 28) + pixels)
        write(target / f"{part}-labels-idx1-ubyte.gz", struct.pack(">II", 2049, len(rows)) + bytes(labels[row] for row in rows))


def write(path, content):
    path.write_bytes(gzip.compress(content, 9, mtime=0))


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
