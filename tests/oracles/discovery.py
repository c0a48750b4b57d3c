"""Motifs in sets of regions, by the recipe in the documentation of `discover` (src/motif/discovery.rs), with strings.

A word of 8 bases, on either strand, scores 2 (v ln(v / e) - (v - e)): v regions hold it, and e = 0.5 + its occurrences
in the background times bases of regions over bases of background. Only the middle 300 bases of a region count. Words
above 21.8 stand out. The best one (of equals the first in the alphabet) and its neighbours of one mismatch that score
above a tenth of it are aligned with 5 positions to either side, on both strands, above one count of each base. Its
consensus from the first to the last position of 0.3 bits then bars words that share 6 bases in a row with it.

    python discovery.py
"""

import json
import math
import random
from pathlib import Path

HERE = Path(__file__).parent
OTHER = str.maketrans("ACGTN", "TGCAN")
LENGTH, FLANK, MIDDLE = 8, 5, 300


def turned(text):
    return text.translate(OTHER)[::-1]


def words(text):
    """Words of known bases, with where they start."""
    found = ((i, text[i : i + LENGTH]) for i in range(len(text) - LENGTH + 1))
    return [(i, word) for i, word in found if "N" not in word]


def canonical(word):
    return min(word, turned(word))


def neighbours(word):
    return [word] + [word[:i] + base + word[i + 1 :] for i in range(LENGTH) for base in "ACGT" if base != word[i]]


class Search:
    def __init__(self, genome, regions, frequencies, background_bases):
        self.genome = genome
        self.regions = []
        for start, end in regions:
            start += max(0, (end - start - MIDDLE)) // 2
            self.regions.append((start, min(end, start + MIDDLE)))
        holding = {}
        for start, end in self.regions:
            for word in {canonical(word) for _, word in words(genome[start:end])}:
                holding[word] = holding.get(word, 0) + 1
        rate = sum(end - start for start, end in self.regions) / background_bases
        self.scores = {}
        for word, v in holding.items():
            e = frequencies.get(word, 0) * rate + 0.5
            if v > e:
                self.scores[word] = 2 * (v * math.log(v / e) - (v - e))
        self.candidates = sorted((-score, word) for word, score in self.scores.items() if score > 21.8)

    def next(self, taken):
        while self.candidates:
            _, word = self.candidates.pop(0)
            if not any(word[i : i + 6] in taken for i in range(LENGTH - 5)):
                return word, self.grow(word)
        return None

    def grow(self, word):
        score = lambda other: self.scores.get(canonical(other), 0)
        alike = {other for other in neighbours(word) if other == word or score(other) > 0.1 * score(word)}
        counts = [[1, 1, 1, 1] for _ in range(LENGTH + 2 * FLANK)]
        sites = 0
        for start, end in self.regions:
            padded = "N" * FLANK + self.genome + "N" * FLANK
            flanked = padded[start : end + 2 * FLANK]
            for strand in [flanked, turned(flanked)]:
                for i, found in words(strand[FLANK:-FLANK]):
                    if found in alike:
                        for row, base in zip(counts, strand[i:]):
                            if base != "N":
                                row["ACGT".index(base)] += 1
            sites += sum(found in alike or turned(found) in alike for _, found in words(self.genome[start:end]))
        return counts, sites


def bar(counts, taken):
    shares = [[count / sum(row) for count in row] for row in counts]
    bits = [2 + sum(p * math.log2(p) for p in row) for row in shares]
    informative = [i for i, value in enumerate(bits) if value >= 0.3]
    if informative:
        core = "".join("ACGT"[row.index(max(row))] for row in shares[informative[0] : informative[-1] + 1])
        for strand in [core, turned(core)]:
            taken.update(strand[i : i + 6] for i in range(len(strand) - 5))


def discover(genome, background, sets, count):
    frequencies = {}
    for start, end in background:
        for _, word in words(genome[start:end]):
            frequencies[canonical(word)] = frequencies.get(canonical(word), 0) + 1
    bases = sum(end - start for start, end in background)
    searches = [(name, Search(genome, regions, frequencies, bases)) for name, regions in sets]
    found, taken = [], set()
    for round in range(1, count + 1):
        for name, search in searches:
            step = search.next(taken)
            if step:
                word, (counts, sites) = step
                bar(counts, taken)
                found.append({"id": name if round == 1 else f"{name}-{round}", "word": word, "counts": counts, "sites": sites})
    return found


def world():
    """Random bases with sites, some of them changed, on either strand of some regions."""
    draw = random.Random(8)
    letters = [draw.choice("AACGTT") for _ in range(48_000)]
    sets, start = [], 0
    for name, sites, number in [("one", ["TGCTGAGTCA", "GGTACCTTGC"], 75), ("two", ["CCACGTGACC"], 50)]:
        regions = []
        for region in range(number):
            length = draw.choice([60, 120, 200, 301, 450])
            site = list(sites[region % 5 > 2 and len(sites) > 1])
            if draw.random() < 0.5:
                # One base often is another one, others now and then.
                at = draw.choice([3, 3, 3, 2, 5])
                site[at] = "A" if at == 3 else draw.choice("ACGT")
            site = "".join(site)
            site = turned(site) if draw.random() < 0.5 else site
            # Near the middle, or where long regions are not looked at.
            middle = start + length // 2 + draw.randint(-20, 15) if draw.random() < 0.9 else start + 10
            letters[middle : middle + len(site)] = site
            regions.append([start, start + length])
            start += length + draw.randint(1, 12)
        sets.append([name, regions])
    letters[5_000:5_003] = "NNN"
    genome = "".join(letters)
    sets[0][1].append([len(genome) - 40, len(genome)])
    return genome, [[20_000, 34_000], [34_500, len(genome)]], sets


if __name__ == "__main__":
    genome, background, sets = world()
    found = discover(genome, background, sets, 3)
    for motif in found:
        print(motif["id"], motif["word"], motif["sites"], motif["counts"])
    oracle = {"genome": genome, "background": background, "sets": sets, "count": 3, "motifs": found}
    (HERE / "discovery.json").write_text(json.dumps(oracle, separators=(",", ":")) + "\n")
