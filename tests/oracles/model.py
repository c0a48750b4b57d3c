"""Writes model.json: logits, loss and gradients of small models in PyTorch.

pip install torch numpy; python model.py
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

CASES = [
    # name, channels scanned by the motifs, means of the signal, both strands, pool (0: whole), pooled loss
    ("means", 0, 4, True, 0, False),
    ("channels", 1, 0, False, 5, False),
    ("channels-both-strands", 1, 0, True, 4, True),
    ("no-signal", 0, 0, True, 7, False),
]
BATCH, LENGTH, MOTIFS, WIDTH, HIDDEN, TASKS = 6, 40, 10, 7, 8, 3


def one_hot(codes, dtype=torch.float32):
    return F.one_hot(codes, 5)[..., :4].permute(0, 2, 1).to(dtype)


def reverse_complement(weight):
    return torch.cat([weight[:, :4].flip(1, 2), weight[:, 4:].flip(2)], 1)


def trunk(case, codes, signal, p):
    _, channels, means, both, pool, _ = case
    x = one_hot(codes, signal.dtype)
    if channels:
        x = torch.cat([x, signal], 1)
    scores = F.conv1d(x, p["motifs"])
    if both:
        scores = torch.maximum(scores, F.conv1d(x, reverse_complement(p["motifs"])))
    scores = F.relu(scores + p["motif_bias"][:, None])
    features = F.max_pool1d(scores, pool or scores.shape[2]).flatten(1)
    if means:
        features = torch.cat([features, signal.reshape(len(signal), means, -1).mean(2)], 1)
    return F.relu(features @ p["dense"] + p["dense_bias"])


def forward(case, codes, signal, p):
    return trunk(case, codes, signal, p) @ p["head"] + p["head_bias"]


def masked_bce(logits, targets, observed, weights, bound_weights, pooled):
    targets = torch.where(observed > 0, targets, 0.0)
    losses = F.binary_cross_entropy_with_logits(logits, targets, pos_weight=bound_weights, reduction="none")
    w = observed * weights[:, None]
    if pooled:
        return (losses * w).sum() / w.sum()
    seen = w.sum(0) > 0
    return ((losses * w).sum(0)[seen] / w.sum(0)[seen]).mean()


def run(case, generator):
    name, channels, means, both, pool, pooled = case
    positions = LENGTH - WIDTH + 1
    inputs = MOTIFS * (positions // (pool or positions)) + means
    shapes = {
        "motifs": (MOTIFS, 4 + channels, WIDTH), "motif_bias": (MOTIFS,), "dense": (inputs, HIDDEN),
        "dense_bias": (HIDDEN,), "head": (HIDDEN, TASKS), "head_bias": (TASKS,),
    }
    p = {k: (torch.randn(s, generator=generator) * 0.4).requires_grad_() for k, s in shapes.items()}
    codes = torch.randint(0, 5, (BATCH, LENGTH), generator=generator)
    signal = torch.rand((BATCH, 1, LENGTH), generator=generator)
    targets = torch.randint(0, 2, (BATCH, TASKS), generator=generator).float()
    observed = torch.randint(0, 2, (BATCH, TASKS), generator=generator).float()
    observed[:, 2] = 0.0  # a task that nobody measured
    weights = torch.rand((BATCH,), generator=generator) + 0.5
    bound_weights = torch.tensor([1.0, 3.0, 2.0])
    logits = forward(case, codes, signal, p)
    loss = masked_bce(logits, targets, observed, weights, bound_weights, pooled)
    loss.backward()
    flat = lambda t: t.detach().flatten().tolist()
    return {
        "name": name, "channels": channels, "means": means, "both_strands": both, "pool": pool, "pooled_loss": pooled,
        "codes": flat(codes), "signal": flat(signal), "targets": flat(targets), "observed": flat(observed),
        "weights": flat(weights), "bound_weights": flat(bound_weights), "logits": flat(logits), "loss": loss.item(),
        "parameters": {k: flat(v) for k, v in p.items()}, "gradients": {k: flat(v.grad) for k, v in p.items()},
    }


if __name__ == "__main__":
    generator = torch.Generator().manual_seed(20)
    cases = [run(case, generator) for case in CASES]
    sizes = {"batch": BATCH, "length": LENGTH, "motifs": MOTIFS, "width": WIDTH, "hidden": HIDDEN, "tasks": TASKS}
    text = json.dumps({"torch": torch.__version__, "sizes": sizes, "cases": cases})
    (Path(__file__).parent / "model.json").write_text(text + "\n")
