"""Prints, factor by factor, the mean average precision over seeds of each model of a comparison on a held-out cell type.

    MULTITF_DATA=... python docs/results/encode5.py FOLDER [differing_ap]

Behind the factor: in how many of the training cell types it was measured, and its bound bins in the test cell type.
"""

import csv
import os
import statistics
import sys
from pathlib import Path

folder, metric = Path(sys.argv[1]), (sys.argv[2:] or ["average_precision"])[0]


def rows(path):
    with open(path) as file:
        return list(csv.DictReader(file, delimiter="\t"))


cells = {}
for row in rows(Path(os.environ["MULTITF_DATA"]) / "encode5/tracks.tsv"):
    if row["cell"] != "GM12878":
        cells.setdefault(row["tf"], set()).add(row["cell"])
scores, bound = {}, {}
for row in rows(folder / "scores.tsv"):
    if row["split"] == "test" and row[metric] not in ("", "NA"):
        scores.setdefault(row["tf"], {}).setdefault(row["model"], []).append(float(row[metric]))
        bound[row["tf"]] = row["positives"]
models = list(dict.fromkeys(model for by_model in scores.values() for model in by_model))
table = [["tf", "cells", "bound", *models]]
for tf, by_model in sorted(scores.items()):
    means = [f"{statistics.mean(by_model[model]):.3f}" if model in by_model else "NA" for model in models]
    table.append([tf, str(len(cells[tf])), bound[tf], *means])
of_all = [[statistics.mean(by_model[model]) for by_model in scores.values() if model in by_model] for model in models]
table.append(["mean", "", "", *(f"{statistics.mean(values):.3f}" for values in of_all)])
widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
for row in table:
    print("  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths))).rstrip())
