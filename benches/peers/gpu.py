"""Times the crate on an NVIDIA GPU through wgpu beside PyTorch on CUDA, on the same GPU, in one call.

    python benches/peers/gpu.py --pack out/gpu                                 where there is a Rust toolchain
    python benches/peers/gpu.py --binary out/gpu/multitf.gz --out out/card     where there are a GPU and PyTorch
    python benches/peers/gpu.py --binary out/gpu/multitf.gz --dry              where there is neither

The first builds the benchmark's executable, and puts the Vulkan loader beside it: with this folder the two are all that the
second needs. That one writes `gpu.md` and `gpu.json` after every row, so that nothing is lost if it is stopped. The last
runs small sizes on whatever device BURN_DEVICE names (wgpu if it names none) beside PyTorch on the CPU, to try the script.
"""

import argparse
import gzip
import json
import os
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import card
from run import HERE, bench_binary, quartiles

MODELS = ["A", "B", "C"]
SCANS = ["C", "A10"]
FLOWS = {"fit": "Samples of training, without waiting for each step", "scan": "Bins of a genome"}


class Failure(Exception):
    """A side that gave no answer."""


class Side:
    """A program that answers requests. One that dies or hangs is started again: it costs one row, not all."""

    def __init__(self, name, command, environment, out, patience):
        self.name, self.command, self.patience = name, command, patience
        self.environment, self.log = {**os.environ, **environment}, out / f"{name}.log"
        self.log.write_text("")
        self.process = None

    def ask(self, *request):
        if self.process is None:
            with self.log.open("a") as log:
                self.process = subprocess.Popen(
                    self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=self.environment
                )
        try:
            self.process.stdin.write(" ".join(map(str, request)) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self.fail("ended before it was asked for", request)
        if not select.select([self.process.stdout], [], [], self.patience)[0]:
            self.fail(f"gave nothing in {self.patience} s for", request)
        answer = self.process.stdout.readline()
        return json.loads(answer) if answer else self.fail("ended while it was asked for", request)

    def fail(self, what, request):
        self.stop()
        said = self.log.read_text().strip().splitlines()[-3:]
        raise Failure(f"{self.name} {what} `{' '.join(map(str, request))}`: {' / '.join(said)}")

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class Report:
    """Rows of tables, written whenever there is another one."""

    def __init__(self, out, facts):
        self.out, self.facts, self.notes = out, facts, []
        self.tables = {}

    def add(self, table, row):
        self.tables.setdefault(table, []).append(row)
        print(f"{table}: " + ", ".join(f"{key} {value}" for key, value in row.items()), flush=True)
        self.write()

    def note(self, text):
        self.notes.append(text)
        print(text, flush=True)
        self.write()

    def markdown(self):
        lines = [f"- {key}: {value}" for key, value in self.facts.items()]
        for table, rows in self.tables.items():
            lines += ["", f"## {table}", "", "| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0])]
            lines += ["| " + " | ".join(map(str, row.values())) + " |" for row in rows]
        return "\n".join([*lines, "", *(f"- {note}" for note in self.notes)]) + "\n"

    def write(self):
        (self.out / "gpu.md").write_text(self.markdown())
        whole = {"facts": self.facts, "tables": self.tables, "notes": self.notes}
        (self.out / "gpu.json").write_text(json.dumps(whole, indent=1))


def rounded(value, digits):
    return "NA" if value is None else f"{value:.{digits}f}"


class Bench:
    """Both sides, and how long each part may take."""

    def __init__(self, sides, report, arguments):
        self.sides, self.report, self.arguments = sides, report, arguments
        self.end = time.monotonic() + 60 * arguments.minutes

    def counted(self, side, model, what, size):
        """Warms a side up until kernels are compiled and clocks are up, and returns how many runs fill a turn."""
        side.ask(model, what, 3, size)
        start, median = time.monotonic(), 0
        while time.monotonic() < start + self.arguments.warmup:
            median = statistics.median(side.ask(model, what, 5, size))
        return max(1, min(500, int(self.arguments.turn / max(median, 1e-5))))

    def alternate(self, model, what, size):
        counts = [self.counted(side, model, what, size) for side in self.sides]
        times = [[], []]
        for turn in range(self.arguments.rounds):
            # Neither side always goes first.
            for index in (0, 1) if turn % 2 == 0 else (1, 0):
                times[index].append(statistics.median(self.sides[index].ask(model, what, counts[index], size)))
        ratio, low, high = quartiles([ours / theirs for ours, theirs in zip(*times)])
        ours, theirs = (rounded(statistics.median(side) * 1e3, 3) for side in times)
        self.report.add("Steps and forward passes", {
            "model": model, "work": what, "batch": size, "ours, ms": ours, "PyTorch, ms": theirs,
            "ours / PyTorch's": rounded(ratio, 3), "quartiles": f"{low:.3f} to {high:.3f}",
        })

    def busy(self, side, model, what, size, start):
        """Runs long enough to sample how busy the GPU is; returns the seconds of a run and the idle percentage."""
        first = sum(side.ask(model, what, start, size)) / start
        count = max(start, int(self.arguments.busy / max(first, 1e-5)))
        if self.arguments.dry:
            return sum(side.ask(model, what, count, size)) / count, None
        with card.Busy() as busy:
            seconds = sum(side.ask(model, what, count, size)) / count
        return seconds, busy.idle()

    def flow(self, model, what, size, items, start):
        sides = []
        for side in self.sides:
            side.ask(model, what, start, size)
            sides.append(self.busy(side, model, what, size, start))
        (ours, our_idle), (theirs, their_idle) = sides
        self.report.add(FLOWS[what], {
            "model": model, "size": size, "ours, a second": rounded(items / ours, 0),
            "PyTorch, a second": rounded(items / theirs, 0), "times as many": rounded(theirs / ours, 2),
            "idle, ours, %": rounded(our_idle, 0), "idle, PyTorch, %": rounded(their_idle, 0),
        })

    def run(self):
        """Measures everything; what matters most comes first."""
        scanned, bins = self.arguments.scanned, (self.arguments.scanned - 200) // 50 + 1
        works = []
        for batch in self.arguments.batches:
            pairs = [(model, what) for model in MODELS for what in ("train", "predict")]
            works += [(self.alternate, (*pair, batch)) for pair in pairs]
            works += [(self.flow, (model, "fit", batch, batch, 5)) for model in MODELS]
            if batch == self.arguments.batches[0]:
                works += [(self.flow, (model, "scan", scanned, bins, 1)) for model in SCANS]
        for measure, work in works:
            name = " ".join(map(str, work[:3]))
            if time.monotonic() > self.end:
                return self.report.note(f"{name} and what follows: not measured, out of time")
            try:
                measure(*work)
            except Failure as failure:
                self.report.note(f"{name}: {failure}")


def pack(folder):
    folder.mkdir(parents=True, exist_ok=True)
    packed = folder / "multitf.gz"
    with tempfile.TemporaryDirectory() as scratch:
        binary = Path(shutil.copy(bench_binary("--features", "wgpu"), scratch))
        subprocess.run(["strip", str(binary)], check=True)
        packed.write_bytes(gzip.compress(binary.read_bytes()))
    loader = card.loader()
    if loader is None:
        sys.exit(f"{packed} is ready; there is no {card.LOADER} here to go with it")
    shutil.copy(loader.resolve(), folder / card.LOADER)
    for file in sorted(folder.iterdir()):
        print(f"{file}\t{file.stat().st_size / 2**20:.1f} MiB")


def unpacked(path, out):
    """Returns the path of an executable, which was packed or not."""
    if path.suffix != ".gz":
        return path.resolve()
    binary = out / path.stem
    binary.write_bytes(gzip.decompress(path.read_bytes()))
    binary.chmod(0o755)
    return binary


def opened(binary, beside, out, arguments):
    """Starts the crate's side with the first driver that runs on the card."""
    def side(environment):
        device = {"BURN_DEVICE": os.environ.get("BURN_DEVICE", "wgpu")}
        return Side("multitf", [str(binary), "serve"], {**device, **environment}, out, arguments.patience)

    if arguments.dry:
        return side(card.with_loader(beside)), "whatever there is"
    failures = []
    for driver, environment in card.environments(beside, out):
        ours = side(environment)
        try:
            ours.ask("A", "predict", 1, 64)
            found = card.mapped_drivers(ours.process.pid)
            if any("nvidia" in name for name in found):
                return ours, f"{driver}; loaded: {', '.join(found)}"
            failures.append(f"{driver}: it runs on {found or 'no driver that is known'}, not on the GPU")
        except Failure as failure:
            failures.append(f"{driver}: {failure}")
        ours.stop()
    sys.exit("\n".join(["no Vulkan driver opens the GPU:", *failures]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", type=Path, metavar="DIR", help="build what has to be carried, and end")
    parser.add_argument("--binary", help="the benchmark's executable, as packed")
    parser.add_argument("--out", type=Path, default=Path("out/card"), help="folder of the results")
    parser.add_argument("--dry", action="store_true", help="try the script without a GPU")
    parser.add_argument("--compile", action="store_true", help="let PyTorch try torch.compile too")
    parser.add_argument("--batches", type=int, nargs="*", help="default: 512 64 4096")
    parser.add_argument("--scanned", type=int, help="base pairs of the genome (default: 10,000,000)")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each side")
    parser.add_argument("--turn", type=float, help="seconds of a turn (default: 0.4)")
    parser.add_argument("--warmup", type=float, help="seconds of warming up (default: 1)")
    parser.add_argument("--busy", type=float, help="seconds over which the idle time is sampled (default: 4)")
    parser.add_argument("--minutes", type=float, default=9, help="after which nothing more is begun")
    parser.add_argument("--patience", type=float, default=120, help="seconds that an answer may take")
    arguments = parser.parse_args()
    if arguments.pack:
        return pack(arguments.pack)
    small = {"batches": [4, 8], "scanned": 20_000, "turn": 0.05, "warmup": 0.1, "busy": 0.2}
    usual = {"batches": [512, 64, 4096], "scanned": 10_000_000, "turn": 0.4, "warmup": 1, "busy": 4}
    for name, value in (small if arguments.dry else usual).items():
        setattr(arguments, name, getattr(arguments, name) or value)
    about = "none: a trial of the script, whose figures mean nothing" if arguments.dry else card.described()
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    given = Path(arguments.binary or bench_binary("--features", "wgpu"))

    command = [sys.executable, str(HERE / "pytorch.py"), str(os.cpu_count()), "--device", "cpu" if arguments.dry else "cuda"]
    theirs = Side("pytorch", command + ["--compile"] * arguments.compile, {}, out, arguments.patience)
    ours, driver = opened(unpacked(given, out), given.resolve().parent, out, arguments)
    try:
        facts = {"card": about, "Vulkan driver": driver, "device": ours.ask("A", "device", 0)}
        facts |= {"PyTorch": ", ".join(f"{key} {value}" for key, value in theirs.ask("A", "device", 0).items())}
        for model in MODELS:
            counts = [side.ask(model, "parameters", 0) for side in (ours, theirs)]
            if counts[0] != counts[1]:
                sys.exit(f"model {model} has {counts[0]} parameters here and {counts[1]} there")
        report = Report(out, facts)
        Bench((ours, theirs), report, arguments).run()
        print("\n" + report.markdown())
    except Failure as failure:
        sys.exit(str(failure))
    finally:
        ours.stop(), theirs.stop()


if __name__ == "__main__":
    main()
