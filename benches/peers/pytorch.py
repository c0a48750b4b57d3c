"""The same models in PyTorch, timed on request.

Reads lines `MODEL WHAT COUNT [SIZE]` from standard input (`A step 10`), runs WHAT so often, and answers with one line of
JSON: the seconds of each run. SIZE is the batch, the length of the genome, or the number of variants. `MODEL parameters 0` answers with the
number of parameters, `MODEL device 0` with the device and the settings. Each model is the fastest way to write it that we
know; of channels first, channels last and, with `--compile`, `torch.compile`, the fastest is taken.

`forward` and `step` find one-hot inputs on the device. `predict` and `train` copy theirs there first and read back
predictions or a loss; of base codes that become one-hot on the device, and floats that are one-hot already, the faster
is taken. `fit` is COUNT of the latter without waiting for the device in between: one time for all. `one` is `predict` of
one window, in one thread. `mutate` (model C) is saturation mutagenesis by tangermeme, which must be installed.
`variants` scores SIZE changes of one base of a random genome window by window: both alleles, on both strands.
"""

import argparse
import functools
import json
import sys
import time

import torch
from torch.nn import functional

from models import BATCH, LENGTH, TASKS, build

STRIDE = 50
BIN = 200
SCANNED = 1_000_000
# Sequences in which each base is changed, and changed sequences of a batch.
MUTATED = 8
# Changes of one base of a genome.
VARIANTS = 1000
BATCH_MUTATED = 256
# Windows of a scan that a GPU takes at once; a CPU takes the model's batch.
SCAN_BATCHES = {"windows of 512": 512, "windows of 4096": 4096}

# Work whose size is not that of the batch.
SIZED = ("scan", "variants")


class Columns(torch.nn.Module):
    """A model that reads `[batch, 4, length]`, in either layout."""

    def __init__(self, module, last):
        super().__init__()
        self.module, self.last = module, last

    def forward(self, x, means):
        x = x.float()
        x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last) if self.last else x
        return self.module(x, means)


class Peer:
    """A model, a batch, and an optimizer, in one of several layouts, which its words name."""

    def __init__(self, name, layout, device, size=None):
        torch.manual_seed(1)
        self.last, self.codes, self.device = "last" in layout, "codes" in layout, device
        self.module = build(name, self.last).to(device)
        batch, length, tasks = size or BATCH[name], LENGTH[name], TASKS[name]
        self.batch = SCAN_BATCHES.get(layout.split(", ")[-1], BATCH[name])
        self.length, self.world = length, None
        codes = torch.randint(0, 4, (batch, length), dtype=torch.uint8)
        signal = (torch.rand(batch, 1, length) < 0.5).float()
        means = signal.view(batch, 6, -1).mean(2) if name == "C" else None
        signal = None if name == "C" else signal
        inputs = (codes, signal) if self.codes else (self.one_hot(codes, signal), None)
        labels = [(torch.rand(batch, tasks) < share).float() for share in (0.05, 0.35)]
        self.host = [self.pinned(tensor) for tensor in (*inputs, means, *labels)]
        self.x, self.means, self.targets, self.observed = self.fed()
        if self.last:
            self.module = self.module.to(memory_format=torch.channels_last)
        mode = {"mode": "reduce-overhead"} if device == "cuda" else {}
        self.model = torch.compile(self.module, **mode) if "compiled" in layout else self.module
        self.optimizer = torch.optim.AdamW(self.module.parameters(), lr=1e-3, weight_decay=0.01, fused=True)

    def pinned(self, tensor):
        return tensor.pin_memory() if tensor is not None and self.device == "cuda" else tensor

    def one_hot(self, codes, signal):
        bases = torch.arange(4, dtype=torch.uint8, device=codes.device).view(1, 4, 1)
        x = (codes.unsqueeze(1) == bases).float()
        x = x if signal is None else torch.cat([x, signal], 1)
        return x.unsqueeze(2).contiguous(memory_format=torch.channels_last) if self.last else x

    def fed(self):
        """Copies the batch to the device."""
        moved = [None if tensor is None else tensor.to(self.device, non_blocking=True) for tensor in self.host]
        x, signal, means, targets, observed = moved
        return self.one_hot(x, signal) if self.codes else x, means, targets, observed

    def wait(self):
        if self.device == "cuda":
            torch.cuda.synchronize()

    def scan(self, length=None):
        """Predicts every bin of a random genome, window by window."""
        length = length or SCANNED
        self.module.eval()
        margin = (self.length - BIN) // 2
        if self.world is None:
            self.world = torch.randint(0, 4, (length,), dtype=torch.uint8), torch.rand(length)
        # A byte a base goes to the device.
        codes, values = (tensor.to(self.device) for tensor in self.world)
        genome = torch.zeros(self.x.shape[1], length + 2 * margin, device=self.device)
        bases = torch.arange(4, dtype=torch.uint8, device=self.device).view(4, 1)
        genome[:4, margin : margin + length] = (codes == bases).float()
        signal = torch.zeros(length + 2 * margin, device=self.device)
        signal[margin : margin + length] = values
        if self.means is None:
            genome[4] = signal
        windows, signals = genome.unfold(1, self.length, STRIDE), signal.unfold(0, self.length, STRIDE)
        bins = (length - BIN) // STRIDE + 1
        with torch.inference_mode():
            parts = [range(i, min(i + self.batch, bins)) for i in range(0, bins, self.batch)]
            return torch.cat([self.windows(windows, signals, part) for part in parts]).cpu()

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

    def predict(self):
        self.module.eval()
        with torch.inference_mode():
            x, means, _, _ = self.fed()
            return self.model(x, means).cpu()

    def learned(self, x, means, targets, observed):
        self.module.train()
        logits = self.model(x, means)
        losses = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
        per_task = (losses * observed).sum(0) / observed.sum(0).clamp(min=1)
        loss = per_task.sum() / (observed.sum(0) > 0).sum()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss

    def step(self):
        return self.learned(self.x, self.means, self.targets, self.observed).item()

    def one(self):
        return self.predict()

    def mutate(self):
        """Saturation mutagenesis of MUTATED sequences by tangermeme, the logits of each change of one base."""
        from tangermeme.saturation_mutagenesis import saturation_mutagenesis

        self.module.eval()
        x = self.x[:MUTATED].squeeze(2) if self.last else self.x[:MUTATED]
        model = Columns(self.module, self.last)
        return saturation_mutagenesis(
            model, x.contiguous(), args=(self.means[:MUTATED],), batch_size=BATCH_MUTATED, raw_outputs=True, device="cpu"
        )

    def variants(self, count=None):
        """The change of the logits of single bases of a random genome, the mean of both strands."""
        count, half = count or VARIANTS, self.length // 2
        self.module.eval()
        if self.world is None:
            self.world = torch.randint(0, 4, (SCANNED,), dtype=torch.uint8), torch.rand(SCANNED)
        codes, values = (tensor.to(self.device) for tensor in self.world)
        places = (torch.arange(count) * 997) % (SCANNED - self.length) + half
        effects = []
        with torch.inference_mode():
            for some in places.split(self.batch // 4):
                index = (some.unsqueeze(1) + torch.arange(-half, self.length - half)).to(self.device)
                reference, signal = codes[index], values[index].unsqueeze(1)
                changed = reference.clone()
                changed[:, half] = (changed[:, half] + 1) % 4
                both = torch.cat([reference, changed])
                windows = torch.cat([both, 3 - both.flip(1)])
                signal = torch.cat([signal, signal, signal.flip(2), signal.flip(2)])
                means = None if self.means is None else signal.view(len(windows), 6, -1).mean(2)
                x = self.one_hot(windows, signal if self.means is None else None)
                scores = self.model(x, means).view(2, 2, len(some), -1).mean(0)
                effects.append(scores[1] - scores[0])
            return torch.cat(effects).cpu()

    def train(self):
        return self.learned(*self.fed()).item()

    def fit(self, count):
        for _ in range(count):
            loss = self.learned(*self.fed())
        return loss.item()


def seconds(run, count, wait):
    times = []
    for _ in range(count):
        start = time.perf_counter()
        run()
        wait()
        times.append(time.perf_counter() - start)
    return times


class Peers:
    """The fastest layout of each model, found once for each kind of work."""

    def __init__(self, layouts, device, threads):
        self.layouts, self.device, self.threads, self.chosen = layouts, device, threads, {}

    def layouts_for(self, what):
        if what in ("predict", "train", "one"):
            return [f"{layout}, {how}" for layout in self.layouts for how in ("codes", "floats")]
        if what == "scan" and self.device == "cuda":
            return [f"{layout}, {windows}" for layout in self.layouts for windows in SCAN_BATCHES]
        return self.layouts

    def get(self, name, what, size):
        if (name, what, size) not in self.chosen:
            found = {}
            for layout in self.layouts_for(what):
                try:
                    peer = Peer(name, layout, self.device, None if what in SIZED else size)
                    work = self.work(peer, what, size)
                    tries = 1 if what in (*SIZED, "mutate") else 5
                    seconds(work, tries, peer.wait)
                    found[layout] = (min(seconds(work, tries, peer.wait)), peer)
                except Exception as error:  # torch.compile needs a C++ compiler that works; a GPU has so much memory
                    print(f"{name} {what} {layout}: {error}", file=sys.stderr)
            layout = min(found, key=lambda layout: found[layout][0])
            times = ", ".join(f"{layout}: {time * 1e3:.2f} ms" for layout, (time, _) in found.items())
            print(f"{name} {what} {size or ''}: {times}", file=sys.stderr, flush=True)
            self.chosen[name, what, size] = found[layout][1]
        return self.chosen[name, what, size]

    @staticmethod
    def work(peer, what, size):
        return functools.partial(getattr(peer, what), size) if what in SIZED else getattr(peer, what)

    def timed(self, name, what, count, size):
        if what == "one":
            size = 1
        torch.set_num_threads(1 if what == "one" else self.threads)
        if what == "fit":
            peer = self.get(name, "train", size)
            return seconds(lambda: peer.fit(count), 1, peer.wait)
        peer = self.get(name, what, size)
        return seconds(self.work(peer, what, size), count, peer.wait)


def described(device):
    cuda = device == "cuda"
    return {
        "device": torch.cuda.get_device_name() if cuda else device,
        "torch": torch.__version__,
        "TF32 in convolutions": cuda and torch.backends.cudnn.allow_tf32,
        "TF32 in products": cuda and torch.backends.cuda.matmul.allow_tf32,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("threads", type=int)
    parser.add_argument("--last", action="store_true", help="channels last only")
    parser.add_argument("--compile", action="store_true", help="try torch.compile too")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    arguments = parser.parse_args()
    # Looks for the fastest convolution, as a user who cares for speed does.
    torch.backends.cudnn.benchmark = True
    layouts = ["last"] if arguments.last else ["first", "last"]
    layouts += ["first, compiled", "last, compiled"] if arguments.compile else []
    peers = Peers(layouts, arguments.device, arguments.threads)
    for line in sys.stdin:
        name, what, count, *size = line.split()
        if what == "parameters":
            answer = sum(p.numel() for p in build(name, False).parameters())
        elif what == "device":
            answer = described(arguments.device)
        else:
            answer = peers.timed(name, what, int(count), int(size[0]) if size else None)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
