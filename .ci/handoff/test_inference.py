"""The effects, intervals and p-values of stages/numeric/inference, done again with SciPy: its own tests where it has them,
else counts over all deals, and roots of the equations that a method's paper gives."""

import itertools
import json
import math

import numpy as np
import pytest
from scipy import optimize, stats


@pytest.fixture(scope="module")
def cases(tmp_path_factory, go):
    path = tmp_path_factory.mktemp("scipy") / "inference.json"
    go("./stages/numeric/inference", "TestWriteScipy", f"-scipy={path}")
    return json.loads(path.read_text())


def chosen(cases, test, least=20):
    found = [c for c in cases if c["test"] == test]
    assert len(found) >= least
    for c in found:
        yield c, np.array(c["x"]), np.array(c.get("y") or [])


def close(got, want, tolerance=1e-9):
    if got is None:
        assert math.isinf(want), (got, want)
        return
    assert math.isclose(got, want, rel_tol=tolerance, abs_tol=1e-11), (got, want)


def two_sided(c, below, above):
    close(c["below"], min(below, 1))
    close(c["above"], min(above, 1))
    close(c["p"], min(1, 2 * min(below, above)))


def test_mean(cases):
    for c, x, _ in chosen(cases, "mean"):
        if len(set(x)) == 1:
            assert c["p"] == (1 if x[0] == c["null"] else 2.0 ** (1 - len(x)))
            continue
        result = stats.ttest_1samp(x, c["null"])
        interval = result.confidence_interval(1 - c["alpha"])
        close(c["p"], result.pvalue)
        close(c["low"], interval.low)
        close(c["high"], interval.high)


def ends(values, cut):
    """The values that leave out cut at both ends."""
    values = np.sort(values)
    return (values[cut], values[len(values) - 1 - cut]) if cut >= 0 else (-math.inf, math.inf)


def cut_of(probabilities, alpha):
    """The largest c with P(statistic <= c) <= alpha/2, or -1."""
    return int(np.sum(np.cumsum(probabilities) <= alpha / 2 * (1 + 1e-12))) - 1


def test_median(cases):
    for c, x, _ in chosen(cases, "median"):
        above, below = int(np.sum(x > c["null"])), int(np.sum(x < c["null"]))
        if above + below:
            two_sided(c, *(stats.binomtest(k, above + below, 0.5, alternative="greater").pvalue for k in (below, above)))
        close(c["estimate"], np.median(x))
        low, high = ends(x, cut_of(stats.binom.pmf(np.arange(len(x) + 1), len(x), 0.5), c["alpha"]))
        close(c["low"], low)
        close(c["high"], high)


def signed_rank_counts(ranks):
    ways = {0: 1}
    for r in ranks:
        more = dict(ways)
        for total, w in ways.items():
            more[total + r] = more.get(total + r, 0) + w
        ways = more
    return ways


def test_signed_rank(cases):
    for c, x, _ in chosen(cases, "signed rank"):
        d = np.round(x - c["null"], 12)
        d = d[d != 0]
        if len(d) and len(set(abs(d))) == len(d):
            two_sided(c, *(stats.wilcoxon(d, alternative=a, method="exact").pvalue for a in ("less", "greater")))
        elif len(d):
            ranks = np.rint(2 * stats.rankdata(abs(d))).astype(int)
            ways, observed = signed_rank_counts(ranks), ranks[d > 0].sum()
            two_sided(c, *(sum(w for t, w in ways.items() if s * t >= s * observed) / 2 ** len(d) for s in (-1, 1)))
        means = np.array([(a + b) / 2 for a, b in itertools.combinations_with_replacement(x, 2)])
        close(c["estimate"], np.median(means))
        ways = signed_rank_counts(range(1, len(x) + 1))
        low, high = ends(means, cut_of([ways[t] / 2 ** len(x) for t in sorted(ways)], c["alpha"]))
        close(c["low"], low)
        close(c["high"], high)


def munzel(x, y):
    """Brunner and Munzel's statistic for x above y, by ranks; it is compared with SciPy's below."""
    ranks = stats.rankdata(np.concatenate([x, y]))
    rx, ry = ranks[: len(x)], ranks[len(x):]
    gap = rx.mean() - ry.mean()
    sx = np.sum((rx - stats.rankdata(x) - rx.mean() + (len(x) + 1) / 2) ** 2) / (len(x) - 1)
    sy = np.sum((ry - stats.rankdata(y) - ry.mean() + (len(y) + 1) / 2) ** 2) / (len(y) - 1)
    spread = len(x) * sx + len(y) * sy
    if spread < 1e-12:
        return math.copysign(math.inf, gap) if abs(gap) > 1e-12 else 0.0
    return len(x) * len(y) * gap / (len(x) + len(y)) / math.sqrt(spread)


def dealt_tails(x, y, cache={}):
    """Of all ways to deal the values to the groups, the shares with a statistic of at most and at least the observed one."""
    ranks = stats.rankdata(np.concatenate([x, y]))
    key = (len(x), tuple(np.sort(ranks)))
    if key not in cache:
        pooled = np.sort(ranks)
        list_ = []
        for places in itertools.combinations(range(len(pooled)), len(x)):
            mask = np.zeros(len(pooled), bool)
            mask[list(places)] = True
            list_.append(munzel(pooled[mask], pooled[~mask]))
        cache[key] = np.array(list_)
    t, all_ = munzel(x, y), cache[key]
    return np.mean((all_ <= t + 1e-9)), np.mean((all_ >= t - 1e-9))


def munzel_tails(x, y):
    if min(len(x), len(y)) < 15:
        return dealt_tails(x, y)
    t = munzel(x, y)
    floor = 1 / math.comb(len(x) + len(y), len(x))
    if math.isinf(t):
        return (1, floor) if t > 0 else (floor, 1)
    below, above = (stats.brunnermunzel(x, y, alternative=a).pvalue for a in ("less", "greater"))
    return max(below, floor), max(above, floor)


def munzel_interval(x, y, alpha):
    """All shifts between neighbouring differences are tried."""
    gaps = np.unique(np.round(np.subtract.outer(x, y).ravel(), 12))
    tries = np.concatenate([[gaps[0] - 1], (gaps[1:] + gaps[:-1]) / 2, [gaps[-1] + 1]])
    kept = [i for i, shift in enumerate(tries) if 2 * min(munzel_tails(x - shift, y)) > alpha]
    if not kept:
        return None  # the groups are apart at every shift but one
    low = -math.inf if kept[0] == 0 else gaps[kept[0] - 1]
    high = math.inf if kept[-1] == len(gaps) else gaps[kept[-1]]
    return low, high


def test_difference(cases):
    for c, x, y in chosen(cases, "difference"):
        two_sided(c, *munzel_tails(np.round(x - c["null"], 12), np.round(y, 12)))
        close(c["estimate"], np.median(np.subtract.outer(x, y)))
        tied = len(set(x)) < len(x) or len(set(y)) < len(y)
        if tied and min(len(x), len(y)) < 15:
            continue  # found by bisection
        low, high = munzel_interval(x, y, c["alpha"])
        close(c["low"], low)
        close(c["high"], high)


def test_ratio(cases):
    for c, x, y in chosen(cases, "ratio"):
        x, y = np.log(x), np.log(y)
        two_sided(c, *munzel_tails(np.round(x, 12), np.round(y, 12)))
        close(c["estimate"], np.exp(np.median(np.subtract.outer(x, y))))
        tied = len(set(x)) < len(x) or len(set(y)) < len(y)
        if tied and min(len(x), len(y)) < 15:
            continue
        low, high = munzel_interval(x, y, c["alpha"])
        close(c["low"], math.exp(low))
        close(c["high"], math.exp(high))


def test_superiority(cases):
    """Newcombe's method 5, and Brunner and Munzel's variance scaled by θ(1-θ)."""
    for c, x, y in chosen(cases, "superiority"):
        n, m = len(x), len(y)
        floor = 1 / math.comb(n + m, n)
        theta = stats.mannwhitneyu(x, y, method="asymptotic").statistic / n / m
        close(c["estimate"], theta)
        more = (n + m) / 2 - 1

        def score(at):
            return (theta - at) / math.sqrt(at * (1 - at) * (1 + more * (1 - at) / (2 - at) + more * at / (1 + at)) / n / m)

        below, above = stats.norm.cdf(score(c["null"])), stats.norm.sf(score(c["null"]))
        z = stats.norm.isf(c["alpha"] / 2)
        low = optimize.brentq(lambda at: score(at) - z, 1e-12, min(theta, 1 - 1e-12), xtol=1e-14) if theta > 0 else 0.0
        high = optimize.brentq(lambda at: score(at) + z, max(theta, 1e-12), 1 - 1e-12, xtol=1e-14) if theta < 1 else 1.0
        if 0 < theta < 1:
            bm = stats.brunnermunzel(x, y)
            # SciPy's statistic is of y above x
            unit = abs((theta - 0.5) / bm.statistic) ** 2 / (theta * (1 - theta)) if theta != 0.5 else None
            if unit is not None:
                df = optimize.brentq(lambda v: 2 * stats.t.sf(abs(bm.statistic), v) - bm.pvalue, 0.5, 1e4) if bm.pvalue > 0 else 1e4
                t = (theta - c["null"]) / math.sqrt(unit * c["null"] * (1 - c["null"]))
                below, above = max(below, stats.t.cdf(t, df)), max(above, stats.t.sf(t, df))
                k = stats.t.isf(c["alpha"] / 2, df) ** 2 * unit
                roots = np.sort(np.roots([1 + k, -(2 * theta + k), theta**2]).real)
                low, high = min(low, roots[0]), max(high, roots[1])
        below, above = max(below, floor), max(above, floor)
        for got, want in ((c["below"], below), (c["above"], above)):
            close(got, want, 1e-6)
        if 2 * floor > c["alpha"]:
            low, high = 0.0, 1.0
        close(c["low"], low, 1e-6)
        close(c["high"], high, 1e-6)


def test_welch(cases):
    for c, x, y in chosen(cases, "welch"):
        result = stats.ttest_ind(x - c["null"], y, equal_var=False)
        interval = result.confidence_interval(1 - c["alpha"])
        close(c["estimate"], x.mean() - y.mean())
        close(c["p"], result.pvalue)
        close(c["low"], interval.low + c["null"])
        close(c["high"], interval.high + c["null"])


def fieller_p(x, y, r):
    return stats.ttest_ind(x, r * y, equal_var=False).pvalue


def test_fieller(cases):
    for c, x, y in chosen(cases, "fieller"):
        estimate = x.mean() / y.mean()
        close(c["estimate"], estimate)
        close(c["p"], fieller_p(x, y, c["null"]))
        at = lambda r: fieller_p(x, y, r) - c["alpha"]
        if c["low"] == 0:
            assert at(0) > 0
        else:
            close(c["low"], optimize.brentq(at, 0, estimate, xtol=1e-13))
        if c["high"] is None:
            assert stats.ttest_1samp(y, 0).pvalue > c["alpha"]
        else:
            close(c["high"], optimize.brentq(at, estimate, 10 * c["high"], xtol=1e-13))


def slopes(x, y, block):
    list_ = []
    for i, j in itertools.permutations(range(len(x)), 2):
        if x[i] < x[j] and block[i] == block[j]:
            list_.append((y[j] - y[i]) / (x[j] - x[i]))
    return np.sort(list_)


def jonckheere(x, y, block):
    same = np.equal.outer(block, block) & np.less.outer(x, x)
    gap = y[None, :] - y[:, None]
    return np.sum((2 * (gap > 0) + (gap == 0)) * same)


def trend_tails(x, y, block):
    """Over all orders of y within the blocks."""
    y = np.unique(np.round(y, 10), return_inverse=True)[1]
    totals = {0: 1}
    for b in set(block):
        at = np.flatnonzero(block == b)
        counted = {}
        if len(at) < 8:
            for order in itertools.permutations(y[at]):
                j = jonckheere(x[at], np.array(order), block[at])
                counted[j] = counted.get(j, 0) + 1
        else:  # deals of three groups of three
            first = x[at] == x[at].min()
            last = x[at] == x[at].max()
            places = list(range(len(at)))
            for a in itertools.combinations(places, int(first.sum())):
                rest = [p for p in places if p not in a]
                for z in itertools.combinations(rest, int(last.sum())):
                    order = np.empty(len(at))
                    order[first], order[last] = y[at][list(a)], y[at][list(z)]
                    order[~first & ~last] = y[at][[p for p in rest if p not in z]]
                    j = jonckheere(x[at], order, block[at])
                    counted[j] = counted.get(j, 0) + 1
        totals = {s: sum(w * counted.get(s - t, 0) for t, w in totals.items()) for s in {t + u for t in totals for u in counted}}
    observed, whole = jonckheere(x, y, block), sum(totals.values())
    return (sum(w for t, w in totals.items() if s * t >= s * observed) / whole for s in (-1, 1))


def test_trend(cases):
    for c, x, y in chosen(cases, "trend", 11):
        block = np.array(c.get("block") or [0] * len(x))
        found = slopes(x, y, block)
        close(c["estimate"], np.median(found))
        if len(set(x)) == len(x):
            theil = stats.theilslopes(y, x, 1 - c["alpha"])
            close(c["estimate"], theil.slope)
            # SciPy's ranks of the ends are normal, ours exact: one step apart at most.
            for got, want in ((c["low"], theil.low_slope), (c["high"], theil.high_slope)):
                assert abs(np.searchsorted(found, got) - np.searchsorted(found, want)) <= 2
            two_sided(c, *(stats.kendalltau(x, y, alternative=a, method="exact").pvalue for a in ("less", "greater")))
            continue
        two_sided(c, *trend_tails(x, y - c["null"] * x, block))
        # the distribution of J without ties
        ranks = np.arange(len(x), dtype=float)
        counts = {0: 1.0}
        for b in set(block):
            n = int(np.sum(block == b))
            one = {}
            groups = [g for g in range(3) for _ in range(n // 3)]
            for order in set(itertools.permutations(groups)) if n < 8 else distinct(groups):
                j = sum(order[i] < order[k] for i, k in itertools.combinations(range(n), 2))
                one[j] = one.get(j, 0) + 1
            whole = sum(one.values())
            counts = {s: sum(w * one.get(s - t, 0) / whole for t, w in counts.items()) for s in {t + u for t in counts for u in one}}
        low, high = ends(found, cut_of([counts[t] for t in sorted(counts)], c["alpha"]))
        close(c["low"], low)
        close(c["high"], high)


def distinct(groups):
    """All orders of a list with equal members."""
    if not groups:
        yield ()
        return
    for first in sorted(set(groups)):
        rest = list(groups)
        rest.remove(first)
        for tail in distinct(rest):
            yield (first, *tail)


def test_two_groups_are_a_trend(cases):
    for c, x, y in chosen(cases, "two as trend"):
        close(c["estimate"], np.median(np.subtract.outer(x, y)))
        if len(set(x) | set(y)) == len(x) + len(y):
            two_sided(c, *(stats.mannwhitneyu(x, y, alternative=a, method="exact").pvalue for a in ("less", "greater")))
