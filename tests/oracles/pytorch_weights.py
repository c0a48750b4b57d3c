"""Writes pytorch.safetensors, pytorch.pt (the same weights) and pytorch.json (inputs and their logits).

pip install torch numpy safetensors; python pytorch_weights.py

The names of the weights are those that a PyTorch module of this architecture gives them, in PyTorch's layouts:
linear weights are [out, in].
"""

import json
from pathlib import Path

import safetensors.torch
import torch
import torch.nn.functional as F
from torch import nn

from model import one_hot, reverse_complement

BATCH, LENGTH, MOTIFS, WIDTH, MEANS, HIDDEN, TASKS = 4, 40, 10, 7, 4, 8, 3


class Trunk(nn.Module):
    """Motifs on both strands, the best score of each in the sequence, means of the signal, a dense layer."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, MOTIFS, WIDTH)
        self.dense = nn.Linear(MOTIFS + MEANS, HIDDEN)

    def forward(self, codes, signal):
        x = one_hot(codes)
        reverse = F.conv1d(x, reverse_complement(self.conv.weight), self.conv.bias)
        scores = F.relu(torch.maximum(self.conv(x), reverse)).amax(2)
        means = signal.unflatten(2, (MEANS, -1)).mean(3).flatten(1)
        return F.relu(self.dense(torch.cat([scores, means], 1)))


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(HIDDEN, TASKS)

    def forward(self, features):
        return self.linear(features)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk, self.head = Trunk(), Head()

    def forward(self, codes, signal):
        return self.head(self.trunk(codes, signal))


if __name__ == "__main__":
    torch.manual_seed(20)
    folder = Path(__file__).parent
    model = Model()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.4)
    codes = torch.randint(0, 5, (BATCH, LENGTH))
    signal = torch.randint(0, 11, (BATCH, 1, LENGTH)) / 10
    logits = model(codes, signal)
    safetensors.torch.save_file(model.state_dict(), folder / "pytorch.safetensors")
    torch.save(model.state_dict(), folder / "pytorch.pt")
    sizes = {
        "batch": BATCH, "length": LENGTH, "motifs": MOTIFS, "width": WIDTH, "means": MEANS, "hidden": HIDDEN,
        "tasks": TASKS,
    }
    flat = lambda t: [float(f"{v:.9g}") if isinstance(v, float) else v for v in t.detach().flatten().tolist()]
    written = {
        "torch": torch.__version__, "sizes": sizes, "shapes": {k: list(v.shape) for k, v in model.state_dict().items()},
        "codes": flat(codes), "signal": flat(signal), "logits": flat(logits),
    }
    (folder / "pytorch.json").write_text(json.dumps(written) + "\n")
