"""Expected numbers for `eval`: q-values from SciPy, percentile intervals from NumPy, and a paired block bootstrap written
independently with NumPy.

    pip install numpy scipy scikit-learn && python eval.py  (ten minutes; writes eval.json beside this script)

The bootstrap repeats bins, where the crate weights them; average precision is scikit-learn's on the repeated bins. The
interval and the p-value of 10,000 replicates are random: `mean` and `sd` are those over `RUNS` runs of 10,000.
"""

import json
import pathlib

import numpy as np
import scipy.stats
from sklearn.metrics import average_precision_score

BLOCKS, BINS_A_BLOCK, SEEDS = 12, 8, 2
REPLICATES, RUNS = 10_000, 6


def false_discovery(random):
    cases = [[0.01, 0.02, 0.03, 0.04, 0.05], [0.5], [1.0, 1.0], [0.04, 0.04, 0.001, 0.9, 0.04]]
    cases += [random.uniform(size=size).round(6).tolist() for size in (2, 49, 180)]
    cases += [(random.uniform(size=49) ** 6).tolist()]
    return [{"p": p, "q": scipy.stats.false_discovery_control(p, method="bh").tolist()} for p in cases]


def intervals(random):
    """95 % intervals of given replicates."""
    cases = [random.normal(size=size).round(6) for size in (1, 2, 3, 20, 41, 1000)]
    cases.append(np.array([0.25] * 30 + [0.5]))
    return [{"replicates": case.tolist(), "interval": np.percentile(case, [2.5, 97.5]).tolist()} for case in cases]


def world(random, gain):
    """Bound bins in some blocks only, scores with ties and with an error that a block's bins share."""
    bins = BLOCKS * BINS_A_BLOCK
    block = np.repeat(np.arange(BLOCKS), BINS_A_BLOCK)
    bound = (random.uniform(size=bins) < 0.25) & (block % 3 != 1)

    def scores(signal):
        shared = random.normal(size=BLOCKS)[block]
        return np.round(4 * (signal * bound + 0.5 * shared + random.normal(size=bins))) / 4

    a = np.array([scores(1.0 + gain) for _ in range(SEEDS)])
    b = np.array([scores(1.0) for _ in range(SEEDS)])
    return block, bound, a, b


def replicate(random, bound, a, b):
    while True:
        drawn = random.integers(BLOCKS, size=BLOCKS)
        bins = (drawn[:, None] * BINS_A_BLOCK + np.arange(BINS_A_BLOCK)).ravel()
        if bound[bins].any():
            break
    seeds = random.integers(SEEDS, size=SEEDS)
    scores = {seed: [average_precision_score(bound[bins], model[seed][bins]) for model in (a, b)] for seed in set(seeds)}
    return np.mean([scores[seed][0] - scores[seed][1] for seed in seeds])


def summary(differences):
    low, high = np.quantile(differences, [0.025, 0.975])
    sides = [(1 + np.sum(side)) / (1 + len(differences)) for side in (differences <= 0, differences >= 0)]
    return low, high, min(1.0, 2 * min(sides))


def bootstrap(random, gain):
    block, bound, a, b = world(random, gain)
    runs = [
        summary(np.array([replicate(random, bound, a, b) for _ in range(REPLICATES)])) for _ in range(RUNS)
    ]
    delta = np.mean([average_precision_score(bound, a[s]) - average_precision_score(bound, b[s]) for s in range(SEEDS)])
    return {
        "block": block.tolist(),
        "bound": bound.tolist(),
        "a": a.tolist(),
        "b": b.tolist(),
        "delta": float(delta),
        "replicates": REPLICATES,
        "mean": dict(zip(("low", "high", "p"), np.mean(runs, axis=0).tolist())),
        "sd": dict(zip(("low", "high", "p"), np.std(runs, axis=0, ddof=1).tolist())),
    }


def main():
    random = np.random.default_rng(20)
    expected = {
        "false_discovery": false_discovery(random),
        "bootstrap": [bootstrap(random, gain) for gain in (0.0, 0.5, 1.0)],
        "intervals": intervals(np.random.default_rng(25)),
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
