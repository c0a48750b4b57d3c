"""Expected gradients of CAGrad, written to balance.json beside this script.

LibMTL's CAGrad, told the gradients below in place of a network's, is written for three tasks and solves its inner problem to
three digits: beside it is the paper's problem for more tasks, solved by SciPy to ten.

    pip install torch==2.15.0 numpy scipy && pip install --no-deps LibMTL==1.1.5 && python balance.py
"""

import importlib.util
import json
import sys
import types
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize

TASKS, SIZE = 5, 9
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


def libmtls_cagrad(gradients, radius):
    """The mean gradient that it would have set."""
    made = libmtl("CAGrad")()
    made.task_num, made.device, made.rep_grad = len(gradients), torch.device("cpu"), False
    made.init_param()
    made._compute_grad_dim = lambda: None
    made._compute_grad = lambda losses, mode: torch.tensor(gradients)
    made._reset_grad = lambda new: setattr(made, "sum", new)
    made.backward(torch.ones(len(gradients)), calpha=radius, rescale=1)
    return {"gradients": gradients.tolist(), "mean": made.sum.tolist()}


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


if __name__ == "__main__":
    draw = np.random.default_rng(6)
    gradients = draw.normal(0, 1, (TASKS, SIZE)) * np.array([1, 3, 0.2, 1, 1])[:, None]
    gradients[3] = -0.8 * gradients[0] + 0.3 * gradients[3]
    # Nearly orthogonal, and of one length: the solution is a mixture of four tasks, where above it is one task.
    inside = np.eye(TASKS, SIZE) + 0.1 * draw.normal(0, 1, (TASKS, SIZE))
    result = {
        "radius": 0.5,
        "libmtl": libmtls_cagrad(gradients[[0, 1, 3]], 0.5),
        "scipy": [cagrad(gradients, 0.5), cagrad(inside, 0.5)],
    }
    (Path(__file__).parent / "balance.json").write_text(json.dumps(result) + "\n")
