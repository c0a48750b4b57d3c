"""Writes bigwig.json: what pyBigWig reads from the yeast accessibility track of the folder in MULTITF_DATA.

Needs numpy and pyBigWig (made with 2.4.6 and 0.3.29). Bases without a value count as 0. For 200 intervals, drawn with a
fixed seed: chromosome, start, end, the mean (64-bit sum over 32-bit values), the maximum, and the values of the first
bases.
"""

import json
import os
import pathlib
import random

import numpy as np
import pyBigWig

FIRST_BASES = 6

track = pyBigWig.open(os.path.join(os.environ["MULTITF_DATA"], "yeast/ATAC.BY4741.fc.signal.bigwig"))
chromosomes = sorted(track.chroms().items())
rng = random.Random(20260)

rows = []
for i in range(200):
    name, length = rng.choice(chromosomes)
    width = min(length, round(10 ** rng.uniform(0, 5.3)))
    start = rng.randint(0, length - width)
    if i == 0:
        start, width = 0, length
    values = np.nan_to_num(track.values(name, start, start + width, numpy=True).astype(np.float32))
    mean = float(values.astype(np.float64).mean())
    first = [float(value) for value in values[:FIRST_BASES]]
    rows.append([name, start, start + width, mean, float(values.max()), first])

lines = ",\n".join(json.dumps(row) for row in rows)
pathlib.Path(__file__).with_suffix(".json").write_text(f"[\n{lines}\n]\n")
