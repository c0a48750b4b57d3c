"""How few genome blocks with bound bins still give honest verdicts? A simulation behind `eval::MIN_BLOCKS`.

    pip install numpy && python few_blocks.py > few_blocks.tsv  (ten minutes)

Two models of the same skill score a track whose bound bins lie in some blocks; 30 more blocks hold unbound bins alone.
A model errs by block (as its neighbours do, `shared` standard deviations of what it errs by bin), so that bins are not
independent. Then the crate's bootstrap is run, written independently: how often does the 95 % interval hold 0, how often
is p below .05 and .0025, and in how many families of 20 such tracks does any have q < .05?
"""

import numpy as np

BINS_A_BLOCK, EMPTY_BLOCKS, REPLICATES, TRACKS, FAMILY = 10, 30, 2000, 800, 20


def average_precision(order, bound, weights):
    """Average precision for each row of weights `[replicate, bin]`."""
    weights, bound = weights[:, order], bound[order]
    called, true = np.cumsum(weights, axis=1), np.cumsum(weights * bound, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = true / called
    return np.nansum(precision * (weights * bound), axis=1) / true[:, -1]


def bound_bins(random, blocks):
    """A run of one to four bound bins in each of the first blocks."""
    bound = np.zeros((blocks + EMPTY_BLOCKS) * BINS_A_BLOCK, bool)
    for block in range(blocks):
        length = 1 + random.integers(0, 4)
        start = block * BINS_A_BLOCK + random.integers(0, BINS_A_BLOCK - length + 1)
        bound[start : start + length] = True
    return bound


def track(random, blocks, shared):
    """Whether the interval of no difference holds 0, and its p-value."""
    all_blocks = blocks + EMPTY_BLOCKS
    bound = bound_bins(random, blocks)
    block = np.repeat(np.arange(all_blocks), BINS_A_BLOCK)

    def ranking():
        # An error that all bins of a block share, one that its bound bins share, and one of each bin.
        error = random.normal(size=all_blocks)[block] + bound * random.normal(size=all_blocks)[block]
        return np.argsort(-(2.0 * bound + shared * error + random.normal(size=len(bound))))

    a, b = ranking(), ranking()
    draws = random.multinomial(all_blocks, np.full(all_blocks, 1 / all_blocks), size=REPLICATES)
    while (empty := draws[:, :blocks].sum(1) == 0).any():
        draws[empty] = random.multinomial(all_blocks, np.full(all_blocks, 1 / all_blocks), size=empty.sum())
    weights = np.repeat(draws, BINS_A_BLOCK, axis=1).astype(np.float32)
    differences = average_precision(a, bound, weights) - average_precision(b, bound, weights)
    low, high = np.quantile(differences, [0.025, 0.975])
    p = 2 * (min((differences <= 0).sum(), (differences >= 0).sum()) + 1) / (REPLICATES + 1)
    return low <= 0 <= high, min(1, p)


def lowest_q(p):
    ascending = np.sort(p)
    return (ascending * len(p) / np.arange(1, len(p) + 1)).min()


def main():
    print("shared\tblocks\tcoverage\tp_below_05\tp_below_0025\tfamilies_with_q_below_05")
    for shared in (0.5, 1.0):
        for blocks in (2, 3, 4, 5, 6, 8, 10, 15, 20, 40):
            random = np.random.default_rng([blocks, int(10 * shared)])
            held, p = map(np.array, zip(*(track(random, blocks, shared) for _ in range(TRACKS))))
            families = np.mean([lowest_q(family) < 0.05 for family in p.reshape(-1, FAMILY)])
            rates = [np.mean(held), np.mean(p < 0.05), np.mean(p < 0.0025)]
            print(f"{shared}\t{blocks}\t" + "\t".join(f"{rate:.4f}" for rate in rates) + f"\t{families:.3f}", flush=True)


if __name__ == "__main__":
    main()
