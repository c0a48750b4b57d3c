"""The models of the benchmarks in PyTorch: their layers and sizes."""

import torch
from torch import nn
from torch.nn import functional

TASKS = {"A": 32, "A10": 32, "A1": 32, "B": 32, "C": 49}
BATCH = {"A": 64, "A10": 64, "A1": 64, "B": 64, "C": 128}
LENGTH = {"A": 1000, "A10": 1000, "A1": 1000, "B": 1000, "C": 318}


class Conv(nn.Module):
    """A convolution along the length, on `[batch, channel, length]` or, channels last, `[batch, channel, 1, length]`."""

    def __init__(self, inputs, outputs, width, dilation=1, padding=0, last=False):
        super().__init__()
        kind = nn.Conv2d if last else nn.Conv1d
        spread = (lambda x: (1, x)) if last else (lambda x: x)
        pad = (0, padding) if last else padding
        self.conv = kind(inputs, outputs, spread(width), dilation=spread(dilation), padding=pad)

    def forward(self, x):
        return self.conv(x)


class Shallow(nn.Module):
    """Models A, A1 and A10: convolution, ReLU, max-pool, dropout, dense, head."""

    def __init__(self, last, pool):
        super().__init__()
        self.last, self.pool = last, pool
        self.conv = Conv(5, 128, 26, last=last)
        self.dense = nn.Linear(128 * (975 // pool), 128)
        self.head = nn.Linear(128, 32)

    def forward(self, x, means):
        x = self.conv(x)
        # The maximum first: ReLU then has a pool's share of the work.
        x = functional.max_pool2d(x, (1, self.pool)) if self.last else functional.max_pool1d(x, self.pool)
        x = functional.dropout(functional.relu(x), 0.2, self.training).flatten(1)
        return self.head(functional.relu(self.dense(x)))


class Dilated(nn.Module):
    """Model B: convolution, ReLU, max-pool, residual dilated convolutions, mean, dense, head."""

    def __init__(self, last):
        super().__init__()
        self.last = last
        self.conv = Conv(5, 64, 21, last=last)
        self.layers = nn.ModuleList(
            Conv(64, 64, 3, dilation=2**i, padding=2**i, last=last) for i in range(1, 6)
        )
        self.dense = nn.Linear(64, 128)
        self.head = nn.Linear(128, 32)

    def forward(self, x, means):
        x = self.conv(x)
        x = functional.relu(functional.max_pool2d(x, (1, 4)) if self.last else functional.max_pool1d(x, 4))
        for conv in self.layers:
            x = x + functional.relu(conv(x))
        x = x.flatten(2).mean(2)
        return self.head(functional.relu(self.dense(x)))


class BothStrands(nn.Module):
    """Model C: both strands, the best position of all, signal means beside it, dense, head."""

    def __init__(self, last):
        super().__init__()
        self.last = last
        self.conv = Conv(4, 128, 19, last=last)
        self.dense = nn.Linear(128 + 6, 256)
        self.head = nn.Linear(256, 49)

    def forward(self, x, means):
        weight = self.conv.conv.weight
        reverse = weight.flip([1, weight.dim() - 1])
        both = torch.cat([weight, reverse])
        x = functional.conv2d(x, both) if self.last else functional.conv1d(x, both)
        # The best position before the better strand: fewer values are compared in the end.
        x = x.flatten(2).amax(2).view(-1, 2, 128).amax(1) + self.conv.conv.bias
        x = torch.cat([functional.relu(x), means], 1)
        return self.head(functional.relu(self.dense(x)))


def build(name, last):
    if name == "B":
        return Dilated(last)
    if name == "C":
        return BothStrands(last)
    return Shallow(last, 10 if name == "A10" else 13)
