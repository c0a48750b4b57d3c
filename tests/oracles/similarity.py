"""Expected similarities of the toy motifs, written to similarity.json beside this script.

Every alignment is laid out in NumPy, and the best is taken by the rule in src/motif/alignment.rs. What an offset, an
overlap and a strand are is checked with memelite's Tomtom: its scores differ (it subtracts medians over the targets),
but where a query was cut from a target, both must find the place.

    pip install numpy biopython==1.88 memelite==0.5.0 && python similarity.py

Gupta et al. 2007, doi:10.1186/gb-2007-8-2-r24.
"""

import json
from pathlib import Path

import numpy as np
from Bio import motifs
from memelite import tomtom

HERE = Path(__file__).parent
LETTERS = "ACGT"
TIE = 1e-12
FLAT = 1e-9


def pearson(a, b):
    if np.ptp(a) < FLAT or np.ptp(b) < FLAT:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def euclidean(a, b):
    return -float(np.linalg.norm(a - b))


SCORES = {"pearson": pearson, "euclidean": euclidean}


def best(query, target, score, min_overlap):
    least = max(1, min(min_overlap, len(query), len(target)))
    found = []
    for strand, rows in (("+", target), ("-", target[::-1, ::-1])):
        for offset in range(-len(query), len(target) + 1):
            # The query's position i lies over the target's position i + offset.
            pairs = [(i, i + offset) for i in range(len(query)) if 0 <= i + offset < len(rows)]
            if len(pairs) >= least:
                found.append((sum(score(query[i], rows[j]) for i, j in pairs), strand, offset, len(pairs)))
    highest = max(total for total, *_ in found)
    tied = [alignment for alignment in found if alignment[0] >= highest - TIE]
    return min(tied, key=lambda alignment: (alignment[1], abs(alignment[2]), alignment[2]))


def toys():
    """Rows of each toy motif."""
    found = {}
    with open(HERE / "toy.meme") as meme, open(HERE / "toy.jaspar") as jaspar:
        for motif in motifs.parse(meme, "minimal"):
            found[motif.name] = motif.counts
        for motif in motifs.parse(jaspar, "jaspar"):
            found[motif.matrix_id] = motif.counts
    tables = {name: np.array([counts[letter] for letter in LETTERS], dtype=float).T for name, counts in found.items()}
    return {name: rows / rows.sum(axis=1, keepdims=True) for name, rows in tables.items()}


def check_conventions():
    """Cuts queries out of random motifs, with flanks and on either strand, and compares with memelite."""
    random = np.random.default_rng(7)
    targets = [random.dirichlet([0.1] * 4, size=random.integers(12, 18)) for _ in range(60)]
    queries = []
    for number, target in enumerate(targets):
        start, end = random.integers(0, 3), len(target) - random.integers(0, 3)
        query = np.concatenate([random.dirichlet([0.1] * 4, size=random.integers(0, 3)), target[start:end]])
        queries.append(query[::-1, ::-1] if number % 2 else query)
    _, _, offsets, overlaps, strands = tomtom([q.T.copy() for q in queries], [t.T.copy() for t in targets])
    for i, (query, target) in enumerate(zip(queries, targets)):
        theirs = ("+-"[int(strands[i, i])], int(offsets[i, i]), int(overlaps[i, i]))
        assert theirs == best(query, target, pearson, 1)[1:], i
        assert theirs[0] == "+-"[i % 2], i
    assert len(set(offsets[range(60), range(60)])) > 3


if __name__ == "__main__":
    check_conventions()
    profiles = toys()
    values = []
    for query in profiles:
        for target in profiles:
            for name, score in SCORES.items():
                for min_overlap in (1, 2, 4, 100):
                    total, strand, offset, overlap = best(profiles[query], profiles[target], score, min_overlap)
                    values.append({
                        "query": query,
                        "target": target,
                        "column_score": name,
                        "min_overlap": min_overlap,
                        "score": total,
                        "offset": offset,
                        "overlap": overlap,
                        "strand": strand,
                    })
    (HERE / "similarity.json").write_text(json.dumps({"similarities": values}, indent=1) + "\n")
