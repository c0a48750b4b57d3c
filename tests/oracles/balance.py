"""Expected values for the balancers of tasks, written to balance.json beside this script.

Uncertainty weighting, dynamic weight average, PCGrad and CAGrad are LibMTL's, told the losses and gradients below in
place of a network's. LibMTL on PyPI has no FAMO, smooth Tchebycheff and Aligned-MTL: these follow their papers, the
weights being PyTorch's derivatives of the paper's objective, and Aligned-MTL a singular value decomposition of the
gradients themselves. LibMTL's CAGrad is written for three tasks and solves its inner problem to three digits: beside it
is the paper's problem for more tasks, solved by SciPy to ten.

    pip install torch==2.15.0 numpy scipy && pip install --no-deps LibMTL==1.1.5 && python balance.py
"""

import importlib.util
import json
import random
import sys
import types
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize

STEPS, TASKS, SIZE = 12, 5, 9
LIBMTL = Path(importlib.util.find_spec("LibMTL").submodule_search_locations[0])


def libmtl(name):
    """A weighting of LibMTL, without the rest of it, which wants torchvision."""
    for package in ("LibMTL", "LibMTL.weighting"):
        sys.modules.setdefault(package, types.ModuleType(package))
    for module in ("abstract_weighting", name):
        full = f"LibMTL.weighting.{module}"
        spec = importlib.util.spec_from_file_location(full, LIBMTL / "weighting" / f"{module}.py")
        sys.modules[full] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[full])
    return getattr(sys.modules[full], name)


def weighting(name, tasks):
    """One that is told its gradients, and keeps what it would have set."""
    made = libmtl(name)()
    made.task_num, made.device, made.rep_grad = tasks, torch.device("cpu"), False
    made.init_param()
    return made


def surgery(name, gradients, **settings):
    made = weighting(name, len(gradients))
    made._compute_grad_dim = lambda: None
    made._compute_grad = lambda losses, mode: torch.tensor(gradients)
    made._reset_grad = lambda new: setattr(made, "sum", new)
    made.backward(torch.ones(len(gradients)), **settings)
    return made.sum.tolist()


def uncertainty(losses, rate):
    made = weighting("UW", TASKS)
    made.loss_scale.data = made.loss_scale.data.double()
    adam = torch.optim.Adam([made.loss_scale], lr=rate)
    weights = []
    for row in losses:
        adam.zero_grad()
        weights.append(made.backward(torch.tensor(row)).tolist())
        adam.step()
    return weights


def dynamic_average(losses, temperature, period):
    made = weighting("DWA", TASKS)
    epochs = losses.reshape(-1, period, TASKS)
    made.train_loss_buffer = epochs.mean(1).T
    weights = []
    for made.epoch, epoch in enumerate(epochs):
        weights += [made.backward(torch.tensor(row, requires_grad=True), T=temperature).tolist() for row in epoch]
    return weights


def famo(losses, after, rate, decay):
    logits = torch.zeros(TASKS, dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([logits], lr=rate, weight_decay=decay)
    weights = []
    for before, later in zip(torch.tensor(losses), torch.tensor(after)):
        shares = torch.softmax(logits, -1)
        before_, later_ = before + 1e-8, later + 1e-8
        scaled = (shares / before_).detach()
        weights.append((TASKS * scaled / scaled.sum()).tolist())
        adam.zero_grad()
        logits.grad = torch.autograd.grad(shares, logits, grad_outputs=before_.log() - later_.log())[0]
        adam.step()
    return weights


def tchebycheff(losses, smoothing, first_steps):
    first = torch.tensor(losses[:first_steps]).mean(0)
    weights = []
    for index, row in enumerate(losses):
        row = torch.tensor(row, requires_grad=True)
        if index < first_steps:
            objective = row.log().sum()
        else:
            objective = TASKS * smoothing * torch.logsumexp((row / first).log() / smoothing, 0)
        weights.append(torch.autograd.grad(objective, row)[0].tolist())
    return weights


def pcgrad(gradients):
    orders, shuffle = [], random.shuffle
    random.shuffle = lambda order: (shuffle(order), orders.append(list(order)))
    random.seed(3)
    sum_ = surgery("PCGrad", gradients)
    random.shuffle = shuffle
    return {"gradients": gradients.tolist(), "orders": orders, "sum": sum_}


def cagrad(gradients, radius):
    """The paper's dual problem, and the primal direction that follows from its solution, over 1 + radius^2."""
    mean = gradients.mean(0)
    reach = radius * np.linalg.norm(mean)

    def objective(shares):
        mixture = shares @ gradients
        length = np.linalg.norm(mixture)
        return mixture @ mean + reach * length, gradients @ mean + reach * gradients @ mixture / length

    tasks = len(gradients)
    simplex = {"type": "eq", "fun": lambda x: x.sum() - 1, "jac": lambda x: np.ones(tasks)}
    options = {"ftol": 1e-15, "maxiter": 1000}
    start = np.full(tasks, 1 / tasks)
    found = minimize(objective, start, jac=True, bounds=[(0, 1)] * tasks, constraints=simplex, options=options)
    mixture = found.x @ gradients
    sum_ = (mean + reach * mixture / np.linalg.norm(mixture)) / (1 + radius**2)
    shares = found.x.tolist()
    return {"gradients": gradients.tolist(), "shares": shares, "least": found.fun, "mean": sum_.tolist()}


def aligned(gradients):
    left, values, right = np.linalg.svd(gradients, full_matrices=False)
    return {"gradients": gradients.tolist(), "sum": (values[-1] * left @ right).sum(0).tolist()}


if __name__ == "__main__":
    draw = np.random.default_rng(7)
    losses = draw.gamma(2, 0.2, (STEPS, TASKS)) * np.linspace(1, 0.4, STEPS)[:, None]
    after = losses * draw.uniform(0.7, 1.1, losses.shape)
    gradients = draw.normal(0, 1, (TASKS, SIZE)) * np.array([1, 3, 0.2, 1, 1])[:, None]
    gradients[3] = -0.8 * gradients[0] + 0.3 * gradients[3]
    three = gradients[[0, 1, 3]]
    # Nearly orthogonal, and of one length: the solution is a mixture of all tasks, where above it is one task.
    inside = np.eye(TASKS, SIZE) + 0.1 * draw.normal(0, 1, (TASKS, SIZE))
    libmtl_cagrad = {"gradients": three.tolist(), "mean": surgery("CAGrad", three, calpha=0.5, rescale=1)}
    result = {
        "losses": losses.tolist(),
        "after": after.tolist(),
        "uncertainty": {"rate": 0.05, "weights": uncertainty(losses, 0.05)},
        "dynamic_average": {"temperature": 2.0, "period": 3, "weights": dynamic_average(losses, 2.0, 3)},
        "famo": {"rate": 0.025, "decay": 0.01, "weights": famo(losses, after, 0.025, 0.01)},
        "tchebycheff": {"smoothing": 0.1, "first_steps": 3, "weights": tchebycheff(losses, 0.1, 3)},
        "pcgrad": pcgrad(gradients),
        "cagrad": {"radius": 0.5, "libmtl": libmtl_cagrad, "scipy": [cagrad(gradients, 0.5), cagrad(inside, 0.5)]},
        "aligned": aligned(gradients),
    }
    (Path(__file__).parent / "balance.json").write_text(json.dumps(result) + "\n")
