"""Boosted trees of this crate and XGBoost, on the same features, draws and settings of 12 yeast factors.

    python -m venv out/venv && out/venv/bin/pip install xgboost==3.2.0 scikit-learn==1.9.1
    MULTITF_DATA=... out/venv/bin/python benches/peers/boost.py --threads 2

Both are fitted in turn. Average precision is that of the validation chromosome, which neither stops by: all rounds are
grown. The ratio of times is ours to XGBoost's, each from the same process memory to a fitted model.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import xgboost
from sklearn.metrics import average_precision_score

HERE = Path(__file__).resolve().parent
# Every fourth of the 49 factors in the order of their numbers of peaks.
FACTORS = "Ace2 Skn7 Mbp1 Swi4 Tda9 Sfp1 Rsc3 Stp2 Phd1 Rox1 Mig2 Fkh1".split()
BOUND, UNBOUND = 3, 1


def bench_binary():
    command = ["cargo", "bench", "--bench", "multitf", "--no-run", "--features", "boost", "--message-format", "json"]
    lines = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    built = (json.loads(line) for line in lines)
    return next(m["executable"] for m in built if m.get("executable") and m["target"]["name"] == "multitf")


def read(folder, name):
    return np.fromfile(folder / name, "<f4")


def xgboost_fit(folder, ours, threads):
    columns = ours["columns"]
    x = read(folder, "train.x").reshape(-1, columns)
    valid, labels = read(folder, "valid.x").reshape(-1, columns), read(folder, "valid.y")
    parameters = {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "nthread": threads,
        "max_depth": ours["depth"],
        "learning_rate": ours["learning_rate"],
        "reg_lambda": ours["lambda"],
        "min_child_weight": ours["min_child_weight"],
    }
    start = time.perf_counter()
    train = xgboost.DMatrix(x, read(folder, "train.y"), weight=read(folder, "train.w"))
    model = xgboost.train(parameters, train, ours["rounds"])
    seconds = time.perf_counter() - start
    known = np.isin(labels, (BOUND, UNBOUND))
    scores = model.predict(xgboost.DMatrix(valid), output_margin=True)
    return seconds, average_precision_score(labels[known] == BOUND, scores[known])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--binary", help="the bench binary [default: built now]")
    args = parser.parse_args()
    binary = args.binary or bench_binary()
    print("factor\trows\tours\txgboost\tdifference\tseconds\txgboost_seconds\tratio")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "RAYON_NUM_THREADS": str(args.threads)}
        process = subprocess.Popen(
            [binary, "boost-serve", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        for factor in FACTORS:
            process.stdin.write(factor + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            if not answer:
                sys.exit(f"the bench ended while it was asked for {factor}")
            ours = json.loads(answer)
            seconds, score = xgboost_fit(Path(folder), ours, args.threads)
            rows.append((ours["average_precision"], score, ours["seconds"] / seconds))
            mine = ours["average_precision"]
            print(
                f"{factor}\t{ours['rows']}\t{mine:.3f}\t{score:.3f}\t{mine - score:+.3f}"
                f"\t{ours['seconds']:.1f}\t{seconds:.1f}\t{rows[-1][2]:.2f}",
                flush=True,
            )
        process.stdin.close()
        process.wait()
    ours, theirs, ratios = zip(*rows)
    print(
        f"mean\t\t{statistics.mean(ours):.3f}\t{statistics.mean(theirs):.3f}"
        f"\t{statistics.mean(ours) - statistics.mean(theirs):+.3f}\t\t\t{statistics.median(ratios):.2f} (median)"
    )
