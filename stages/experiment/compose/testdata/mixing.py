"""Mixes Dominoes and coloured images by the rules that the kinds compose and colour state, independently of them:

    python3 mixing.py > mixing.json

Only the standard library is used. The sources are made by a rule, so that the test can make them too.
"""

import hashlib
import json

MASK = (1 << 64) - 1


class Stream:
    """Philox4x64-10 in counter mode, keyed by seed and purpose (package kernel)."""

    def __init__(self, seed, purpose):
        key = hashlib.sha256(b"spurion stream 1\0" + (seed & MASK).to_bytes(8, "little") + purpose.encode()).digest()
        self.key = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:16], "little")
        self.counter, self.words = 0, []

    def word(self):
        if not self.words:
            c = [self.counter >> (64 * i) & MASK for i in range(4)]
            k0, k1 = self.key
            for _ in range(10):
                a, b = 0xD2E7470EE14C6C93 * c[0], 0xCA5A826395121157 * c[2]
                c = [b >> 64 ^ c[1] ^ k0, b & MASK, a >> 64 ^ c[3] ^ k1, a & MASK]
                k0, k1 = k0 + 0x9E3779B97F4A7C15 & MASK, k1 + 0xBB67AE8584CAA73B & MASK
            self.words, self.counter = c, self.counter + 1
        return self.words.pop(0)

    def below(self, n):
        while True:
            product = self.word() * n
            if product & MASK >= (1 << 64) % n:
                return product >> 64

    def unit(self):
        return (self.word() >> 11) / 2**53

    def shuffle(self, items):
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]


def source(salt, classes, sizes, shape):
    """A data set: of each split labels and images of bytes, by a rule."""
    splits = {}
    for split, n in sizes.items():
        labels = [(i * i + i // 3 + salt) % classes for i in range(n)]
        images = [bytes((salt + 31 * i + 7 * j + labels[i] * j * j) % 256 * ((i + j) % 3 > 0) for j in range(shape[0] * shape[1] * shape[2])) for i in range(n)]
        splits[split] = labels, images
    return splits


def attributes(labels, values, pairs, strength, way, stream):
    def other(y, k):
        return [a for a in range(values) if a != pairs[y]][k]

    out = [pairs[y] for y in labels]
    if way == "bernoulli":
        for i, y in enumerate(labels):
            if stream.unit() >= strength:
                out[i] = other(y, stream.below(values - 1))
        return out
    for y in range(len(pairs)):
        rows = [i for i, label in enumerate(labels) if label == y]
        stream.shuffle(rows)
        for i, row in enumerate(rows[: round(len(rows) * (1 - strength))]):
            out[row] = other(y, i % (values - 1))
    return out


def planes(image, shape):
    """An image as nested lists, [channel][row][column]."""
    c, h, w = shape
    return [[list(image[(k * h + y) * w : (k * h + y) * w + w]) for y in range(h)] for k in range(c)]


def compose(core, spurious, shapes, case):
    result = {}
    for split in ("train", "validation", "test"):
        if split not in core or case.get(split) == 0:
            continue
        stream = Stream(case["seed"], split + " mix")
        labels, images = core[split]
        rows = list(range(len(labels)))
        if case.get(split, len(rows)) != len(rows):
            stream.shuffle(rows)
            rows = sorted(rows[: case[split]])
        labels = [labels[row] for row in rows]
        values = case["values"]
        strength = {"train": case["strength"], "validation": case.get("validation_strength", case["strength"]), "test": case.get("test_strength", 1 / values)}[split]
        marks = attributes(labels, values, case["pairs"], strength, case["mixing"], stream)
        spurious_labels, spurious_images = spurious[split]
        pools = [[i for i, a in enumerate(spurious_labels) if a == value] for value in range(values)]
        if case["reuse"]:
            drawn = [pools[a][stream.below(len(pools[a]))] for a in marks]
        else:
            for pool in pools:
                stream.shuffle(pool)
            drawn = [pools[a].pop(0) for a in marks]
        pixels = b"".join(
            together(planes(images[row], shapes[0]), planes(spurious_images[other], shapes[1]), case) for row, other in zip(rows, drawn)
        )
        result[split] = {"core": rows, "spurious": drawn, "labels": labels, "attributes": marks, "pixels": hashlib.sha256(pixels).hexdigest()}
    return result


def together(a, b, case):
    if case["layout"] != "channel":
        a, b = (x * 3 if len(x) == 1 and max(len(a), len(b)) == 3 else x for x in (a, b))
    if case["layout"] == "stack":
        out = [p + q for p, q in zip(a, b)]
    elif case["layout"] == "beside":
        out = [[r + s for r, s in zip(p, q)] for p, q in zip(a, b)]
    elif case["layout"] == "channel":
        out = a + b
    else:
        out, (top, left) = [[row[:] for row in plane] for plane in a], case["at"]
        for plane, over in zip(out, b):
            for y, row in enumerate(over):
                for x, v in enumerate(row):
                    under = plane[top + y][left + x]
                    plane[top + y][left + x] = int(under + (v - under) * case["opacity"] + 0.5)
    return bytes(v for plane in out for row in plane for v in row)


def colour(data, shape, case):
    result, values = {}, len(case["rgb"])
    for split in ("train", "validation", "test"):
        stream = Stream(case["seed"], split + " colour")
        labels, images = data[split]
        labels = labels[:]
        if case["label_noise"] > 0:
            rows = list(range(len(labels)))
            stream.shuffle(rows)
            for row in rows[: round(len(rows) * case["label_noise"])]:
                labels[row] = [y for y in range(case["classes"]) if y != labels[row]][stream.below(case["classes"] - 1)]
        strength = {"train": case["strength"], "validation": case["strength"], "test": case.get("test_strength", 1 / values)}[split]
        marks = attributes(labels, values, list(range(case["classes"])), strength, case["mixing"], stream)
        pixels = b""
        for image, mark in zip(images, marks):
            image = planes(image, shape) * 3
            rows, columns = shape[1], shape[2]
            if case["patch"]:
                rows, columns = min(rows, case["patch"]), min(columns, case["patch"])
            places = [(y, x) for y in range(rows) for x in range(columns)]
            if case["points"]:
                for i in range(case["points"]):
                    j = i + stream.below(len(places) - i)
                    places[i], places[j] = places[j], places[i]
                places = places[: case["points"]]
            image = [[row[:] for row in plane] for plane in image]
            for y, x in places:
                for plane, shade in zip(image, case["rgb"][mark]):
                    if case["on"] == "foreground":
                        plane[y][x] = (plane[y][x] * shade + 127) // 255
                if case["on"] == "background" and all(plane[y][x] == 0 for plane in image):
                    for plane, shade in zip(image, case["rgb"][mark]):
                        plane[y][x] = shade
            pixels += bytes(v for plane in image for row in plane for v in row)
        result[split] = {"labels": labels, "attributes": marks, "pixels": hashlib.sha256(pixels).hexdigest()}
    return result


SIZES = {"train": 41, "validation": 12, "test": 23}
COMPOSE = {
    "dominoes": {"layout": "stack", "shapes": [(1, 5, 4), (1, 3, 4)], "classes": 2, "values": 2, "pairs": [0, 1], "strength": 0.85, "mixing": "exact", "reuse": True, "seed": 1},
    "grey over rgb": {"layout": "stack", "shapes": [(1, 2, 4), (3, 3, 4)], "classes": 2, "values": 2, "pairs": [1, 0], "strength": 0.9, "mixing": "bernoulli", "reuse": True, "seed": -7, "test_strength": 0.1},
    "beside": {"layout": "beside", "shapes": [(3, 3, 4), (1, 3, 2)], "classes": 3, "values": 4, "pairs": [2, 0, 3], "strength": 0.6, "mixing": "exact", "reuse": True, "seed": 5, "train": 30, "validation_strength": 0.25},
    "channel": {"layout": "channel", "shapes": [(1, 3, 4), (2, 3, 4)], "classes": 2, "values": 2, "pairs": [0, 1], "strength": 0.5, "mixing": "exact", "reuse": False, "seed": 6, "train": 20, "validation": 0, "test": 10},
    "overlay": {"layout": "overlay", "shapes": [(1, 6, 6), (1, 2, 3)], "classes": 2, "values": 2, "pairs": [0, 1], "strength": 0.75, "mixing": "exact", "reuse": True, "seed": 9, "at": [3, 2], "opacity": 0.3},
}
COLOUR = {
    "spuco": {"on": "background", "classes": 5, "rgb": [(255, 0, 0), (204, 255, 0), (0, 255, 102), (0, 102, 255), (204, 0, 255)], "strength": 0.7, "mixing": "exact", "patch": 0, "points": 0, "label_noise": 0, "seed": 2},
    "cmnist": {"on": "foreground", "classes": 2, "rgb": [(255, 0, 0), (0, 255, 0)], "strength": 0.8, "mixing": "bernoulli", "patch": 0, "points": 0, "label_noise": 0.25, "seed": 3, "test_strength": 0.1},
    "points": {"on": "background", "classes": 3, "rgb": [(1, 2, 3), (0, 200, 0), (9, 9, 9), (250, 0, 128)], "strength": 0.5, "mixing": "exact", "patch": 4, "points": 5, "label_noise": 0.1, "seed": 4},
}

print(
    json.dumps(
        {
            "compose": {
                name: compose(source(3, case["classes"], SIZES, case["shapes"][0]), source(11, case["values"], {k: 60 for k in SIZES}, case["shapes"][1]), case["shapes"], case)
                for name, case in COMPOSE.items()
            },
            "colour": {name: colour(source(3, case["classes"], SIZES, (1, 6, 5)), (1, 6, 5), case) for name, case in COLOUR.items()},
        }
    )
)
