"""Sums up a comparison of baselines: python docs/results/baselines.py out/baselines"""

import csv
import sys
from collections import Counter, defaultdict
from pathlib import Path
from statistics import mean


def rows(name):
    with open(Path(sys.argv[1]) / name) as file:
        return list(csv.DictReader(file, delimiter="\t"))


scores, positives, models = defaultdict(dict), {}, []
for row in rows("scores.tsv"):
    if row["average_precision"] != "NA":
        scores[row["tf"]][row["model"]] = float(row["average_precision"])
        positives[row["tf"]] = int(row["positives"])
        models = list(dict.fromkeys([*models, row["model"]]))

verdicts = defaultdict(Counter)
for row in rows("comparison.tsv"):
    pair = row["model_a"], row["model_b"]
    if row["tf"] == "*":
        verdicts[pair]["all"] = [row[key][:7] for key in ("delta", "low", "high", "q")]
    else:
        verdicts[pair][row["verdict"]] += 1
        verdicts[pair]["ahead"] += float(row["delta"]) > 0
print("first\tsecond\tdifference\tlow\thigh\tq\tahead\tbetter\tworse")
for pair, counts in verdicts.items():
    print(*pair, *counts["all"], counts["ahead"], counts["better"], counts["worse"], sep="\t")

print("\nbest on", dict(Counter(max(models, key=of.get) for of in scores.values())))
order = sorted(scores, key=positives.get)
third = len(order) // 3
for part in (order[:third], order[third : 2 * third + 1], order[2 * third + 1 :]):
    means = {model: round(mean(scores[tf][model] for tf in part), 3) for model in models}
    print(f"{len(part)} factors with {positives[part[0]]} to {positives[part[-1]]} bound bins:", means)
