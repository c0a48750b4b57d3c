"""How well peaks of each strength are found: python docs/results/peak_strength.py $MULTITF_DATA/yeast out/tracks chrXIII

The order of a peak file is taken for one by strength, the strongest first. For each third of a factor's peaks, the average precision of the bins with such
a peak among them and all unbound bins; bins of the other thirds are left out, so that the three numbers have about the same
prior. Needs NumPy and scikit-learn.
"""

import csv
import gzip
import sys
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score

data, tracks, chromosomes = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3].split(",")
BIN, MIDDLE, HALF = 200, 75, 50
NAMES = "strongest", "middle", "weakest"


def scores_of(tf):
    values = {}
    with open(tracks / f"{tf}.BY4741.bedGraph") as file:
        for line in file:
            if not line.startswith("track"):
                chromosome, start, end, value = line.split()
                # Neighbours of equal value are one line.
                for at in range(int(start), int(end), BIN // 4):
                    values[chromosome, at - MIDDLE] = float(value)
    return values


def thirds_of(tf):
    """The third of the strongest peak inside each bin."""
    thirds = {}
    with open(data / "peaks" / f"{tf}.bed") as file:
        peaks = [line.split()[:2] for line in file]
    for rank, (chromosome, summit) in enumerate(peaks):
        for start in range(int(summit) + HALF - BIN, int(summit) - HALF + 1):
            thirds.setdefault((chromosome, start), 3 * rank // len(peaks))
    return thirds


def labels():
    with gzip.open(data / "expected_labels_w200_s50.tsv.gz", "rt") as file:
        return [row for row in csv.DictReader(file, delimiter="\t") if row["chr"] in chromosomes]


def main():
    table = labels()
    bins = [(row["chr"], int(row["start"])) for row in table]
    factors = [name for name in table[0] if name not in ("chr", "start", "stop")]
    found = {}
    for tf in factors:
        values, thirds = scores_of(tf), thirds_of(tf)
        scores = np.array([values[place] for place in bins])
        bound, unbound = (np.array([row[tf] == label for row in table]) for label in "BU")
        third = np.array([thirds.get(place, -1) for place in bins])
        assert (third[bound] >= 0).all(), tf
        parts = [bound & (third == part) for part in range(3)]
        if all(part.any() for part in parts):
            keep = [part | unbound for part in parts]
            precisions = [average_precision_score(part[k], scores[k]) for k, part in zip(keep, parts)]
            found[tf] = precisions, [int(part.sum()) for part in parts]
    print("factor", *NAMES, *(f"bins_{name}" for name in NAMES), sep="\t")
    for tf, (precisions, counts) in found.items():
        print(tf, *(f"{value:.3f}" for value in precisions), *counts, sep="\t")
    means = np.mean([precisions for precisions, _ in found.values()], axis=0)
    counts = np.mean([counts for _, counts in found.values()], axis=0)
    print(f"mean of {len(found)}", *(f"{value:.3f}" for value in means), *(f"{count:.0f}" for count in counts), sep="\t")


if __name__ == "__main__":
    main()
