"""Motifs in sets of regions, by the documentation of `discover` (src/motif/discovery.rs), with strings.

    python discovery.py
"""

import json
import math
import random
import struct
from pathlib import Path

HERE = Path(__file__).parent
OTHER = str.maketrans("ACGTN", "TGCAN")
LAYOUTS = [(4, gap) for gap in range(10)] + [(3, 0)]
WIDTH, MARGIN, ROUNDS, PRIOR = 20, 10, 4, 4.0


def turned(text):
    return text.translate(OTHER)[::-1]


def words(text, half, gap):
    """Words of known bases, with where they start."""
    for i in range(len(text) - 2 * half - gap + 1):
        word = text[i : i + half] + text[i + half + gap : i + 2 * half + gap]
        if "N" not in word:
            yield i, word


class Composition:
    """Frequencies of stretches of up to four bases on both strands."""

    def __init__(self, texts):
        self.four = {a + b + c + d: 0.5 for a in "ACGT" for b in "ACGT" for c in "ACGT" for d in "ACGT"}
        for text in texts:
            for _, word in words(text, 2, 0):
                self.four[word] += 1
                self.four[turned(word)] += 1
        self.total = sum(self.four.values())
        self.counts = {}
        for word, count in self.four.items():
            for length in range(5):
                self.counts[word[:length]] = self.counts.get(word[:length], 0) + count

    def probability(self, word, half, gap):
        if gap:
            return self.counts[word[:half]] * self.counts[word[half:]] / self.total**2
        p = self.counts[word[:2]] / self.total
        for i in range(len(word) - 2):
            p *= self.counts[word[i : i + 3]] / self.counts[word[i : i + 2]]
        return p

    def rate(self, word, half, gap):
        return sum(self.probability(strand, half, gap) for strand in {word, turned(word)})


class Background:
    """How much more often a word occurs in the background than expected."""

    def __init__(self, genome, background):
        self.texts = [genome[at : min(end, at + 16384)] for start, end in background for at in range(start, end, 16384)]
        self.composition = Composition(self.texts)
        self.found = {}
        for half, gap in LAYOUTS:
            for text in self.texts:
                for _, word in words(text, half, gap):
                    key = (half, gap, min(word, turned(word)))
                    self.found[key] = self.found.get(key, 0) + 1

    def excess(self, word, half, gap):
        expected = self.composition.rate(word, half, gap) * self.composition.total / 2
        excess = (self.found.get((half, gap, word), 0) + 10) / (expected + 10)
        return struct.unpack("f", struct.pack("f", excess))[0]


def ratio(found, expected):
    return found * math.log(found / expected) if found > 0 else 0.0


def seeds(texts, composition, background):
    found = []
    for half, gap in LAYOUTS:
        holding = {}
        for text in texts:
            for word in {min(word, turned(word)) for _, word in words(text, half, gap)}:
                holding[word] = holding.get(word, 0) + 1
        places = sum(max(0, len(text) + 1 - 2 * half - gap) for text in texts) / len(texts)
        for word, v in sorted(holding.items()):
            rate = composition.rate(word, half, gap) * background.excess(word, half, gap)
            e = len(texts) * -math.expm1(-rate * places) + 0.5
            score = 2 * (v * math.log(v / e) - (v - e)) if v > e else 0
            if v >= 3 and score > 10:
                found.append((score, word, half, gap))
    return sorted(found, key=lambda seed: -seed[0])


def controls(genome, regions, background):
    ordered = sorted(regions)
    flanks = []
    for i, (start, end) in enumerate(ordered):
        length, before = end - start, max([0] + [other for _, other in ordered[:i]])
        limit = ordered[i + 1][0] if i + 1 < len(ordered) else len(genome)
        if start - length >= before:
            flanks.append([start - length, start])
        if before <= end and end + length <= limit:
            flanks.append([end, end + length])
    if len(flanks) >= len(regions):
        return flanks
    length = sum(end - start for start, end in regions) // len(regions)
    pieces = [[at, min(end, at + length)] for start, end in background for at in range(start, end, length)]
    free = [piece for piece in pieces if not any(s < piece[1] and piece[0] < e for s, e in regions)]
    return free[:: max(1, -(-len(free) // (2 * len(regions))))]


class Growth:
    def __init__(self, genome, regions, others, composition, seed):
        _, self.word, self.half, self.gap = seed
        self.span = 2 * self.half + self.gap
        self.flank = (WIDTH - self.span) // 2
        counts = composition.counts
        self.bases = {base: (counts[base] + counts[turned(base)]) / 2 / composition.total for base in "ACGT"}
        padded = "N" * MARGIN + genome + "N" * MARGIN
        windows = [self.windows(padded[start : end + 2 * MARGIN]) for start, end in regions]
        weights = [[1.0 if own else 0.0 for _, own in region] for region in windows]
        places = [2 * max(0, end - start + 1 - self.span) for start, end in regions]
        self.count(windows, weights)
        for _ in range(ROUNDS):
            share = min(0.95, max(0.001, self.sites / len(regions)))
            weights = [
                self.weigh(self.odds(region, own), share / count if count else 0, share)
                for region, own, count in zip(windows, weights, places)
            ]
            self.count(windows, weights)
        best = lambda odds: max(odds, default=0.0)
        own = [best(self.odds(region, of)) for region, of in zip(windows, weights)]
        others = [self.windows(padded[start : end + 2 * MARGIN]) for start, end in others]
        other = [best(self.odds(region, [0.0] * len(region))) for region in others]
        self.score = self.compare(own, other)

    def windows(self, padded):
        """The text around each similar word, and whether it is the seed itself."""
        found = []
        inner = padded[MARGIN:-MARGIN]
        for i, word in words(inner, self.half, self.gap):
            first = i + MARGIN - self.flank
            text = padded[first : first + self.span + 2 * self.flank]
            for word, text in [(word, text), (turned(word), turned(text))]:
                if sum(a != b for a, b in zip(word, self.word)) <= (2 if self.half == 4 else 1):
                    found.append((text, word == self.word))
        return found

    def count(self, windows, weights):
        width = self.span + 2 * self.flank
        self.counts = [{base: PRIOR * share for base, share in self.bases.items()} for _ in range(width)]
        for region, own in zip(windows, weights):
            for (text, _), weight in zip(region, own):
                for row, base in zip(self.counts, text):
                    if base != "N":
                        row[base] += weight
        self.sites = sum(min(1.0, sum(own)) for own in weights)

    def odds(self, region, own):
        rows = [dict(row) for row in self.counts]
        for (text, _), weight in zip(region, own):
            for row, base in zip(rows, text):
                if base != "N":
                    row[base] -= weight
        totals = [sum(row.values()) for row in rows]
        return [
            math.prod(
                row[base] / total / self.bases[base] for row, total, base in zip(rows, totals, text) if base != "N"
            )
            for text, _ in region
        ]

    def weigh(self, odds, each, share):
        total = 1 - share + each * sum(odds)
        return [each * value / total for value in odds]

    def compare(self, own, other):
        chance = len(own) / (len(own) + len(other))
        best = 0.0
        for threshold in sorted({value for value in own + other if value > 1}):
            v, c = [sum(value >= threshold for value in values) for values in (own, other)]
            if v > (v + c) * chance:
                best = max(best, 2 * (ratio(v, (v + c) * chance) + ratio(c, (v + c) * (1 - chance))))
        return best

    def shares(self):
        return [{base: count / sum(row.values()) for base, count in row.items()} for row in self.counts]

    def core(self):
        """The positions from the first to the last of .3 bits."""
        shares = self.shares()
        bits = [2 + sum(p * math.log2(p) for p in row.values()) for row in shares]
        informative = [i for i, value in enumerate(bits) if value >= 0.3]
        return shares[informative[0] : informative[-1] + 1] if informative else []

    def explains(self, word, half, gap):
        shares = self.shares()
        bits = [2 + sum(p * math.log2(p) for p in row.values()) for row in shares]
        offsets = list(range(half)) + list(range(half + gap, 2 * half + gap))
        for shift in range(-2 * half - gap, len(shares)):
            for strand in [word, turned(word)]:
                at = [(shift + offset, base) for offset, base in zip(offsets, strand)]
                if sum(0 <= i < len(shares) and bits[i] >= 0.3 and shares[i][b] >= 0.3 for i, b in at) >= 2 * half - 2:
                    return True
        return False


def correlation(a, b):
    a, b = [[row[base] - 0.25 for base in "ACGT"] for row in (a, b)]
    lengths = math.sqrt(sum(x * x for x in a) * sum(x * x for x in b))
    return sum(x * y for x, y in zip(a, b)) / lengths if lengths else 0.0


def alike(a, b):
    if not a or not b:
        return False
    least = min(6, len(a), len(b))
    best = -math.inf
    for b in [b, [{"ACGT"[3 - "ACGT".index(base)]: p for base, p in row.items()} for row in reversed(b)]]:
        for shift in range(least - len(a), len(b) - least + 1):
            pairs = [(row, b[i + shift]) for i, row in enumerate(a) if 0 <= i + shift < len(b)]
            best = max(best, sum(correlation(x, y) for x, y in pairs))
    return best > 0.75 * min(len(a), len(b))


def discover(genome, background, sets, count):
    excess = Background(genome, background)
    found = []
    for name, regions in sets:
        texts = [genome[start:end] for start, end in regions]
        composition = Composition(texts)
        others = controls(genome, regions, background)
        grown = []
        for seed in seeds(texts, composition, excess):
            if len(grown) < 6 and not any(before.explains(*seed[1:]) for before in grown):
                grown.append(Growth(genome, regions, others, composition, seed))
        grown.sort(key=lambda one: -one.score)
        kept = []
        for one in grown:
            if len(kept) < count and not any(alike(before.core(), one.core()) for before in kept):
                kept.append(one)
        found.append([(name if i == 0 else f"{name}-{i + 1}", one) for i, one in enumerate(kept)])
    motifs = []
    for round in range(count):
        for of_set in found:
            for id, one in of_set[round : round + 1]:
                rows = [[row[base] for base in "ACGT"] for row in one.shares()]
                motifs.append({"id": id, "rows": rows, "sites": one.sites, "score": one.score})
                print(id, one.word, one.gap, round_to(one.sites), round_to(one.score))
    return motifs


def round_to(value):
    return f"{value:.3f}"


def world():
    """Random bases with sites, some of them changed, on either strand of some regions."""
    draw = random.Random(8)
    letters = [draw.choice("AACGTT") for _ in range(70_000)]
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
            # Anywhere, also at the end of a region.
            middle = start + draw.randint(0, length - len(site))
            letters[middle : middle + len(site)] = site
            regions.append([start, start + length])
            # Some have a neighbour where their flank would be.
            start += length + draw.choice([1, 12, 500])
        sets.append([name, regions])
    letters[5_000:5_003] = "NNN"
    genome = "".join(letters)
    sets[0][1].append([len(genome) - 40, len(genome)])
    return genome, [[20_000, 54_000], [54_500, len(genome)]], sets


if __name__ == "__main__":
    genome, background, sets = world()
    oracle = {"genome": genome, "background": background, "sets": sets, "count": 3}
    oracle["motifs"] = discover(genome, background, sets, 3)
    (HERE / "discovery.json").write_text(json.dumps(oracle, separators=(",", ":")) + "\n")
