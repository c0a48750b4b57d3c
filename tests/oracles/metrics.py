"""Expected values for the metric room, written to metrics.json beside this script.

Area under the ROC curve, average precision, Brier score and reliability bins come from scikit-learn. The interpolated
area under the precision-recall curve is written here from the paper of Davis and Goadrich (ICML 2006,
doi:10.1145/1143844.1143874), in exact fractions: between two thresholds false positives grow linearly with true
positives, a point stands at every whole number of true positives, and trapezoids join the points. One case is the
random data for which PRROC's own tests give the result of the authors' program (auc.jar), drawn here as R draws it.
Recall at a false discovery rate is DREAM's: the highest recall of a threshold with FP / (TP + FP) at most that rate.
Without an unbound bin any ranking is perfect, and scikit-learn says 1; here no rank metric is defined then.

    pip install numpy scikit-learn && python metrics.py
"""

import json
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, brier_score_loss, precision_recall_curve, roc_auc_score

RELIABILITY_BINS = 10


def counts_at_thresholds(scores, bound):
    """(TP, FP) at each distinct score, descending."""
    for score in np.unique(scores)[::-1]:
        called = scores >= score
        yield int(np.sum(called & bound)), int(np.sum(called & ~bound))


def davis_goadrich(scores, bound):
    positives = int(bound.sum())
    area, tp0, fp0 = Fraction(0), 0, 0
    for tp1, fp1 in counts_at_thresholds(scores, bound):
        precisions = []
        for tp in range(tp0, tp1 + 1):
            fp = fp0 + Fraction((fp1 - fp0) * (tp - tp0), max(tp1 - tp0, 1))
            # With nothing called the precision is that of the first calls.
            precisions.append(tp / (tp + fp) if tp + fp > 0 else Fraction(tp1, tp1 + fp1))
        area += sum((a + b) / 2 for a, b in zip(precisions, precisions[1:]))
        tp0, fp0 = tp1, fp1
    return float(area / positives)


def recall_at_fdr(scores, bound, rate):
    positives = int(bound.sum())
    recalls = [tp for tp, fp in counts_at_thresholds(scores, bound) if Fraction(fp, tp + fp) <= rate]
    result = max(recalls, default=0) / positives
    # The organisers' code, for thresholds where rounding does not matter.
    precision, recall, _ = precision_recall_curve(bound, scores)
    dream = next(r for p, r in zip(precision, recall) if 1 - p <= float(rate) + 1e-12)
    assert abs(dream - result) < 1e-12
    return result


def calibration(scores, bound):
    if len(scores) == 0 or scores.min() < 0 or scores.max() > 1:
        return None
    share, mean = calibration_curve(bound, scores, n_bins=RELIABILITY_BINS, strategy="uniform")
    bins = np.searchsorted(np.linspace(0, 1, RELIABILITY_BINS + 1)[1:-1], scores)
    count = np.bincount(bins, minlength=RELIABILITY_BINS)
    count = count[count > 0]
    return {
        "brier": float(brier_score_loss(bound, scores, pos_label=True)),
        "expected_error": float(np.sum(count * np.abs(share - mean)) / len(scores)),
        "count": count.tolist(),
        "mean_probability": mean.tolist(),
        "bound_share": share.tolist(),
    }


def case(name, scores, labels, published_auprc=None):
    """Labels are one letter a bin: U, A, B, and . where missing."""
    scores = np.asarray(scores, dtype=np.float32)
    letters = np.array(list(labels), dtype="<U1")
    assert len(scores) == len(letters)
    used = (letters == "U") | (letters == "B")
    s, bound = scores[used].astype(np.float64), letters[used] == "B"
    positives, negatives = int(bound.sum()), int((~bound).sum())
    both = positives > 0 and negatives > 0
    auprc = davis_goadrich(s, bound) if both else None
    if published_auprc is not None:
        assert abs(auprc - published_auprc) < 1e-12, (auprc, published_auprc)
    return {
        "name": name,
        "scores": [float(x) for x in scores],
        "labels": "".join(letters),
        "positives": positives,
        "negatives": negatives,
        "auroc": float(roc_auc_score(bound, s)) if both else None,
        "average_precision": float(average_precision_score(bound, s)) if both else None,
        "auprc": auprc,
        "recall10": recall_at_fdr(s, bound, Fraction(1, 10)) if both else None,
        "recall50": recall_at_fdr(s, bound, Fraction(1, 2)) if both else None,
        "calibration": calibration(s, bound),
    }


def r_uniform(seed, sizes_and_ranges):
    """R's set.seed(seed); runif(n, low, high); ..."""
    state = []
    for i in range(50 + 625):
        seed = (69069 * seed + 1) % 2**32
        if i >= 50:
            state.append(seed)
    generator = np.random.RandomState()
    generator.set_state(("MT19937", np.array(state[1:], dtype=np.uint32), 624))
    for n, low, high in sizes_and_ranges:
        raw = generator.randint(0, 2**32, size=n, dtype=np.uint32)
        yield low + (high - low) * (raw * 2.3283064365386963e-10)


def cases():
    rng = np.random.default_rng(20060625)

    def drawn(n, share):
        return np.where(rng.random(n) < share, "B", "U")

    yield case("one of each, right", [0.9, 0.1], "BU")
    yield case("one of each, wrong", [0.1, 0.9], "BU")
    yield case("one of each, tied", [0.5, 0.5], "BU")
    yield case("all tied", [0.25] * 12, "BUUUBUUUUUUU")
    yield case("the tie of the paper's kind: 5 to 10 true, 5 to 30 false", [0.75] * 10 + [0.5] * 30 + [0.25] * 60,
               "B" * 5 + "U" * 5 + "B" * 5 + "U" * 25 + "B" * 10 + "U" * 50)
    yield case("empty", [], "")
    yield case("all bound", [0.5, 0.25, 0.5, 0.75], "BBBB")
    yield case("all unbound", [0.5, 0.25, 0.5, 0.75], "UUUU")
    yield case("nothing but ambiguous and missing", [0.5, 0.25, 0.75], "A.A")
    yield case("ambiguous and missing between", [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2], "BA.UABU.")
    yield case("exactly ten and fifty percent false", [0.9] * 10 + [0.8] * 10 + [0.7] * 10,
               "B" * 9 + "U" + "BU" + "U" * 8 + "B" * 5 + "U" * 5)
    yield case("no threshold is good enough", [0.9, 0.9, 0.9, 0.1], "BUUU")
    yield case("zero and minus zero are equal", [0.0, -0.0, 0.0, -1.0, 1.0], "BUBUU")
    yield case("logits of both signs, without ties", rng.normal(size=60) * 8, drawn(60, 0.3))
    yield case("eight levels", rng.integers(0, 8, 400) / 8, drawn(400, 0.2))
    informative = drawn(600, 0.25)
    yield case("an informative score in 64 levels", np.clip(np.round(
        rng.normal(0.35, 0.15, 600) * 64 + np.where(informative == "B", 16, 0)) / 64, 0, 1), informative)
    mixed = rng.choice(list("UBA."), size=500, p=[0.6, 0.1, 0.1, 0.2])
    yield case("letters of all kinds, in 256 levels", rng.integers(0, 257, 500) / 256, mixed)
    rare = np.full(4000, "U")
    rare[[17, 2048, 3999]] = "B"
    yield case("three bound in 4000, in 1024 levels", rng.integers(0, 1024, 4000) / 1024, rare)
    best = np.full(3000, "U")
    best[1234] = "B"
    yield case("one bound in 3000, last", np.where(best == "B", -1.0, rng.integers(0, 4096, 3000) / 4096), best)
    yield case("one unbound in 200, first", np.arange(200, 0, -1) / 256, "U" + "B" * 199)
    bound, unbound = r_uniform(101, [(100, 0.3, 1.0), (100, 0.0, 0.6)])
    ranks = np.argsort(np.argsort(np.concatenate([bound, unbound]))) / 256
    yield case("PRROC's test against auc.jar", ranks, "B" * 100 + "U" * 100, published_auprc=0.9018680216532841)


if __name__ == "__main__":
    warnings.simplefilter("error")
    lines = ",\n".join(json.dumps(c) for c in cases())
    Path(__file__).with_suffix(".json").write_text("[\n" + lines + "\n]\n")
