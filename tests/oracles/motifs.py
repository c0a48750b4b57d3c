"""Expected values for the motif room, written to motifs.json beside this script.

toy.meme and toy.jaspar are read by Biopython, which also gives consensus, information, reverse complement and log-odds.

    pip install biopython && python motifs.py
"""

import json
import math
from pathlib import Path

from Bio import motifs
from Bio.motifs import matrix

HERE = Path(__file__).parent
LETTERS = "ACGT"
BACKGROUND = dict(zip(LETTERS, (0.31, 0.19, 0.21, 0.29)))
# Sites drawn from the background that are added to the counts.
PSEUDOCOUNT = 2.5


def rows(columns):
    return [list(map(float, row)) for row in zip(*(columns[letter] for letter in LETTERS))]


def expected(motif, file, names):
    counts = matrix.FrequencyPositionMatrix(LETTERS, {letter: motif.counts[letter] for letter in LETTERS})
    smoothed = counts.normalize({letter: PSEUDOCOUNT * BACKGROUND[letter] for letter in LETTERS})
    log2_odds = rows(smoothed.log_odds(BACKGROUND))
    motif.background = None  # Uniform, for the information.
    sites = sum(counts[letter][0] for letter in LETTERS)
    return {
        "file": file,
        "id": names[0],
        "name": names[1],
        "sites": sites,
        "probabilities": rows(counts.normalize(0)),
        "reverse_complement": rows(counts.normalize(0).reverse_complement()),
        "smoothed": rows(smoothed),
        "log_odds": [[x * math.log(2) for x in row] for row in log2_odds],
        "information": float(sum(motif.relative_entropy)),
        "consensus": str(counts.consensus),
    }


def meme_names():
    """Identifiers and alternate names; Biopython keeps the former alone."""
    words = [line.split() for line in (HERE / "toy.meme").read_text().splitlines() if line.startswith("MOTIF")]
    return [(w[1], w[2] if len(w) > 2 else "") for w in words]


if __name__ == "__main__":
    with open(HERE / "toy.meme") as meme, open(HERE / "toy.jaspar") as jaspar:
        values = [expected(m, "toy.meme", names) for m, names in zip(motifs.parse(meme, "minimal"), meme_names())]
        values += [expected(m, "toy.jaspar", (m.matrix_id, m.name)) for m in motifs.parse(jaspar, "jaspar")]
    result = {"background": list(BACKGROUND.values()), "pseudocount": PSEUDOCOUNT, "motifs": values}
    (HERE / "motifs.json").write_text(json.dumps(result, indent=1) + "\n")
