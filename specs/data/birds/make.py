"""Makes the files beside it: the same 120 made-up samples as CSV, .npz, pictures and .pt.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install -r requirements.txt && /tmp/venv/bin/python make.py

Four numbers stand for a bird's embedding: the first two tell landbirds from waterbirds, the third the place behind them, and place and
bird agree in 85 of 100 training samples. The pictures, of 8 x 8 pixels, have a bright top for waterbirds and are green on land and blue on water.
"""

import csv
import pathlib

import numpy as np
import torch
from PIL import Image

N = {"train": 60, "val": 30, "test": 30}


def main(folder):
    rng = np.random.default_rng(1)
    y, place, split = [], [], []
    for name, n in N.items():
        for i in range(n):
            label = i % 2
            agree = rng.random() < (0.85 if name == "train" else 0.5)
            y.append(label)
            place.append(label if agree else 1 - label)
            split.append(name)
    y, place = np.array(y), np.array(place)
    x = rng.normal(size=(len(y), 4))
    x[:, :2] += y[:, None]
    x[:, 2] += 3 * place
    x = x.round(3).astype(np.float32)

    with open(folder / "birds.csv", "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(["bird", "place", "split", "x0", "x1", "x2", "x3"])
        for i in range(len(y)):
            w.writerow([["landbird", "waterbird"][y[i]], ["land", "water"][place[i]], split[i], *map(str, x[i])])
    np.savez(folder / "birds.npz", x=x, y=y.astype(np.uint8), place=place.astype(np.uint8), split=np.array(split))
    torch.save({"x": torch.from_numpy(x), "y": torch.from_numpy(y), "place": torch.from_numpy(place)}, folder / "birds.pt")

    (folder / "pictures").mkdir(exist_ok=True)
    with open(folder / "pictures" / "metadata.csv", "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(["img_filename", "y", "place", "split"])
        for i in [*range(16), *range(60, 68), *range(90, 98)]:
            a = rng.integers(0, 60, (8, 8, 3))
            a[:, :, 1 + place[i]] += 120
            a[:4] += 70 * y[i]
            Image.fromarray(a.astype(np.uint8)).save(folder / "pictures" / f"{i:03d}.png")
            w.writerow([f"{i:03d}.png", y[i], place[i], ["train", "val", "test"].index(split[i])])


main(pathlib.Path(__file__).parent)
