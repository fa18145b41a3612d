"""Embeddings of images by torchvision's ResNet-50: python3 embed.py CSV FOLDER OUT.npz [IMAGE LABEL ATTRIBUTE SPLIT]

CSV has a row for each image; IMAGE to SPLIT are columns of it, of which IMAGE names a file in FOLDER and the others hold whole numbers
(split: 0 train, 1 validation, 2 test). Left out, they are those of Waterbirds' metadata.csv: img_filename y place split. For CelebA put
the columns of list_eval_partition.csv beside those of list_attr_celeba.csv: image_id Blond_Hair Male partition. With EMBED_WEIGHTS=none the
network has random weights, to try things out.

It needs torchvision 0.13 or later, and writes the arrays that specs/embeddings asks for: embeddings [rows, 2048], label, attribute, split.
"""

import csv
import os
import sys

import numpy as np
import torch
from PIL import Image
from torchvision.models import ResNet50_Weights, resnet50


def main(table, folder, out, image="img_filename", label="y", attribute="place", split="split"):
    with open(table, newline="") as f:
        rows = list(csv.DictReader(f))
    published = ResNet50_Weights.IMAGENET1K_V1
    network = resnet50(weights=None if os.environ.get("EMBED_WEIGHTS") == "none" else published)
    network.fc = torch.nn.Identity()
    network.eval()
    prepare = published.transforms()  # the shorter side to 256, the middle 224 x 224, normalised
    x = np.empty((len(rows), 2048), np.float32)
    with torch.inference_mode():
        for i in range(0, len(rows), 64):
            images = [prepare(Image.open(os.path.join(folder, r[image])).convert("RGB")) for r in rows[i : i + 64]]
            x[i : i + 64] = network(torch.stack(images)).numpy()
    marks = {name: np.array([int(r[column]) for r in rows]) for name, column in [("label", label), ("attribute", attribute), ("split", split)]}
    np.savez(out, embeddings=x, **marks)


main(*sys.argv[1:])
