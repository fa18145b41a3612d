"""Two-way analyses of variance without replication, in exact fractions, independently of the kind responses:

    python3 variance.py > variance.json

Only the standard library is used. Means and sums of squares are those of the definitions; the standard error of r is a
jackknife that leaves out each row, and each column, and does all of it again.
"""

import json
import math
from fractions import Fraction


def components(z):
    n, m = len(z), len(z[0])
    mean = sum(map(sum, z)) / (n * m)
    rows = [sum(row) / m for row in z]
    columns = [sum(row[j] for row in z) / n for j in range(m)]
    core = m * sum((r - mean) ** 2 for r in rows) / (n - 1)
    spurious = n * sum((c - mean) ** 2 for c in columns) / (m - 1)
    both = sum((z[i][j] - rows[i] - columns[j] + mean) ** 2 for i in range(n) for j in range(m)) / ((n - 1) * (m - 1))
    return mean, max(Fraction(0), (core - both) / m), max(Fraction(0), (spurious - both) / n), both


def r(z):
    _, core, spurious, _ = components(z)
    return core / (core + spurious) if core + spurious else None


def jackknife(values):
    if None in values:
        return None
    k, mean = len(values), sum(values) / len(values)
    return Fraction(k - 1, k) * sum((v - mean) ** 2 for v in values)


def analysed(name, z):
    exact = [[Fraction(v) for v in row] for row in z]
    mean, core, spurious, both = components(exact)
    rows = jackknife([r(exact[:i] + exact[i + 1:]) for i in range(len(z))])
    columns = jackknife([r([row[:j] + row[j + 1:] for row in exact]) for j in range(len(z[0]))])
    share, error = r(exact), None
    if rows is not None and columns is not None:
        error = math.sqrt(rows + columns)
    return {"name": name, "n": len(z), "m": len(z[0]), "z": [v for row in z for v in row], "mean": float(mean), "core": float(core),
            "spurious": float(spurious), "interaction": float(both), "r": None if share is None else float(share), "r_error": error}


def number(i, j, salt):
    """A number that float32 holds, from -2 to 2, of no pattern."""
    return ((i * 7919 + j * 104729 + salt * 1299709 + i * j * 31) % 4001 - 2000) / 1024


def grid(n, m, of):
    return [[of(i, j) for j in range(m)] for i in range(n)]


cases = [
    analysed("noise", grid(5, 7, lambda i, j: number(i, j, 1))),
    analysed("both effects", grid(8, 6, lambda i, j: number(i, 0, 2) + number(0, j, 3) / 2 + number(i, j, 4) / 8)),
    analysed("relu", grid(9, 5, lambda i, j: max(0.0, number(i, 3, 5) + number(9, j, 6)))),
    analysed("core alone", grid(6, 4, lambda i, j: number(i, 1, 7))),
    analysed("spurious alone", grid(4, 8, lambda i, j: number(2, j, 8))),
    analysed("far from zero", grid(6, 6, lambda i, j: 4096 + number(i, 0, 9) + number(0, j, 10) / 2)),
    analysed("constant", grid(4, 5, lambda i, j: 0.75)),
    analysed("product", grid(4, 4, lambda i, j: float((2 * (i % 2) - 1) * (2 * (j % 2) - 1)))),
    analysed("one cell", grid(4, 4, lambda i, j: float(i == 1 and j == 2))),
]
print(json.dumps(cases))
