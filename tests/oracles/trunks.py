"""Writes trunks.json: features and gradients of small trunks in PyTorch, in double precision.

pip install torch numpy; python trunks.py
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

BATCH, LENGTH, MOTIFS, WIDTH, HIDDEN = 3, 48, 5, 7, 4
CASES = [
    # name, pool, body, pooling, signal
    ("shallow", 6, "shallow", "flatten", {"means": 4}),
    ("shallow-average", 6, "shallow", "average", "absent"),
    ("plain-flatten", 2, {"plain": {"channels": 6, "blocks": 2, "kernel": 3}}, "flatten", {"means": 2}),
    ("plain-max", 3, {"plain": {"channels": 4, "blocks": 1, "kernel": 5}}, "max", "channels"),
    ("parallel-flatten", 7, {"parallel": {"widths": [5, 2]}}, "flatten", {"means": 3}),
    ("parallel-attention", 4, {"parallel": {"widths": [3]}}, "attention", "channels"),
    ("dilated-average", 2, {"dilated": {"channels": 6, "layers": 2, "kernel": 3}}, "average", {"means": 4}),
    ("dilated-attention", 1, {"dilated": {"channels": 5, "layers": 3, "kernel": 3}}, "attention", "absent"),
]


class Motifs(nn.Module):
    """Convolution on both strands, the better of the two, bias, ReLU and max-pool."""

    def __init__(self, channels, width, pool):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(MOTIFS, 4 + channels, width))
        self.bias = nn.Parameter(torch.zeros(MOTIFS))
        self.pool = pool

    def forward(self, x):
        turned = torch.cat([self.weight[:, :4].flip(1, 2), self.weight[:, 4:].flip(2)], 1)
        scores = torch.maximum(F.conv1d(x, self.weight), F.conv1d(x, turned))
        return F.max_pool1d(F.relu(scores + self.bias[:, None]), self.pool)


class Plain(nn.Module):
    def __init__(self, channels, blocks, kernel):
        super().__init__()
        same = lambda inputs: nn.Conv1d(inputs, channels, kernel, padding="same")
        block = lambda i: nn.ModuleDict({"first": same(channels if i else MOTIFS), "second": same(channels)})
        self.blocks = nn.ModuleList(block(i) for i in range(blocks))

    def forward(self, x):
        for block in self.blocks:
            x = F.max_pool1d(F.relu(block["second"](F.relu(block["first"](x)))), 2)
        return x


class Dilated(nn.Module):
    def __init__(self, channels, layers, kernel):
        super().__init__()
        self.projection = nn.Conv1d(MOTIFS, channels, 1) if channels != MOTIFS else None
        conv = lambda i: nn.Conv1d(channels, channels, kernel, padding="same", dilation=2**i)
        self.layers = nn.ModuleList(conv(i) for i in range(1, layers + 1))

    def forward(self, x):
        x = x if self.projection is None else self.projection(x)
        for layer in self.layers:
            x = x + F.relu(layer(x))
        return x


class Trunk(nn.Module):
    def __init__(self, pool, body, pooling, signal):
        super().__init__()
        kind, settings = next(iter(body.items())) if isinstance(body, dict) else (body, {})
        scanned = int(signal == "channels")
        self.conv = Motifs(scanned, WIDTH, pool)
        self.parallel = nn.ModuleList(Motifs(scanned, width, pool) for width in settings.get("widths", []))
        bodies = {"plain": Plain, "dilated": Dilated}
        self.body = nn.ModuleDict({kind.title(): bodies[kind](**settings)} if kind in bodies else {})
        self.kind, self.signal = pooling, signal
        example = self.places(torch.zeros(1, 4 + scanned, LENGTH))
        channels, positions = example.shape[1:]
        self.pooling = nn.ParameterDict({"query": torch.zeros(channels)} if pooling == "attention" else {})
        self.means = signal["means"] if isinstance(signal, dict) else 0
        self.dense = nn.ParameterDict({
            "weight": torch.zeros(channels * (positions if pooling == "flatten" else 1) + self.means, HIDDEN),
            "bias": torch.zeros(HIDDEN),
        })

    def places(self, x):
        found = [self.conv(x)]
        for layer in self.parallel:
            spare = WIDTH - layer.weight.shape[2]
            left = spare // 2
            found.append(layer(x[..., left:LENGTH - (spare - left)]))
        x = torch.cat(found, 1)
        for body in self.body.values():
            x = body(x)
        return x

    def forward(self, codes, signal):
        x = F.one_hot(codes, 5)[..., :4].transpose(1, 2).to(signal.dtype)
        x = self.places(torch.cat([x, signal], 1) if self.signal == "channels" else x)
        if self.kind == "flatten":
            x = x.flatten(1)
        elif self.kind == "max":
            x = F.adaptive_max_pool1d(x, 1)[..., 0]
        elif self.kind == "average":
            x = F.adaptive_avg_pool1d(x, 1)[..., 0]
        else:
            shares = torch.einsum("c,bcl->bl", self.pooling["query"], x).softmax(1)
            x = torch.einsum("bl,bcl->bc", shares, x)
        if self.means:
            x = torch.cat([x, signal.reshape(BATCH, self.means, -1).mean(2)], 1)
        return F.relu(x @ self.dense["weight"] + self.dense["bias"])


def single(tensor):
    """Values that single precision holds exactly, in double precision."""
    return tensor.float().double()


def run(case, generator):
    name, pool, body, pooling, signal = case
    trunk = Trunk(pool, body, pooling, signal).double()
    for parameter in trunk.parameters():
        values = torch.randn(parameter.shape, generator=generator) * 0.3
        parameter.data = single(values)
    codes = torch.randint(0, 5, (BATCH, LENGTH), generator=generator)
    track = single(torch.rand((BATCH, 1, LENGTH), generator=generator))
    projection = single(torch.randn((BATCH, HIDDEN), generator=generator))
    features = trunk(codes, track)
    assert (features > 0).sum() > BATCH * HIDDEN // 4, name
    (features * projection).sum().backward()
    flat = lambda tensor: [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]
    parameters = {key: {"value": flat(p), "gradient": flat(p.grad)} for key, p in trunk.named_parameters()}
    return {
        "name": name, "pool": pool, "body": body, "pooling": pooling, "signal": signal, "codes": codes.flatten().tolist(),
        "track": flat(track), "projection": flat(projection), "features": flat(features), "parameters": parameters,
    }


if __name__ == "__main__":
    generator = torch.Generator().manual_seed(31)
    cases = [run(case, generator) for case in CASES]
    sizes = {"batch": BATCH, "length": LENGTH, "motifs": MOTIFS, "width": WIDTH, "hidden": HIDDEN}
    text = json.dumps({"torch": torch.__version__, "sizes": sizes, "cases": cases})
    (Path(__file__).parent / "trunks.json").write_text(text + "\n")
