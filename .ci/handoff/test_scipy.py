"""Every statistic, p-value and interval of the tests behind claims, done again with SciPy. Exact p-values are SciPy's
own where it has them, and counts over all permutations where values are tied."""

import json
import math

import numpy as np
import pytest
from scipy import optimize, stats

LAWS = {
    "constant": lambda x, a: a + 0 * x,
    "linear": lambda x, a, b: a + b * x,
    "power": lambda x, a, b: a * x**b,
    "exponential": lambda x, a, b: a * np.exp(b * x),
    "1/(1-x)": lambda x, a: a / (1 - x),
    "1/(4x(1-x))": lambda x, a: a / (4 * x * (1 - x)),
    "a+b/(1-x)": lambda x, a, b: a + b / (1 - x),
    "a+b/(4x(1-x))": lambda x, a, b: a + b / (4 * x * (1 - x)),
    "1/(1-x)^b": lambda x, a, b: a / (1 - x) ** b,
    "1/(4x(1-x))^b": lambda x, a, b: a / (4 * x * (1 - x)) ** b,
}


@pytest.fixture(scope="module")
def cases(tmp_path_factory, go):
    path = tmp_path_factory.mktemp("scipy") / "cases.json"
    go("./stages/analysis/claimtests", "TestWriteScipy", f"-scipy={path}")
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def distribution(tmp_path_factory, go):
    path = tmp_path_factory.mktemp("scipy") / "distribution.json"
    go("./stages/numeric/distribution", "TestWriteScipy", f"-scipy={path}")
    return json.loads(path.read_text())


def test_students_quantiles(distribution):
    """Nine digits, also of 31 to 39 degrees of freedom, which short tables leave out."""
    found = distribution["students"]
    assert {31, 32, 33, 34, 35, 36, 37, 38, 39} <= {c["df"] for c in found}
    for c in found:
        close(c["t"], stats.t.ppf(c["p"], c["df"]), 5.1e-9)


def test_exact_intervals_of_shares(distribution):
    assert len(distribution["shares"]) > 100
    for c in distribution["shares"]:
        want = stats.binomtest(c["k"], c["n"]).proportion_ci(c["confidence"], method="exact")
        close(c["low"], want.low, 5.1e-9)
        close(c["high"], want.high, 5.1e-9)


def chosen(cases, test, **settings):
    found = [c for c in cases if c["test"] == test and all(c["settings"].get(k) == v for k, v in settings.items())]
    assert len(found) >= 4
    for c in found:
        y = [np.array(v) for v in c["y"]]
        yield c, y, len(set(np.concatenate(y))) < sum(map(len, y))


def close(got, want, tolerance=1e-9):
    assert math.isclose(got, want, rel_tol=tolerance, abs_tol=1e-12), (got, want)


def mann_whitney(larger, smaller, tied):
    if not tied:
        return stats.mannwhitneyu(larger, smaller, alternative="greater", method="exact").pvalue
    return counted_deals(larger, smaller)


def counted_deals(larger, smaller):
    """P(U >= observed) over all deals of tied values, by the number of ways to each sum of ranks."""
    ranks = np.rint(2 * stats.rankdata(np.concatenate([larger, smaller]))).astype(int)
    ways = {(0, 0): 1}
    for r in ranks:
        more = dict(ways)
        for (n, total), w in ways.items():
            if n < len(larger):
                more[n + 1, total + r] = more.get((n + 1, total + r), 0) + w
        ways = more
    observed = ranks[: len(larger)].sum()
    full = {total: w for (n, total), w in ways.items() if n == len(larger)}
    return sum(w for total, w in full.items() if total >= observed) / sum(full.values())


def wilcoxon(d):
    d = np.asarray(d)
    d = d[d != 0]
    if len(d) == 0:
        return 1.0
    if len(set(np.abs(d))) == len(d):
        return stats.wilcoxon(d, alternative="greater", method="exact").pvalue
    ranks = np.rint(2 * stats.rankdata(np.abs(d))).astype(int)
    ways = {0: 1}  # the number of signs that give each sum of positive ranks
    for r in ranks:
        more = dict(ways)
        for total, w in ways.items():
            more[total + r] = more.get(total + r, 0) + w
        ways = more
    observed = ranks[d > 0].sum()
    return sum(w for total, w in ways.items() if total >= observed) / 2 ** len(d)


def test_compare(cases):
    for c, (smaller, larger), tied in chosen(cases, "compare"):
        assert c["method"] == "exact"
        close(c["p"], mann_whitney(larger, smaller, tied))
        u = stats.mannwhitneyu(larger, smaller, alternative="greater", method="asymptotic").statistic
        want = {
            "difference": np.median(larger) - np.median(smaller),
            "ratio": np.median(larger) / np.median(smaller),
            "superiority": u / len(larger) / len(smaller),
        }[c["settings"]["effect"]]
        close(c["estimate"], want)


def test_paired(cases):
    for c, (smaller, larger), _ in chosen(cases, "paired"):
        effect = c["settings"].get("effect", "difference")
        d = np.log(larger) - np.log(smaller) if effect == "ratio" else larger - smaller
        close(c["p"], wilcoxon(np.round(d, 12)))
        want = {
            "difference": np.median(larger - smaller),
            "ratio": np.median(larger / smaller),
            "share": np.mean((larger > smaller) + (larger == smaller) / 2),
        }[effect]
        close(c["estimate"], want)


def test_equivalent(cases):
    for c, (second, first), _ in chosen(cases, "equivalent"):
        if "margin" in c["settings"]:
            m = c["settings"]["margin"]
            want = max(counted_deals(first + m, second), counted_deals(second + m, first))
            close(c["estimate"], np.median(first) - np.median(second))
        else:
            m = c["settings"]["margin_ratio"]
            want = max(wilcoxon(np.round(np.log(first * m / second), 12)), wilcoxon(np.round(np.log(second * m / first), 12)))
            close(c["estimate"], np.median(first / second))
        close(c["p"], want)


def test_ratio(cases):
    for c, (smaller, larger), _ in chosen(cases, "ratio"):
        close(c["p"], counted_deals(larger, smaller * c["settings"]["at_least"]))
        close(c["estimate"], larger.mean() / smaller.mean())
        check_interval(c, (larger, smaller), lambda a, b, axis: a.mean(axis) / b.mean(axis))


def check_interval(c, samples, statistic):
    """Percentile intervals agree to a few percent of their width: both are random."""
    b = stats.bootstrap(samples, statistic, n_resamples=19999, method="percentile", vectorized=True, axis=-1,
                        rng=np.random.default_rng(1)).confidence_interval
    width = b.high - b.low
    assert abs(c["low"] - b.low) < 0.06 * width and abs(c["high"] - b.high) < 0.06 * width, (c["low"], c["high"], b)


def test_threshold(cases):
    for c, y, _ in chosen(cases, "threshold"):
        values, bound = np.concatenate(y), c["settings"]["above"]
        if c["settings"]["statistic"] == "median":
            close(c["estimate"], np.median(values))
            close(c["p"], stats.binomtest(int(np.sum(values > bound)), len(values), 0.5, alternative="greater").pvalue)
            continue
        close(c["estimate"], values.mean())
        close(c["p"], wilcoxon(np.round(values - bound, 12)))
        check_interval(c, (values,), lambda a, axis: a.mean(axis))


def test_always(cases):
    for c, y, _ in chosen(cases, "always"):
        kept = int(np.sum(np.min(y, axis=0) > c["settings"]["value"]))
        result = stats.binomtest(kept, len(y[0]), c["settings"]["share"], alternative="greater")
        close(c["p"], result.pvalue, 5.1e-9)
        close(c["estimate"], kept / len(y[0]))
        interval = stats.binomtest(kept, len(y[0]), 0.5).proportion_ci(0.95, method="exact")
        close(c["low"], interval.low, 5.1e-9)
        close(c["high"], interval.high, 5.1e-9)


def test_trend(cases):
    """With two values of x, the Jonckheere-Terpstra test is Mann and Whitney's."""
    for c, (low, high), tied in chosen(cases, "trend"):
        close(c["p"], mann_whitney(high, low, tied))
        x = np.repeat(c["x"], [len(low), len(high)])
        close(c["estimate"], stats.somersd(x, np.concatenate([low, high])).statistic)


def test_fit(cases):
    count = 0
    for c, y, _ in chosen(cases, "fit"):
        x, z = np.repeat(c["x"], [len(v) for v in y]), np.concatenate(y)
        log = c["settings"]["scale"] == "log"
        scale = np.log if log else (lambda v: v)
        total = np.sum((scale(z) - scale(z).mean()) ** 2)
        assert len(c["fits"]) == len(LAWS)
        for f in c["fits"]:
            law, own = LAWS[f["law"]], [p for p in (f["a"], f["b"]) if p is not None]
            assert len(own) == law.__code__.co_argcount - 1
            close(f["rss"], np.sum((scale(z) - scale(law(x, *own))) ** 2), 1e-7)
            # from 3 % off, SciPy comes back to the same parameters
            fit = optimize.least_squares(
                lambda p: scale(np.maximum(law(x, *(p * own)), 1e-300)) - scale(z), np.full(len(own), 1.03), xtol=1e-14, ftol=1e-14, gtol=1e-14)
            close(f["rss"], 2 * fit.cost, 1e-7)
            assert np.allclose(fit.x, 1, atol=1e-5), (f, fit.x)
            assert math.isclose(f["r2"], 1 - f["rss"] / total, abs_tol=1e-9)
            n, k = len(z), len(own) + 1
            close(f["aicc"], n * math.log(f["rss"] / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1))
            count += 1
    assert count == 4 * len(LAWS)
