"""Writes heads.json: logits, losses, gradients and training of every head in PyTorch.

pip install torch numpy mpmath; python heads.py

The formulas are PyTorch's own or the textbook's (probabilities, then their logarithms), not the crate's stable ones:
`cases` and `extreme` are computed in float64, where that is exact enough. The one place where it is not, ordinal
losses at extreme logits, is computed by `exact_ordinal` with 50 digits. Inputs are float32 numbers.
"""

import itertools
import json
from pathlib import Path
from typing import NamedTuple

import mpmath
import torch
import torch.nn.functional as F

from model import trunk

BATCH, FEATURES, TASKS = 7, 5, 4
BOUND_WEIGHTS = [1.0, 3.0, 2.0, 0.5]
SOFT = 0.3
TRUNK = ("training", 0, 4, True, 0, False)
TRAINING = {"steps": 20, "batch": 8, "length": 40, "motifs": 6, "width": 7, "means": 4, "hidden": 8, "tasks": 3}
ADAMW = {"lr": 0.01, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01}


class Settings(NamedTuple):
    head: str
    classes: int  # softmax: 2 (unbound, bound) or 3 (unbound, ambiguous, bound); as many in the targets of the others
    shared_gap: bool = False
    ambiguous: str = "masked"
    reduction: str = "per-task"
    smoothing: float = 0.0
    bound_weights: list | None = None


HEADS = [
    Settings("sigmoid", 2), Settings("softmax", 2), Settings("softmax", 3), Settings("ordinal", 3),
    Settings("ordinal", 3, shared_gap=True), Settings("convex", 2), Settings("exclusive", 2),
]


# Heads.


def parameter_shapes(s, features, tasks):
    if s.head == "convex":
        return {"mixture": (tasks, features + 2), "shift": (tasks,)}
    outputs = tasks * s.classes if s.head == "softmax" else tasks
    shapes = {"linear_weight": (features, outputs), "linear_bias": (outputs,)}
    return shapes | ({"gap": (1 if s.shared_gap else tasks,)} if s.head == "ordinal" else {})


def head_logits(s, features, p):
    if s.head == "convex":
        bound = torch.cat([1 - torch.exp(-features), features.new_tensor([1.0, 0.0]).expand(len(features), 2)], 1)
        return (torch.logit(bound @ torch.softmax(p["mixture"], 1).T) + p["shift"])[..., None]
    z = F.linear(features, p["linear_weight"].T, p["linear_bias"])
    if s.head == "softmax":
        return z.unflatten(1, (-1, s.classes))
    if s.head == "ordinal":
        return torch.stack([z + F.softplus(p["gap"]), z], 2)
    return z[..., None]


def bound_log_odds(s, logits):
    if s.head == "softmax":
        return torch.logit(torch.softmax(logits, 2)[..., -1])
    if s.head == "exclusive":
        return torch.logit(torch.softmax(F.pad(logits[..., 0], (0, 1)), 1)[:, :-1])
    return logits[..., -1]


# Losses.


def class_targets(s, labels, dtype):
    """Distributions over the classes, all zero where the label counts as missing."""
    unbound, bound = [[1.0, 0.0], [0.0, 1.0]] if s.classes == 2 else [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    missing = [0.0] * s.classes
    own_class = unbound if s.classes == 2 else [0.0, 1.0, 0.0]
    soft = [(1 - SOFT) * u + SOFT * b for u, b in zip(unbound, bound)]
    ambiguous = {"masked": missing, "unbound": unbound, "class": own_class, "soft": soft}[s.ambiguous]
    return torch.tensor([missing, unbound, ambiguous, bound], dtype=dtype)[labels]


def log_probabilities(s, logits):
    """Scores whose softmax over the last axis are the probabilities of the classes."""
    if s.head == "softmax":
        return logits
    at_least = torch.sigmoid(logits)
    return torch.stack([1 - at_least[..., 0], at_least[..., 0] - at_least[..., 1], at_least[..., 1]], -1).log()


def cross_entropy(scores, targets, bound_weights, smoothing):
    return F.cross_entropy(scores, targets, weight=bound_weights, label_smoothing=smoothing, reduction="none")


def label_losses(s, logits, labels):
    """Losses [batch, task]; those of missing labels mean nothing."""
    targets = class_targets(s, labels, logits.dtype)
    weights = logits.new_tensor(s.bound_weights or [1.0] * labels.shape[1])
    if s.head in ("sigmoid", "convex"):
        targets = targets[..., 1] * (1 - s.smoothing) + s.smoothing / 2
        return F.binary_cross_entropy_with_logits(logits[..., 0], targets, pos_weight=weights, reduction="none")
    scores = log_probabilities(s, logits)
    class_weights = F.pad(weights[:, None], (s.classes - 1, 0), value=1.0)
    tasks = range(labels.shape[1])
    return torch.stack([cross_entropy(scores[:, t], targets[:, t], class_weights[t], s.smoothing) for t in tasks], 1)


def reduced_loss(s, logits, labels, weights):
    losses = label_losses(s, logits, labels)
    v = (class_targets(s, labels, logits.dtype).sum(2) > 0) * weights[:, None]
    seen = v.sum(0) > 0
    if not seen.any():
        return (losses * 0).sum()
    if s.reduction == "pooled":
        return (losses * v).sum() / v.sum()
    return ((losses * v).sum(0)[seen] / v.sum(0)[seen]).mean()


def exclusive_loss(s, logits, labels, weights):
    """One softmax a sample, over the tasks observed in it and "no factor" (the last class, logit 0)."""
    task_weights = logits.new_tensor(s.bound_weights or [1.0] * labels.shape[1])
    total, total_weight = (logits * 0).sum(), 0.0
    for z, targets, weight in zip(logits[..., 0], class_targets(s, labels, logits.dtype), weights):
        seen = targets.sum(1) > 0
        if not seen.any():
            continue
        bound = targets[seen, 1] / targets[seen, 1].sum().clamp(min=1)
        targets = torch.cat([bound, 1 - bound.sum(0, keepdim=True)])
        class_weights = F.pad(task_weights[seen], (0, 1), value=1.0)
        total = total + weight * cross_entropy(F.pad(z[seen], (0, 1)), targets, class_weights, s.smoothing)
        total_weight += weight
    return total / total_weight if total_weight else total


def loss_of(s, logits, labels, weights):
    return (exclusive_loss if s.head == "exclusive" else reduced_loss)(s, logits, labels, weights)


# Writing.


def flat(tensor):
    """Numbers with nine digits, which name every float32 number without error."""
    values = tensor.detach().flatten().tolist()
    return [float(f"{v:.9g}") if isinstance(v, float) else v for v in values]


def draw(generator, shape, scale=0.5, steps=64):
    """Normal numbers, rounded to multiples of 1/steps: exact in float32 and short in JSON."""
    return (torch.randn(shape, generator=generator, dtype=torch.float64) * scale * steps).round() / steps


def draw_weights(generator, shape):
    return torch.randint(32, 97, shape, generator=generator).double() / 64


def described(s):
    names = ["unbound", "bound"] if s.classes == 2 else ["unbound", "ambiguous", "bound"]
    return {
        "head": s.head, "classes": names if s.head == "softmax" else None,
        "shared_gap": s.shared_gap if s.head == "ordinal" else None, "ambiguous": s.ambiguous,
        "soft": SOFT if s.ambiguous == "soft" else None, "reduction": None if s.head == "exclusive" else s.reduction,
        "smoothing": s.smoothing, "bound_weights": s.bound_weights,
    }


# Cases.


def case_settings():
    """Each head with each policy; the pairs of the other factors are balanced, and turn with the head."""
    others = [
        {"reduction": "per-task", "smoothing": 0.0, "bound_weights": None},
        {"reduction": "per-task", "smoothing": 0.1, "bound_weights": BOUND_WEIGHTS},
        {"reduction": "pooled", "smoothing": 0.0, "bound_weights": BOUND_WEIGHTS},
        {"reduction": "pooled", "smoothing": 0.1, "bound_weights": None},
    ]
    for h, head in enumerate(HEADS):
        for i, policy in enumerate(["masked", "unbound", "class", "soft"]):
            yield head._replace(ambiguous=policy, **others[(h + i) % 4])


def draw_labels(s, generator):
    labels = torch.randint(0, 4, (BATCH, TASKS), generator=generator)
    if s.ambiguous in ("masked", "soft"):
        labels[:, 2] = 2  # a task that is missing because all of it is ambiguous, or all soft
    if s.ambiguous == "class":
        labels[:, 2] = 0  # a task that nobody measured
    if s.ambiguous in ("unbound", "soft"):
        labels[5] = 0  # a sample that nobody measured
    return labels


def run_case(s, generator, nothing):
    p = {k: draw(generator, shape) for k, shape in parameter_shapes(s, FEATURES, TASKS).items()}
    features = draw(generator, (BATCH, FEATURES), 1.0).relu()
    labels = draw_labels(s, generator) * (not nothing)
    weights = draw_weights(generator, (BATCH,))
    trained = {k: v for k, v in p.items() if k != "shift"} | {"features": features}
    for value in trained.values():
        value.requires_grad_()

    def loss_at(*values):
        q = p | dict(zip(trained, values))
        return loss_of(s, head_logits(s, q["features"], q), labels, weights)

    assert torch.autograd.gradcheck(loss_at, tuple(trained.values()))
    logits = head_logits(s, features, p)
    loss = loss_of(s, logits, labels, weights)
    gradients = torch.autograd.grad(loss, list(trained.values()))
    name = f"{s.head}-{s.classes}{'-shared' * s.shared_gap}-{'nothing' if nothing else s.ambiguous}"
    return {"name": name} | described(s) | {
        "parameters": {k: flat(v) for k, v in p.items()}, "features": flat(features), "labels": flat(labels),
        "weights": flat(weights), "logits": flat(logits), "bound_log_odds": flat(bound_log_odds(s, logits)),
        "loss": flat(loss)[0], "gradients": {k: flat(v) for k, v in zip(trained, gradients)},
    }


# Extreme logits.


def float32(value):
    return torch.tensor(value, dtype=torch.float32).double().item()


VALUES = [-1e4, -50.0, float32(-11.5129), 0.0, float32(11.5129), 50.0, 1e4]  # 11.5129: a prior of 1e-5
GAPS = [1e-3, 1.0, 50.0]


def extreme_logits(head):
    if head == "sigmoid":
        return [[v] for v in VALUES]
    if head == "ordinal":
        # A gap is that of the two float32 numbers: at 1e4, 1e-3 becomes 0.0009765625.
        above = [[float32(v + gap), v] for v in VALUES for gap in GAPS]
        return above + [[v, float32(v - gap)] for v in VALUES for gap in GAPS]
    return [row for v in VALUES for row in ([0, 0, v], [v, 0, 0], [v, -v, 0], [v, v, -v], [v, v + 1, v])]


def exact_ordinal(logits, target):
    """Loss and gradient with 50 digits: float64 has no digits left in sigmoid(a) - sigmoid(b) at a = 50."""
    mpmath.mp.dps = 50
    a, b = (mpmath.mpf(v) for v in logits)
    sigmoid = lambda z: 1 / (1 + mpmath.exp(-z))
    ambiguous = mpmath.log(sigmoid(a)) + mpmath.log(sigmoid(-b)) + mpmath.log(-mpmath.expm1(b - a))
    logs = [mpmath.log(sigmoid(-a)), ambiguous, mpmath.log(sigmoid(b))]
    slope = 1 / mpmath.expm1(a - b)  # of log(1 - exp(-(a - b)))
    by_a = [-sigmoid(a), sigmoid(-a) + slope, 0]
    by_b = [0, -sigmoid(b) - slope, sigmoid(-b)]
    return [float(-mpmath.fdot(target, values)) for values in (logs, by_a, by_b)]


def run_extreme(s):
    labels = [1, 3] if s.head == "sigmoid" and s.ambiguous == "class" else [1, 2, 3]
    rows = list(itertools.product(extreme_logits(s.head), labels))
    logits = torch.tensor([row for row, _ in rows], dtype=torch.float64)[:, None].requires_grad_()
    labels = torch.tensor([label for _, label in rows])[:, None]
    losses = label_losses(s, logits, labels)
    (gradients,) = torch.autograd.grad(losses.sum(), logits)
    if s.head == "ordinal":
        weights = torch.tensor([1.0, 1.0, (s.bound_weights or [1.0])[0]])
        targets = weights * (class_targets(s, labels, torch.float64)[:, 0] * (1 - s.smoothing) + s.smoothing / 3)
        exact = [exact_ordinal(z, y) for z, y in zip(logits[:, 0].tolist(), targets.tolist())]
        exact = torch.tensor(exact, dtype=torch.float64)
        mild = logits.abs().amax((1, 2)) < 20
        assert torch.allclose(losses[mild, 0], exact[mild, 0], rtol=1e-6)
        assert torch.allclose(gradients[mild, 0], exact[mild, 1:], rtol=1e-6)
        losses, gradients = exact[:, 0], exact[:, 1:]
    assert losses.isfinite().all() and gradients.isfinite().all()
    return described(s) | {
        "logits": flat(logits), "labels": flat(labels), "losses": flat(losses), "gradients": flat(gradients),
    }


def extreme_settings():
    for head in (HEADS[0], HEADS[2], HEADS[3]):
        yield head._replace(ambiguous="class")
        yield head._replace(ambiguous="soft", smoothing=0.1, bound_weights=[3.0])


# Training.


def training_batches(generator):
    n, b, length, tasks = (TRAINING[k] for k in ("steps", "batch", "length", "tasks"))
    labels = torch.randint(0, 4, (n, b, tasks), generator=generator)
    labels[3, :, 1] = 0  # a task that a batch lacks
    return {
        "codes": torch.randint(0, 5, (n, b, length), generator=generator),
        "signal": torch.randint(0, 11, (n, b, 1, length), generator=generator).double() / 10,
        "labels": labels, "weights": draw_weights(generator, (n, b)),
    }


def training_losses(s, batches, initial, dtype):
    p = {k: v.detach().to(dtype, copy=True).requires_grad_(k != "shift") for k, v in initial.items()}
    optimizer = torch.optim.AdamW([v for k, v in p.items() if k != "shift"], **ADAMW)
    losses = []
    for codes, signal, labels, weights in zip(*batches.values()):
        features = trunk(TRUNK, codes, signal.to(dtype), p)
        loss = loss_of(s, head_logits(s, features, p), labels, weights.to(dtype))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def run_training(s, batches, generator):
    motifs, width, means, hidden, tasks = (TRAINING[k] for k in ("motifs", "width", "means", "hidden", "tasks"))
    shapes = {
        "motifs": (motifs, 4, width), "motif_bias": (motifs,), "dense": (motifs + means, hidden),
        "dense_bias": (hidden,),
    } | parameter_shapes(s, hidden, tasks)
    # Multiples of 1/64 would give many positions the same best score, and rounding would choose among them.
    initial = {k: draw(generator, shape, 0.4, 2**16) for k, shape in shapes.items()}
    losses = training_losses(s, batches, initial, torch.float32)
    others = [training_losses(s, batches, initial, torch.float64)]
    for noise in [1e-7] * 20 + [1e-6] * 20:
        noisy = {k: v * (1 + noise * draw(generator, v.shape, 1.0)) for k, v in initial.items()}
        others.append(training_losses(s, batches, noisy, torch.float32))
    worst = max((losses - other).abs().max().item() for other in others)
    assert worst < 2e-5, f"rounding decides the losses: {worst}"
    return described(s) | {"parameters": {k: flat(v) for k, v in initial.items()}, "losses": flat(losses)}


def training(generator):
    batches = training_batches(generator)
    settings = [
        HEADS[0], HEADS[2]._replace(ambiguous="class"), HEADS[3], HEADS[4]._replace(ambiguous="class"), HEADS[5],
        HEADS[6],
    ]
    return {
        "sizes": TRAINING, "adamw": ADAMW, "batches": {k: flat(v) for k, v in batches.items()},
        "cases": [run_training(s, batches, generator) for s in settings],
    }


if __name__ == "__main__":
    generator = torch.Generator().manual_seed(20)
    cases = [run_case(s, generator, nothing=False) for s in case_settings()]
    cases += [run_case(s, generator, nothing=True) for s in HEADS]
    written = {
        "torch": torch.__version__, "sizes": {"batch": BATCH, "features": FEATURES, "tasks": TASKS}, "cases": cases,
        "extreme": [run_extreme(s) for s in extreme_settings()], "training": training(generator),
    }
    (Path(__file__).parent / "heads.json").write_text(json.dumps(written) + "\n")
