"""The same models in PyTorch, timed on request.

Reads lines `MODEL WHAT COUNT` from standard input (`A step 10`), runs WHAT so often, and answers with one line of JSON:
the seconds of each run. `MODEL parameters 0` answers with the number of parameters. Inputs are one-hot already, and
each model is the fastest way to write it that we know; of channels first, channels last and, with `--compile`,
`torch.compile`, the fastest is taken.
"""

import json
import sys
import time

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


STRIDE = 50
BIN = 200
SCANNED = 1_000_000


class Peer:
    """A model, a batch, and an optimizer."""

    def __init__(self, name, last, compiled):
        torch.manual_seed(1)
        self.module = build(name, last)
        batch, length, tasks = BATCH[name], LENGTH[name], TASKS[name]
        self.last, self.batch, self.length = last, batch, length
        bases = functional.one_hot(torch.randint(0, 4, (batch, length)), 4).float().transpose(1, 2)
        signal = (torch.rand(batch, 1, length) < 0.5).float()
        self.means = signal.view(batch, 6, -1).mean(2) if name == "C" else None
        x = bases if name == "C" else torch.cat([bases, signal], 1)
        x = x.contiguous()
        if last:
            x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last)
            self.module = self.module.to(memory_format=torch.channels_last)
        self.x = x
        self.targets = (torch.rand(batch, tasks) < 0.05).float()
        self.observed = (torch.rand(batch, tasks) < 0.35).float()
        self.model = torch.compile(self.module) if compiled else self.module
        self.optimizer = torch.optim.AdamW(self.module.parameters(), lr=1e-3, weight_decay=0.01, fused=True)

    def scan(self):
        """Predicts every bin of a random genome, window by window."""
        self.module.eval()
        margin = (self.length - BIN) // 2
        genome = torch.zeros(self.x.shape[1], SCANNED + 2 * margin)
        bases = torch.randint(0, 4, (SCANNED,))
        genome[:4, margin : margin + SCANNED] = functional.one_hot(bases, 4).float().T
        signal = torch.zeros(SCANNED + 2 * margin)
        signal[margin : margin + SCANNED] = torch.rand(SCANNED)
        if self.means is None:
            genome[4] = signal
        windows, signals = genome.unfold(1, self.length, STRIDE), signal.unfold(0, self.length, STRIDE)
        bins = (SCANNED - BIN) // STRIDE + 1
        with torch.inference_mode():
            return [self.windows(windows, signals, range(i, min(i + self.batch, bins))) for i in range(0, bins, self.batch)]

    def windows(self, windows, signals, bins):
        x = windows[:, bins.start : bins.stop].transpose(0, 1)
        means = None
        if self.means is not None:
            means = signals[bins.start : bins.stop].reshape(len(bins), 6, -1).mean(2)
        x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last) if self.last else x.contiguous()
        return self.model(x, means)

    def forward(self):
        self.module.eval()
        with torch.inference_mode():
            return self.model(self.x, self.means)

    def step(self):
        self.module.train()
        logits = self.model(self.x, self.means)
        losses = functional.binary_cross_entropy_with_logits(logits, self.targets, reduction="none")
        per_task = (losses * self.observed).sum(0) / self.observed.sum(0).clamp(min=1)
        loss = per_task.sum() / (self.observed.sum(0) > 0).sum()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.item()


def seconds(run, count):
    times = []
    for _ in range(count):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times


class Peers:
    """The fastest layout of each model, found once for each kind of work."""

    def __init__(self, layouts):
        self.layouts, self.chosen = layouts, {}

    def get(self, name, what):
        if (name, what) not in self.chosen:
            found = {}
            for layout in self.layouts:
                last, compiled = "last" in layout, "compiled" in layout
                try:
                    peer = Peer(name, last, compiled)
                    run = getattr(peer, what)
                    tries = 1 if what == "scan" else 5
                    seconds(run, tries)
                    found[layout] = (min(seconds(run, tries)), peer)
                except Exception as error:  # torch.compile needs a C++ compiler that works
                    print(f"{name} {what} {layout}: {error}", file=sys.stderr)
            layout = min(found, key=lambda layout: found[layout][0])
            print(f"{name} {what}: " + ", ".join(f"{k} {v[0] * 1e3:.1f} ms" for k, v in found.items()), file=sys.stderr)
            self.chosen[name, what] = found[layout][1]
        return self.chosen[name, what]


def main():
    threads = int(sys.argv[1])
    torch.set_num_threads(threads)
    layouts = ["last"] if "--last" in sys.argv else ["first", "last"]
    peers = Peers(layouts + (["compiled", "last, compiled"] if "--compile" in sys.argv else []))
    for line in sys.stdin:
        name, what, count = line.split()
        if what == "parameters":
            answer = sum(p.numel() for p in build(name, False).parameters())
        else:
            answer = seconds(getattr(peers.get(name, what), what), int(count))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
