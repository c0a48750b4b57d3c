"""How near to the ChIP-exo peak the base is that a model reads most.

    python docs/results/resolution.py regions $MULTITF_DATA/yeast chrIV,chrVIII out/regions
    python docs/results/resolution.py table $MULTITF_DATA/yeast out/regions out/explained

The first writes for each factor a bin of 200 bp for each peak, out/regions/TF.bed, with the peak at a random place in it
(50 bp or more from its ends, as a bound bin has it). The second reads what `multitf explain` wrote for these regions to
out/explained/TF, and prints for each factor the distance between its peaks and

- the middle of the stretch of the profile's width with the greatest sum of contributions,
- the middle of the best site of the factor's profile in the bin, on either strand,
- a random place in the bin where such a stretch has its middle.

Needs NumPy.
"""

import gzip
import sys
from pathlib import Path

import numpy as np

from meme import log_odds, profiles

BIN, HALF, NEAR = 200, 50, 10
COMPLEMENT = [3, 2, 1, 0]


def peaks(data, tf, chromosomes):
    with open(data / "peaks" / f"{tf}.bed") as file:
        rows = [line.split()[:2] for line in file]
    return [(chromosome, int(start)) for chromosome, start in rows if chromosome in chromosomes]


def write_regions(data, chromosomes, out):
    out.mkdir(parents=True, exist_ok=True)
    lengths = {}
    with gzip.open(data / "genome.fa.gz", "rt") as file:
        for line in file:
            if line.startswith(">"):
                name = line[1:].split()[0]
                lengths[name] = 0
            else:
                lengths[name] += len(line.strip())
    random = np.random.default_rng(0)
    for path in sorted((data / "peaks").glob("*.bed")):
        with open(out / path.name, "w") as file:
            for chromosome, peak in peaks(data, path.stem, chromosomes):
                start = peak - int(random.integers(HALF, BIN - HALF + 1))
                if 0 <= start <= lengths[chromosome] - BIN:
                    file.write(f"{chromosome}\t{start}\t{start + BIN}\t{peak}\n")


def best_site(one_hot, profile):
    """The start of the best site of a profile, on either strand."""
    both = [profile, profile[::-1, COMPLEMENT]]
    starts = range(one_hot.shape[1] - len(profile) + 1)
    scores = [[(one_hot[:, start : start + len(rows)].T * rows).sum() for start in starts] for rows in both]
    return int(np.max(scores, axis=0).argmax())


def distances(data, regions, explained, tf, profile, random):
    rows = [line.split() for line in open(regions / f"{tf}.bed")]
    if not rows:
        return np.zeros((0, 3))
    one_hot = np.load(explained / tf / "one-hot.npz")["arr_0"]
    hypothetical = np.load(explained / tf / "contributions" / f"{tf}.npz")["arr_0"]
    before = (one_hot.shape[2] - BIN) // 2
    inside = slice(before, before + BIN)
    width, found = len(profile), []
    for row, bases, contributions in zip(rows, one_hot, (one_hot * hypothetical).sum(axis=1)):
        peak = int(row[3]) - int(row[1])
        sums = np.convolve(contributions[inside], np.ones(width), "valid")
        starts = [int(sums.argmax()), best_site(bases[:, inside], profile), int(random.integers(len(sums)))]
        found.append([abs(start + (width - 1) / 2 - peak) for start in starts])
    return np.array(found)


def print_table(data, regions, explained):
    known = {name.upper(): log_odds(profile) for name, profile in profiles(data / "motifs.meme").items()}
    random = np.random.default_rng(1)
    print("factor", "peaks", *(f"{of}_{what}" for of in ("model", "profile", "chance") for what in ("median", "within_10")), sep="\t")
    every = []
    for path in sorted((data / "peaks").glob("*.bed")):
        profile = known.get(path.stem.upper())
        if profile is None:
            continue
        found = distances(data, regions, explained, path.stem, profile, random)
        if len(found):
            every.append(row(path.stem, len(found), found))
    means = np.mean([values for _, _, values in every], axis=0)
    every.append((f"mean of {len(every)}", sum(count for _, count, _ in every), means))
    for name, count, values in every:
        print(name, count, *(f"{value:.2f}" for value in values), sep="\t")


def row(name, count, found):
    near = (found <= NEAR).mean(axis=0)
    return name, count, np.column_stack([np.median(found, axis=0), near]).ravel()


if __name__ == "__main__":
    if sys.argv[1] == "regions":
        write_regions(Path(sys.argv[2]), sys.argv[3].split(","), Path(sys.argv[4]))
    else:
        print_table(*map(Path, sys.argv[2:5]))
