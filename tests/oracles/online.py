"""Expected numbers for `baseline::online`: predictions, weights and losses of Vowpal Wabbit, example by example.

    pip install vowpalwabbit==9.11.9 numpy==2.4.6 && python online.py  (seconds; writes online.txt and online.json)

The examples have several namespaces, features that are rare, repeated in one example, of very different and of growing
scales, numbered, nameless or zero, and weights from 0 to 3,000. `predictions` are those of the last pass, each before
its update; `weights` are those that Vowpal Wabbit stores, before `--l1` and `--l2` are applied to them.
"""

import json
import pathlib

import numpy as np
import vowpalwabbit

EXAMPLES = 200

# The crate's settings, beside the arguments that mean the same.
SETTINGS = [
    ({}, ""),
    ({"quadratic": ["ab"]}, "-q ab"),
    ({"quadratic": ["ba", "aa", " b"]}, "-q ba -q aa --interactions \\x20b"),
    ({"l1": 1e-3}, "--l1 1e-3"),
    ({"l2": 1e-3}, "--l2 1e-3"),
    ({"l1": 1e-3, "l2": 1e-2, "quadratic": ["ab"]}, "--l1 1e-3 --l2 1e-2 -q ab"),
    ({"l1": 200.0}, "--l1 200"),
    ({"bits": 6, "quadratic": ["ab", "bb"]}, "-b 6 -q ab -q bb"),
    ({"bits": 3, "constant": False}, "-b 3 --noconstant"),
    ({"learning_rate": 20.0}, "-l 20"),
    ({"learning_rate": 0.01, "power_t": 0.0}, "-l 0.01 --power_t 0"),
    ({"power_t": 0.3, "quadratic": ["aa"], "l2": 1e-3}, "--power_t 0.3 -q aa --l2 1e-3"),
    ({"power_t": 1.0}, "--power_t 1"),
]
# So many passes that the regularisation that was put off has to be done in between.
LONG = ({"l1": 1e-4, "l2": 5e-3}, "--l1 1e-4 --l2 5e-3", 6)


def features(random, index):
    """The text of each namespace's features."""
    dense = " ".join(f"{name}:{value:.3f}" for name, value in zip(("gc", "tss", "signal"), random.normal(size=3)))
    motifs = random.choice(40, size=random.integers(1, 6))
    sparse = " ".join(f"{motif}:{random.integers(1, 30) / 4}" for motif in motifs)
    kmers = " ".join("".join(random.choice(list("ACGT"), size=2)) for _ in range(6))
    grown = 10.0 ** (index // 25 - 4)
    yield f"|a {dense}"
    if random.uniform() < 0.8:
        yield f"|b_motifs:0.5 {sparse} grows:{grown * random.uniform(0.5, 1.5):.2g}"
    if random.uniform() < 0.5:
        yield f"| {kmers} zero:0"
    if random.uniform() < 0.1:
        yield f"|a rare{random.integers(8)} tiny:1e-8 :2 :0.25"


def lines():
    random = np.random.default_rng(7)
    for index in range(EXAMPLES):
        text = " ".join(features(random, index))
        weight = random.choice(["", "", "", "0.25 ", "2 ", "40 ", "0 ", "0.0001 "]) if index != 150 else "3000 "
        label = "1" if random.uniform() < (0.8 if ":-" in text else 0.3) else "-1"
        tag = "'tag" if random.uniform() < 0.1 else ""
        yield f"{label} {weight}{tag}{text}"


def run(text, settings, arguments, passes):
    model = vowpalwabbit.Workspace(f"--loss_function logistic --quiet {arguments}")
    predictions = []
    for line in text * passes:
        example = model.example(line)
        model.learn(example)
        predictions.append(example.get_simplelabel_prediction())
        model.finish_example(example)
    weights = {place: model.get_weight(place) for place in range(model.num_weights())}
    loss = model.get_sum_loss() / model.get_weighted_examples()
    model.finish()
    return {
        "settings": settings,
        "passes": passes,
        "predictions": [shortest(number) for number in predictions[-len(text) :]],
        "loss": loss,
        "weights": {place: shortest(weight) for place, weight in weights.items() if weight != 0.0},
    }


def shortest(number):
    """The decimal with the fewest digits that is this number in single precision."""
    return float(str(np.float32(number)))


def main():
    here = pathlib.Path(__file__)
    text = list(lines())
    here.with_suffix(".txt").write_text("\n".join(text) + "\n")
    runs = [run(text, settings, arguments, 1) for settings, arguments in SETTINGS]
    runs.append(run(text, *LONG))
    hashes = {
        f"{space}|{name}": vowpal_hash(space, name)
        for space in ("", "a", "motif", "12", "é")
        for name in ("", "x", "7", "0012", "4294967299", "CTCF", "gc content", "-3", "ζήτα")
    }
    here.with_suffix(".json").write_text(json.dumps({"hashes": hashes, "runs": runs}) + "\n")


def vowpal_hash(space, name):
    model = vowpalwabbit.Workspace("--quiet -b 30 --sparse_weights")
    return model.hash_feature(name, model.hash_space(space)) & 0x3FFFFFFF


if __name__ == "__main__":
    main()
