"""Sites that a model reads, beside the planted ones of a simulated world.

    python docs/results/hits.py regions out/simulated/world cell1 chr5 out/regions.bed
    python docs/results/hits.py table out/simulated/world cell1 out/regions.bed out/explained

The first writes the stretches of a chromosome where any factor is bound in a cell type. The second reads the sites that
`multitf explain --regions out/regions.bed --tile` wrote to out/explained/hits.bed. For each factor it compares those that are
named after the factor's own profile, the strongest first, with as many sites of the profile that score best, in the same
stretches: how many of them are sites that the factor has bound there (precision), and how many of its bound sites are among
them (recall). For factors with a partner it counts how many of the bound stretches have a site of the partner among
the factor's own calls. Needs NumPy.
"""

import csv
import gzip
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from meme import log_odds, profiles

COMPLEMENT = [3, 2, 1, 0]


def read(path):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt") as file:
        yield from csv.DictReader(file, delimiter="\t")


def write_regions(world, cell, chromosome, out):
    bound = set()
    for path in sorted((world / "labels").glob("*")):
        for row in read(path):
            if row["chr"] == chromosome and row.get(cell) == "B":
                bound.add((int(row["start"]), int(row["stop"])))
    with open(out, "w") as file:
        last = None
        for start, stop in sorted(bound):
            if last and start <= last[1]:
                last[1] = max(last[1], stop)
                continue
            if last:
                file.write(f"{chromosome}\t{last[0]}\t{last[1]}\n")
            last = [start, stop]
        if last:
            file.write(f"{chromosome}\t{last[0]}\t{last[1]}\n")


def sequence(world, chromosome):
    """One-hot rows of a chromosome."""
    letters, is_wanted = [], False
    with gzip.open(next(world.glob("genome.fa*")), "rt") as file:
        for line in file:
            if line.startswith(">"):
                is_wanted = line[1:].split()[0] == chromosome
            elif is_wanted:
                letters.append(line.strip().upper())
    codes = np.frombuffer("".join(letters).encode(), np.uint8)
    return np.stack([codes == ord(base) for base in "ACGT"], axis=1).astype(np.float32)


def scan(one_hot, profile, regions):
    """The sites of a profile in some regions, the best first: score, start, end; of overlapping ones the better stays."""
    width, all_sites = len(profile), []
    for start, stop in regions:
        piece = one_hot[start:stop]
        for rows in (profile, profile[::-1, COMPLEMENT]):
            scores = sum(piece[at : len(piece) - width + 1 + at] @ rows[at] for at in range(width))
            all_sites += [(float(score), start + at, start + at + width) for at, score in enumerate(scores)]
    all_sites.sort(reverse=True)
    return all_sites


def thinned(sites, count):
    kept = []
    for score, start, end in sites:
        if len(kept) == count:
            break
        if not any(is_same((start, end), other[1:]) for other in kept):
            kept.append((score, start, end))
    return kept


def is_same(a, b):
    return 2 * (min(a[1], b[1]) - max(a[0], b[0])) > min(a[1] - a[0], b[1] - b[0])


def rates(calls, truth):
    """Precision and recall."""
    right = sum(any(is_same(call[1:], site) for site in truth) for call in calls)
    found = sum(any(is_same(call[1:], site) for call in calls) for site in truth)
    return right / max(len(calls), 1), found / max(len(truth), 1)


def print_table(world, cell, regions_path, explained):
    rows = [line.split() for line in open(regions_path)]
    chromosome, regions = rows[0][0], [(int(row[1]), int(row[2])) for row in rows]
    known = {name: log_odds(profile) for name, profile in profiles(next(world.glob("motifs*"))).items()}
    one_hot = sequence(world, chromosome)
    within = lambda start, end: any(a <= start and end <= b for a, b in regions)
    truth = defaultdict(list)
    for row in read(world / "truth" / "sites.tsv"):
        start, end = int(row["start"]), int(row["end"])
        if row["chr"] == chromosome and row[f"{cell}.occupancy"] == "B" and within(start, end):
            truth[row["tf"]].append((start, end))
    calls = defaultdict(lambda: defaultdict(list))
    for line in open(explained / "hits.bed"):
        fields = line.rstrip("\n").split("\t")
        calls[fields[6]][fields[3]].append((float(fields[7]), int(fields[1]), int(fields[2])))
    print("factor", "bound_sites", "calls", "precision", "recall", "profile_precision", "profile_recall", "next_motif", "its_sites", sep="\t")
    every = []
    for factor in sorted(truth):
        own = thinned(sorted((call for call in calls[factor][factor] if call[0] > 0), reverse=True), None)
        best = thinned(scan(one_hot, known[factor], regions), len(own))
        others = {name: len(sites) for name, sites in calls[factor].items() if name != factor and name in known}
        other = max(others, key=others.get, default="none")
        numbers = (*rates(own, truth[factor]), *rates(best, truth[factor]))
        every.append(numbers)
        print(factor, len(truth[factor]), len(own), *(f"{number:.3f}" for number in numbers), other, others.get(other, 0), sep="\t")
    print(f"mean of {len(every)}", "", "", *(f"{number:.3f}" for number in np.mean(every, axis=0)), "", "", sep="\t")


if __name__ == "__main__":
    world = Path(sys.argv[2])
    if sys.argv[1] == "regions":
        write_regions(world, sys.argv[3], sys.argv[4], Path(sys.argv[5]))
    else:
        print_table(world, sys.argv[3], sys.argv[4], Path(sys.argv[5]))
