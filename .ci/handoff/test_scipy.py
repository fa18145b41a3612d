"""Every statistic, p-value and interval of the tests behind claims, done again with SciPy. Exact p-values are SciPy's
own where it has them, and counts over all permutations where values are tied."""

import itertools
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


def deals(larger, smaller, statistic):
    """The one-sided p-values over all deals of the values: that the statistic is as small, and as large, as observed."""
    values, n = np.concatenate([larger, smaller]), len(larger)
    observed, below, above, count = statistic(larger, smaller), 0, 0, 0
    for chosen in itertools.combinations(range(len(values)), n):
        taken = np.zeros(len(values), bool)
        taken[list(chosen)] = True
        found = statistic(values[taken], values[~taken])
        below += found <= observed + 1e-9
        above += found >= observed - 1e-9
        count += 1
    return below / count, above / count


def brunner_munzel(larger, smaller):
    """Brunner and Munzel's statistic, by its definition; infinite where there is no spread."""
    n, m = len(larger), len(smaller)
    whole = stats.rankdata(np.concatenate([larger, smaller]))
    x, y = whole[:n], whole[n:]
    own_x, own_y = stats.rankdata(larger), stats.rankdata(smaller)
    spread_x = np.sum((x - own_x - x.mean() + (n + 1) / 2) ** 2) / (n - 1)
    spread_y = np.sum((y - own_y - y.mean() + (m + 1) / 2) ** 2) / (m - 1)
    d = x.mean() - y.mean()
    if n * spread_x + m * spread_y == 0:
        return math.copysign(1e9, d) if d else 0.0
    return n * m * d / ((n + m) * math.sqrt(n * spread_x + m * spread_y))


def brunner_munzel_tails(larger, smaller):
    if len(larger) < 15:
        return deals(larger, smaller, brunner_munzel)
    statistic = brunner_munzel(larger, smaller)
    if abs(statistic) > 1e8:  # one group lies wholly above the other
        below, above = (1.0, 0.0) if statistic > 0 else (0.0, 1.0)
    else:
        below, above = sorted(stats.brunnermunzel(larger, smaller, alternative=a, distribution="t").pvalue for a in ("less", "greater"))
        if statistic > 0:
            below, above = above, below
    floor = 1 / math.comb(len(larger) + len(smaller), len(larger))  # the smallest that dealing the values could give
    return max(below, floor), max(above, floor)


def two_sided(tails):
    return min(1, 2 * min(tails))


def wilcoxon_tails(d):
    """The one-sided p-values of Wilcoxon's signed ranks, over all signs, by the number of signs that give each sum."""
    d = np.round(np.asarray(d), 12)
    d = d[d != 0]
    if len(d) == 0:
        return 1.0, 1.0
    ranks = np.rint(2 * stats.rankdata(np.abs(d))).astype(int)
    ways = {0: 1}
    for r in ranks:
        more = dict(ways)
        for total, w in ways.items():
            more[total + r] = more.get(total + r, 0) + w
        ways = more
    observed = ranks[d > 0].sum()
    above = sum(w for total, w in ways.items() if total >= observed) / 2 ** len(d)
    below = sum(w for total, w in ways.items() if total <= observed) / 2 ** len(d)
    if len(set(np.abs(d))) == len(d):
        close(above, stats.wilcoxon(d, alternative="greater", method="exact").pvalue)
    return below, above


def binomial_tails(kept, n, share):
    return stats.binom.cdf(kept, n, share), stats.binom.sf(kept - 1, n, share)


def walsh_median(d):
    i, j = np.triu_indices(len(d))
    return np.median((d[i] + d[j]) / 2)


def differences(larger, smaller):
    return (larger[:, None] - smaller[None, :]).ravel()


def test_compare(cases):
    for c, (smaller, larger), _ in chosen(cases, "compare"):
        effect, settings = c["settings"]["effect"], c["settings"]
        if settings.get("statistic") == "mean":
            want = stats.ttest_ind(larger, smaller, equal_var=False)
            interval = want.confidence_interval(0.95)
            close(c["p"], want.pvalue, 1e-7)
            close(c["estimate"], larger.mean() - smaller.mean())
            close(c["low"], interval.low, 1e-7)
            close(c["high"], interval.high, 1e-7)
            continue
        if effect == "superiority":
            u = stats.mannwhitneyu(larger, smaller, alternative="greater", method="asymptotic").statistic
            close(c["estimate"], u / len(larger) / len(smaller))
            assert c["low"] <= c["estimate"] <= c["high"]
            continue
        scale = np.log if effect == "ratio" else (lambda v: v)
        d = differences(scale(larger), scale(smaller))
        close(c["estimate"], np.exp(np.median(d)) if effect == "ratio" else np.median(d))
        close(c["p"], two_sided(brunner_munzel_tails(larger, smaller)), 1e-7)
        # The ends are differences of two values, and just beyond them the test rejects.
        for end, sign in ((c["low"], 1), (c["high"], -1)):
            at = math.log(end) if effect == "ratio" else end
            assert np.min(np.abs(d - at)) < 1e-9
            moved = scale(larger) - (at - sign * 1e-6)
            assert two_sided(brunner_munzel_tails(moved, scale(smaller))) <= 0.05 + 1e-9


def test_paired(cases):
    for c, (smaller, larger), _ in chosen(cases, "paired"):
        settings = c["settings"]
        d = larger - smaller
        if settings.get("effect") == "share":
            kept = int(np.sum(d > 0))
            close(c["estimate"], kept / len(d))
            close(c["p"], two_sided(binomial_tails(kept, len(d), 0.5)))
        elif settings.get("effect") == "ratio":
            logs = np.log(larger) - np.log(smaller)
            close(c["estimate"], np.exp(walsh_median(logs)))
            close(c["p"], two_sided(wilcoxon_tails(logs)))
        elif settings.get("statistic") == "mean":
            want = stats.ttest_1samp(d, settings["min_effect"])
            interval = want.confidence_interval(0.95)
            close(c["estimate"], d.mean())
            close(c["p"], want.pvalue, 1e-7)
            close(c["low"], interval.low, 1e-7)
            close(c["high"], interval.high, 1e-7)
        elif settings.get("statistic") == "median":
            d = np.round(d, 12)
            close(c["estimate"], np.median(d))
            close(c["p"], two_sided(binomial_tails(int(np.sum(d > 0)), int(np.sum(d != 0)), 0.5)))
        else:
            close(c["estimate"], walsh_median(d))
            close(c["p"], two_sided(wilcoxon_tails(d)))


def test_equivalent(cases):
    for c, (second, first), _ in chosen(cases, "equivalent"):
        if "margin" in c["settings"]:
            m = c["settings"]["margin"]
            want = max(brunner_munzel_tails(np.round(first + m, 12), second)[1], brunner_munzel_tails(np.round(first - m, 12), second)[0])
            close(c["estimate"], np.median(differences(first, second)))
        else:
            m = c["settings"]["margin_ratio"]
            logs = np.log(first) - np.log(second)
            want = max(wilcoxon_tails(logs + math.log(m))[1], wilcoxon_tails(logs - math.log(m))[0])
            close(c["estimate"], np.exp(walsh_median(logs)))
        close(c["p"], want, 1e-7)


def test_threshold(cases):
    for c, y, _ in chosen(cases, "threshold"):
        values, bound = np.concatenate(y), c["settings"]["above"]
        if c["settings"]["statistic"] == "median":
            close(c["estimate"], np.median(values))
            close(c["p"], two_sided(binomial_tails(int(np.sum(values > bound)), int(np.sum(values != bound)), 0.5)))
            continue
        want = stats.ttest_1samp(values, bound)
        interval = want.confidence_interval(0.95)
        close(c["estimate"], values.mean())
        close(c["p"], want.pvalue, 1e-7)
        close(c["low"], interval.low, 1e-7)
        close(c["high"], interval.high, 1e-7)


def test_always(cases):
    for c, y, _ in chosen(cases, "always"):
        kept = int(np.sum(np.min(y, axis=0) > c["settings"]["value"]))
        close(c["p"], two_sided(binomial_tails(kept, len(y[0]), c["settings"]["at_least_share"])))
        close(c["estimate"], kept / len(y[0]))
        interval = stats.binomtest(kept, len(y[0]), 0.5).proportion_ci(0.95, method="exact")
        close(c["low"], interval.low, 5.1e-9)
        close(c["high"], interval.high, 5.1e-9)


def test_trend(cases):
    """With two values of x, the Jonckheere-Terpstra test is Mann and Whitney's, and the slopes are differences."""
    for c, (low, high), tied in chosen(cases, "trend"):
        x = np.repeat(c["x"], [len(low), len(high)])
        close(c["estimate"], stats.theilslopes(np.concatenate([low, high]), x).slope)
        if not tied:
            close(c["p"], stats.mannwhitneyu(high, low, method="exact").pvalue)
        elif len(low) < 15:
            close(c["p"], two_sided(deals(high, low, lambda a, b: np.sum(np.sign(a[:, None] - b[None, :])))))


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
