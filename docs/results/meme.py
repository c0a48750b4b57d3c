"""Reads the profiles of a MEME file."""

import numpy as np


def profiles(path):
    """The probabilities of each motif, [position, base], by its alternate name."""
    found, rows, left, name = {}, [], 0, ""
    for line in open(path):
        fields = line.split()
        if line.startswith("MOTIF"):
            name = fields[2]
        elif line.startswith("letter-probability"):
            left, rows = int(line.split("w=")[1].split()[0]), []
        elif left and len(fields) == 4:
            rows.append([float(field) for field in fields])
            left -= 1
            if not left:
                found[name] = np.array(rows)
    return found


def log_odds(profile):
    """Log-odds against even bases."""
    return np.log((profile + 0.01) / 1.04 / 0.25)
