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



def summary(title, factors, models):
    means = {model: round(mean(scores[tf][model] for tf in factors), 3) for model in models}
    wins = Counter(max(models, key=scores[tf].get) for tf in factors)
    print(f"{title}\t{len(factors)}", *(f"{means[model]:.3f} ({wins[model]})" for model in models), sep="\t")


def sizes(factors):
    return f"{positives[factors[0]]} to {positives[factors[-1]]} bound bins"


print("\nmean average precision, and on how many factors it is the best")
order = sorted(scores, key=positives.get)
of_all = [model for model in models if all(model in scores[tf] for tf in order)]
print("factors\tnumber", *of_all, sep="\t")
summary("all", order, of_all)
third = len(order) // 3
for part in (order[:third], order[third : 2 * third + 1], order[2 * third + 1 :]):
    summary(sizes(part), part, of_all)
common = [tf for tf in order if all(model in scores[tf] for model in models)]
if models != of_all:
    print("factors\tnumber", *models, sep="\t")
    summary(sizes(common), common, models)
