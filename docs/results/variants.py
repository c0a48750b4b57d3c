"""What variants do to a model, beside what they do to the factors' profiles.

    python docs/results/variants.py planted out/simulated/world cell1 chr5 out/planted.vcf
    python docs/results/variants.py planted-table out/simulated/world out/planted.tsv.gz
    python docs/results/variants.py random $MULTITF_DATA/yeast chrIV,chrVIII out/random.vcf
    python docs/results/variants.py random-table $MULTITF_DATA/yeast chrIV,chrVIII out/random.tsv.gz
    python docs/results/variants.py many $MULTITF_DATA/yeast 1000000 out/many.vcf
    python docs/results/variants.py check out/many.vcf.gz chrIV:500001-500200

`planted` changes bases of a simulated world: for each factor, one base of each site that it has bound on a chromosome in a
cell type, and one base 30 to 90 bp beside the site that lies in no site of the factor. Its table has, for each factor, the area
under the curve at telling the two apart, by the absolute change of the model's log-odds (of the table that `multitf
variants` wrote), and by that of the factor's profile: the difference between the best scores of both alleles among the
places of the profile that hold the base, on either strand; and the same where scores below that of one place in 1,000 of the
chromosome count as that, so that only matches matter.

`random` changes random bases of some chromosomes. Its table says of how many of them the base lies in a match of the factor's
profile with one of its alleles (of scores that one in 10,000 places of these chromosomes has), among all and among the
hundredth with the largest changes. `many` changes bases evenly over all chromosomes. `check` reads a compressed file and its index by htslib (pysam), and prints the
number of fields and of records of a region. Needs NumPy, and pysam for `check`.
"""

import csv
import gzip
import random
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from meme import log_odds, profiles

BASES = "ACGT"
COMPLEMENT = [3, 2, 1, 0]
HEADER = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
RANDOM = 20_000


def rows_of(path):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt") as file:
        yield from csv.DictReader(file, delimiter="\t")


def genome(folder):
    """The letters of each chromosome."""
    path = next(path for path in sorted(folder.glob("genome*")) if ".fa" in path.name and not path.name.endswith("i"))
    opener = gzip.open if path.name.endswith(".gz") else open
    found, name = defaultdict(list), ""
    with opener(path, "rt") as file:
        for line in file:
            if line.startswith(">"):
                name = line[1:].split()[0]
            else:
                found[name].append(line.strip().upper())
    return {name: "".join(lines) for name, lines in found.items()}


def one_hot(letters):
    codes = np.frombuffer(letters.encode(), np.uint8)
    return np.stack([codes == ord(base) for base in BASES], axis=1).astype(np.float32)


def known_profiles(folder):
    path = next(path for path in sorted(folder.iterdir()) if path.name.startswith("motifs"))
    return {name.upper(): log_odds(profile) for name, profile in profiles(path).items()}


def strand_scores(columns, profile):
    """The scores of all places of a profile, on both strands."""
    width = len(profile)
    return [sum(columns[at : len(columns) - width + 1 + at] @ rows[at] for at in range(width))
            for rows in (profile, profile[::-1, COMPLEMENT])]


def best_overlapping(letters, place, profile):
    """The best score of a profile among its places that hold a base, on either strand."""
    width = len(profile)
    piece = one_hot(letters[max(place - width + 1, 0) : place + width])
    return max(scores.max() for scores in strand_scores(piece, profile))


def another(draw, letter):
    return draw.choice([base for base in BASES if base != letter])


def record(chromosome, place, name, letter, new):
    return f"{chromosome}\t{place + 1}\t{name}\t{letter}\t{new}\t.\t.\t.\n"


def planted(world, cell, chromosome, out):
    draw, letters = random.Random(1), genome(world)[chromosome]
    sites, bound = defaultdict(list), defaultdict(list)
    for row in rows_of(world / "truth" / "sites.tsv"):
        if row["chr"] == chromosome:
            site = int(row["start"]), int(row["end"])
            sites[row["tf"]].append(site)
            if row[f"{cell}.occupancy"] == "B":
                bound[row["tf"]].append(site)
    with open(out, "w") as file:
        file.write(HEADER)
        for factor in sorted(bound):
            for start, end in bound[factor]:
                place = draw.randrange(start, end)
                file.write(record(chromosome, place, f"{factor}.inside", letters[place], another(draw, letters[place])))
                beside = [at for at in (*range(start - 90, start - 30), *range(end + 30, end + 90)) if 0 <= at < len(letters)]
                beside = [at for at in beside if not any(a <= at < b for a, b in sites[factor]) and letters[at] in BASES]
                place = draw.choice(beside)
                file.write(record(chromosome, place, f"{factor}.outside", letters[place], another(draw, letters[place])))


def area(inside, outside):
    """The area under the ROC curve: how often one inside exceeds one outside, ties as half."""
    values = np.concatenate([inside, outside])
    order = np.argsort(values, kind="stable")
    ranks = np.empty(len(values))
    ranks[order] = np.arange(1, len(values) + 1)
    for value in np.unique(values):
        same = values == value
        ranks[same] = ranks[same].mean()
    return (ranks[: len(inside)].sum() - len(inside) * (len(inside) + 1) / 2) / (len(inside) * len(outside))


def planted_table(world, table):
    letters, known = genome(world), known_profiles(world)
    by_model, by_profile, by_match = (defaultdict(lambda: defaultdict(list)) for _ in range(3))
    rows = list(rows_of(table))
    columns = one_hot(letters[rows[0]["chromosome"]])
    floors = {name: np.quantile(np.concatenate(strand_scores(columns, profile)), 0.999) for name, profile in known.items()}
    for row in rows:
        factor, kind = row["id"].rsplit(".", 1)
        place, chromosome = int(row["position"]) - 1, letters[row["chromosome"]]
        changed = chromosome[:place] + row["alternative"] + chromosome[place + 1 :]
        profile = known[factor.upper()]
        by_model[factor][kind].append(abs(float(row[factor])))
        scores = [best_overlapping(text, place, profile) for text in (chromosome, changed)]
        by_profile[factor][kind].append(abs(float(scores[1] - scores[0])))
        matched = [max(score, floors[factor.upper()]) for score in scores]
        by_match[factor][kind].append(abs(float(matched[1] - matched[0])))
    print("factor", "pairs", "model", "profile", "profile_matches", sep="\t")
    areas = []
    for factor in sorted(by_model):
        kinds = ("inside", "outside")
        found = [area(*(np.array(by[factor][kind]) for kind in kinds)) for by in (by_model, by_profile, by_match)]
        areas.append(found)
        print(factor, len(by_model[factor]["inside"]), *(f"{value:.3f}" for value in found), sep="\t")
    print(f"mean of {len(areas)}", "", *(f"{value:.3f}" for value in np.mean(areas, axis=0)), sep="\t")


def random_places(data, chromosomes, out):
    draw, letters = random.Random(1), genome(data)
    names = chromosomes.split(",")
    places = [(name, draw.randrange(len(letters[name]))) for name in draw.choices(names, [len(letters[n]) for n in names], k=RANDOM)]
    with open(out, "w") as file:
        file.write(HEADER)
        for name, place in sorted(set(places)):
            if letters[name][place] in BASES:
                file.write(record(name, place, ".", letters[name][place], another(draw, letters[name][place])))


def overlapping_scores(pieces, profile):
    """The best score of a profile on either strand in each of some one-hot pieces around a base, [piece, position, base]."""
    width = len(profile)
    scores = [sum(pieces[:, at : at + width] @ rows[at] for at in range(width)) for rows in (profile, profile[::-1, COMPLEMENT])]
    return np.maximum(*scores).max(axis=1)


def random_table(data, chromosomes, table):
    letters, known = genome(data), known_profiles(data)
    sequences = {name: one_hot(letters[name]) for name in chromosomes.split(",")}
    widest = max(len(profile) for profile in known.values())
    inside = lambda row: widest <= int(row["position"]) <= len(sequences[row["chromosome"]]) - widest
    rows = [row for row in rows_of(table) if inside(row)]
    around = lambda row: sequences[row["chromosome"]][int(row["position"]) - widest : int(row["position"]) - 1 + widest]
    reference = np.stack([around(row) for row in rows])
    alternative = reference.copy()
    alternative[:, widest - 1] = np.stack([one_hot(row["alternative"])[0] for row in rows])
    print("factor", "variants", "in_matches", "largest", "largest_in_matches", "median_of_largest", sep="\t")
    shares = []
    for task in sorted(list(rows[0])[6:]):
        profile = known.get(task.upper())
        if profile is None:
            continue
        scores = [score for columns in sequences.values() for score in strand_scores(columns, profile)]
        least, cut = np.quantile(np.concatenate(scores), 0.9999), widest - len(profile)
        pieces = (each[:, cut : each.shape[1] - cut] for each in (reference, alternative))
        hit = np.maximum(*(overlapping_scores(each, profile) for each in pieces)) >= least
        changes = np.abs(np.array([float(row[task]) for row in rows]))
        largest = np.argsort(-changes, kind="stable")[: len(rows) // 100]
        shares.append((hit.mean(), hit[largest].mean()))
        median = np.median(changes[largest])
        print(task, len(rows), f"{shares[-1][0]:.4f}", len(largest), f"{shares[-1][1]:.3f}", f"{median:.2f}", sep="\t")
    means = np.mean(shares, axis=0)
    print(f"mean of {len(shares)}", "", f"{means[0]:.4f}", "", f"{means[1]:.3f}", "", sep="\t")


def many(data, count, out):
    letters = genome(data)
    total = sum(len(text) for text in letters.values())
    with open(out, "w") as file:
        file.write(HEADER)
        for name, text in letters.items():
            for index in range(round(count * len(text) / total)):
                place = int(index * len(text) / (count * len(text) / total))
                if place < len(text) and text[place] in BASES:
                    file.write(record(name, place, ".", text[place], BASES[(BASES.index(text[place]) + 1) % 4]))


def check(path, region):
    import pysam

    with pysam.VariantFile(path) as file:
        records = list(file.fetch(region=region))
        fields = [name for name in file.header.info if name.startswith("TFBS")]
        assert all(name in record.info for record in records for name in fields if name != "TFBS_SKIPPED")
        print(len(fields), "fields,", len(records), "records")


if __name__ == "__main__":
    what, folder = sys.argv[1], Path(sys.argv[2])
    if what == "planted":
        planted(folder, sys.argv[3], sys.argv[4], sys.argv[5])
    elif what == "planted-table":
        planted_table(folder, sys.argv[3])
    elif what == "random":
        random_places(folder, sys.argv[3], sys.argv[4])
    elif what == "random-table":
        random_table(folder, sys.argv[3], sys.argv[4])
    elif what == "check":
        check(sys.argv[2], sys.argv[3])
    else:
        many(folder, int(sys.argv[3]), sys.argv[4])
