"""Whether TF-MoDISco finds the known motifs in what `multitf explain` wrote.

    python tests/oracles/modisco.py out/explained $MULTITF_DATA/yeast/motifs.meme 300 Reb1,Abf1,Rap1 > tests/oracles/modisco.tsv

Runs `modisco motifs` on the one-hot sequences and the hypothetical contributions of each factor, compares the patterns that speak
for binding with all profiles by Tomtom, and prints for each of the first three patterns its seqlets, the nearest
profile with p and q over all profiles, and the rank of the factor's own. Needs modisco-lite 3.0 (pip install
modisco-lite).
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
from memelite import tomtom

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "results"))
from meme import profiles  # noqa: E402

PATTERNS = 3
SEQLETS = 2_000


def patterns(explained, factor, window, folder):
    out = Path(folder) / f"{factor}.h5"
    # Beside Python where its folder is not among those of programs.
    modisco = shutil.which("modisco") or Path(sys.executable).parent / "modisco"
    command = [modisco, "motifs", "-s", explained / "one-hot.npz", "-a", explained / "contributions" / f"{factor}.npz"]
    subprocess.run([*command, "-n", str(SEQLETS), "-w", str(window), "-o", out], check=True, stdout=sys.stderr)
    with h5py.File(out) as file:
        found = file.get("pos_patterns", {})
        names = sorted(found, key=lambda name: int(name.split("_")[1]))[:PATTERNS]
        return [(int(found[name]["seqlets"]["n_seqlets"][0]), trimmed(found[name]["sequence"][:].T)) for name in names]


def trimmed(pattern):
    """A pattern without the flanks that hold less than .3 bits."""
    shares = (pattern + 1e-3) / (pattern + 1e-3).sum(axis=0)
    informative = np.flatnonzero(2 + (shares * np.log2(shares)).sum(axis=0) >= 0.3)
    return shares[:, informative[0] : informative[-1] + 1] if len(informative) else shares


def adjusted(p):
    """Benjamini and Hochberg's q."""
    order = np.argsort(p)
    q = np.minimum.accumulate((p[order] * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1]
    return np.minimum(q, 1)[np.argsort(order)]


def main():
    explained, window = Path(sys.argv[1]), int(sys.argv[3])
    known = {name.upper(): profile.T for name, profile in profiles(sys.argv[2]).items()}
    names = list(known)
    print("factor", "pattern", "seqlets", "nearest", "p", "q", "rank_of_own", sep="\t")
    with tempfile.TemporaryDirectory() as folder:
        for factor in sys.argv[4].split(","):
            for number, (seqlets, pattern) in enumerate(patterns(explained, factor, window, folder)):
                p = tomtom([pattern], [known[name] for name in names])[0][0]
                q, nearest = adjusted(p), int(np.argmin(p))
                rank = int((p < p[names.index(factor.upper())]).sum()) + 1
                print(factor, number, seqlets, names[nearest], f"{p[nearest]:.1e}", f"{q[nearest]:.1e}", rank, sep="\t")


if __name__ == "__main__":
    main()
