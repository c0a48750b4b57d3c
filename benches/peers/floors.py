"""What each benchmark has to do at the least: operations (a product and its sum are one) and bytes moved.

    python3 benches/peers/floors.py
    out/venv/bin/python benches/peers/floors.py --beside FILE --threads 2

The second needs PyTorch and the table that `run.py` wrote on the same machine. It measures how many products and sums a
large matrix product takes in a second, and prints the time that `tables` and `rest` take at that speed beside ours. The
lookups of `tables` are sums that no matrix product takes, and the layers of B take half of the products.

`dense` is what a convolution of one-hot windows multiplies. `tables` is what remains with three bases a lookup, signals by
their changes, and a backward pass that visits winners only (all pools are taken to have one). `rest` is all behind the
motifs, the same on both sides. `bytes` are the weights, the pooled motifs and the layers behind them, each written and
read once, and in a step the gradients and AdamW's three reads and three writes of each weight.
"""

import argparse
import statistics
import time
from math import ceil

# The share of bases at which the signal changes; positions abreast in the kernel.
CHANGES = {"A": 0.064, "A1": None, "B": 0.064, "C": None}
ABREAST = 6
A = dict(batch=64, length=1000, motifs=128, width=26, pool=13, strands=1, channels=1, hidden=128, tasks=32, layers=0)
MODELS = {
    "A": A,
    "A1": A,
    "B": {**A, "motifs": 64, "width": 21, "pool": 4, "layers": 5},
    "C": dict(
        batch=128, length=318, motifs=128, width=19, pool=300, strands=2, channels=0, hidden=256, tasks=49, layers=0
    ),
}


def floor(name):
    m = MODELS[name]
    positions = m["length"] - m["width"] + 1
    pools = positions // m["pool"]
    places = m["batch"] * positions * m["motifs"] * m["strands"]
    pooled = m["batch"] * m["motifs"] * pools
    changes = CHANGES[name]
    taps = m["width"] if changes is None else 1 + changes * (m["width"] + ABREAST - 1)
    lookups = ceil(m["width"] / 3)
    dense = places * (4 + m["channels"]) * m["width"]
    tables = places * (lookups + m["channels"] * taps)
    winners = pooled * (lookups + m["channels"] * m["width"])
    body = m["layers"] * m["batch"] * pools * m["motifs"] ** 2 * 3
    inputs = m["motifs"] if m["layers"] else m["motifs"] * pools + (6 if name == "C" else 0)
    head = m["batch"] * m["hidden"] * (inputs + m["tasks"])
    conv = m["motifs"] * ((4 + m["channels"]) * m["width"] + 1)
    weights = conv + m["layers"] * (3 * m["motifs"] + 1) * m["motifs"]
    weights += (inputs + 1) * m["hidden"] + (m["hidden"] + 1) * m["tasks"]
    activations = pooled * (1 + m["layers"])
    forward = (dense, tables, body + head, 4 * (weights + 2 * activations))
    step = (2 * dense, tables + winners, 3 * (body + head), 4 * (2 * weights + 6 * weights + 6 * activations))
    return {"forward": forward, "step": step}


def operations_a_millisecond(threads):
    """Products and sums of a large matrix product, the median of some."""
    import torch

    torch.set_num_threads(threads)
    size, seconds = 1536, []
    left, right = torch.randn(size, size), torch.randn(size, size)
    for _ in range(25):
        start = time.perf_counter()
        left @ right
        seconds.append(time.perf_counter() - start)
    return size**3 / statistics.median(seconds[5:]) / 1e3


def beside(path, threads):
    rate = operations_a_millisecond(threads)
    print(f"# {rate / 1e6:.1f} thousand million products and sums a second")
    print("model\twork\tleast_ms\tours_ms\tratio")
    for line in open(path, encoding="utf-8"):
        fields = line.split("\t")
        if fields[0] not in MODELS or fields[1] not in ("forward", "step"):
            continue
        _, tables, rest, _ = floor(fields[0])[fields[1]]
        least, ours = (tables + rest) / rate, float(fields[2])
        print(*fields[:2], f"{least:.2f}", f"{ours:.2f}", f"{ours / least:.1f}", sep="\t")


def main():
    parser = argparse.ArgumentParser(description="What each benchmark has to do at the least.")
    parser.add_argument("--beside", metavar="FILE", help="a table that run.py wrote on this machine")
    parser.add_argument("--threads", type=int, default=2, help="the threads of that table")
    args = parser.parse_args()
    if args.beside:
        beside(args.beside, args.threads)
        return
    print("model\twork\tdense_Mop\ttables_Mop\trest_Mop\tMbyte")
    for name in MODELS:
        for work, numbers in floor(name).items():
            print(name, work, *(f"{number / 1e6:.1f}" for number in numbers), sep="\t")


if __name__ == "__main__":
    main()
