"""Motif files between programs: what others read of ours, and what they write for us to read.

written.meme and written.transfac are the bytes that src/motif/format/tests/interchange.rs writes; Biopython reads them here. The
files foreign.* hold the same motifs: Biopython has no writer of MEME, so that one is by memelite.

    pip install biopython==1.88 memelite==0.5.0 && python written.py
"""

from pathlib import Path

import Bio
import numpy as np
from Bio import motifs
from Bio.motifs import jaspar, transfac
from memelite.io import write_meme

HERE = Path(__file__).parent
LETTERS = "ACGT"
ABSOLUTE = 1e-6
# Identifier, alternate name, sites, counts; the second is written without its sites.
MOTIFS = [
    ("TOY1.1", "Alpha", 100, [[10, 20, 30, 40], [100, 0, 0, 0], [2, 90, 6, 2]]),
    ("TOY2", "", 20, [[1, 17, 1, 1], [5, 5, 5, 5]]),
    ("TOY3", "Gamma", 9, [[3, 6, 0, 0], [0, 1, 4, 4]]),
]


def columns(rows):
    return {letter: [float(row[i]) for row in rows] for i, letter in enumerate(LETTERS)}


def check(found, expected):
    identifier, _, sites, rows = expected
    assert found.length == len(rows), identifier
    probabilities = found.counts.normalize(0)
    probabilities = np.array([probabilities[letter] for letter in LETTERS]).T
    assert np.abs(probabilities - np.array(rows) / sites).max() <= ABSOLUTE, identifier


def read_ours():
    with open(HERE / "written.meme") as file:
        found = motifs.parse(file, "minimal")
    assert [motif.name for motif in found] == [identifier for identifier, *_ in MOTIFS]
    assert [motif.num_occurrences for motif in found] == [sites for _, _, sites, _ in MOTIFS]
    for motif, expected in zip(found, MOTIFS):
        check(motif, expected)
    with open(HERE / "written.transfac") as file:
        found = motifs.parse(file, "transfac", strict=True)
    assert [motif["AC"] for motif in found] == [identifier for identifier, *_ in MOTIFS]
    assert [motif.get("NA", "") for motif in found] == [name for _, name, *_ in MOTIFS]
    for motif, expected in zip(found, MOTIFS):
        check(motif, expected)


def write_foreign():
    record = transfac.Record()
    record.version = f"Biopython {Bio.__version__}"
    profiles = []
    for identifier, name, _, rows in MOTIFS:
        motif = transfac.Motif(alphabet=LETTERS, counts=columns(rows))
        motif.update({"AC": identifier, "NA": name} if name else {"AC": identifier})
        record.append(motif)
        profiles.append(jaspar.Motif(identifier, name, alphabet=LETTERS, counts=columns(rows)))
    (HERE / "foreign.transfac").write_text(motifs.write(record, "transfac"))
    (HERE / "foreign.jaspar").write_text(motifs.write(profiles, "jaspar"))
    # A line a position, and a line a base without its letter; Biopython leaves the identifiers out of both.
    for ending, form in [("pcm", "clusterbuster"), ("pfm", "pfm")]:
        blocks = []
        for motif in profiles:
            matrix = [line for line in motifs.write([motif], form).splitlines() if line and not line.startswith(">")]
            blocks.append("\n".join([f">{motif.matrix_id}\t{motif.name}".strip(), *matrix, ""]))
        (HERE / f"foreign.{ending}").write_text("".join(blocks))
    named = {f"{identifier} {name}".strip(): np.array(rows).T / sites for identifier, name, sites, rows in MOTIFS}
    write_meme(HERE / "foreign.meme", named)


if __name__ == "__main__":
    write_foreign()
    read_ours()
