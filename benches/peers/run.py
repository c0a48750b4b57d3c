"""Times the crate and PyTorch in alternation, on the same models, batches and threads.

    python -m venv out/venv && out/venv/bin/pip install torch==2.15.0
    out/venv/bin/python benches/peers/run.py --threads 2 --rounds 15

With `--against EXECUTABLE`, an older build of the benchmark takes PyTorch's place.

Both sides are asked in turn for a few runs each. A round's ratio is that of the two medians; the median of the rounds'
ratios is printed with its quartiles, because neighbours on the machine slow both sides down but not at once.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORK = [(model, what) for model in ("A", "A1", "B", "C") for what in ("forward", "step")]
WORK += [("C", "scan"), ("A10", "scan"), ("C", "one")]


class Side:
    """A program that answers requests."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
        )

    def ask(self, model, what, count):
        self.process.stdin.write(f"{model} {what} {count}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.process.args[0]} ended while it was asked for {model} {what}")
        return json.loads(answer)

    def peak_mib(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024

    def page_faults(self):
        # The name, which may contain spaces, is in parentheses; minor faults are the tenth field.
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[10 - 3])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def bench_binary(*options):
    command = ["cargo", "bench", "--bench", "multitf", "--no-run", "--message-format", "json", *options]
    lines = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    built = (json.loads(line) for line in lines)
    return next(m["executable"] for m in built if m.get("executable") and m["target"]["name"] == "multitf")


def alternate(ours, theirs, model, what, rounds, count):
    sides = (ours, theirs)
    if what == "scan":
        # Seconds each.
        rounds, count = max(2, rounds // 3), 1
    if what == "one":
        # Microseconds each.
        count *= 100
    if what in ("mutate", "brute", "variants"):
        # Seconds each on the other side.
        rounds, count = max(2, rounds // 3), 1
    for side in sides:
        side.ask(model, what, min(count, 3))
    times = [[], []]
    for round_ in range(rounds):
        # Neither side always goes first.
        for index in (0, 1) if round_ % 2 == 0 else (1, 0):
            times[index].append(statistics.median(sides[index].ask(model, what, count)))
    return times


def quartiles(values):
    low, middle, high = statistics.quantiles(values, n=4)
    return middle, low, high


def timings(start, arguments):
    print(f"model\twork\tours_ms\t{arguments.peer}_ms\tratio\tlow\thigh")
    ours, theirs = start()
    for model, what in arguments.work:
        ours_parameters, theirs_parameters = (side.ask(model, "parameters", 0) for side in (ours, theirs))
        if ours_parameters != theirs_parameters:
            sys.exit(f"model {model} has {ours_parameters} parameters here and {theirs_parameters} there")
        times = alternate(ours, theirs, model, what, arguments.rounds, arguments.count)
        ratio, low, high = quartiles([a / b for a, b in zip(*times)])
        ms = [statistics.median(side) * 1e3 for side in times]
        print(f"{model}\t{what}\t{ms[0]:.4g}\t{ms[1]:.4g}\t{ratio:.3f}\t{low:.3f}\t{high:.3f}", flush=True)
        if what == "scan":
            bins = ours.ask(model, "bins", 0)
            print(f"# {bins / ms[0] * 1e3:.0f} and {bins / ms[1] * 1e3:.0f} bins a second", flush=True)
    ours.close(), theirs.close()


def memory(start, arguments):
    """Peak memory beyond that of a program which has only just started and built nothing, and page faults of a run."""
    print(f"model\twork\tours_mib\t{arguments.peer}_mib\tratio\tours_faults\t{arguments.peer}_faults")
    for model, what in arguments.work:
        grown, faults = [], []
        for side in start():
            side.ask(model, "parameters", 0)
            before = side.peak_mib()
            side.ask(model, what, 10)
            grown.append(side.peak_mib() - before)
            before = side.page_faults()
            side.ask(model, what, 10)
            faults.append((side.page_faults() - before) / 10)
            side.close()
        sizes = f"{grown[0]:.0f}\t{grown[1]:.0f}\t{grown[0] / grown[1]:.3f}"
        print(f"{model}\t{what}\t{sizes}\t{faults[0]:.0f}\t{faults[1]:.0f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads on both sides")
    parser.add_argument("--rounds", type=int, default=15, help="turns of each side")
    parser.add_argument("--count", type=int, default=10, help="runs in a turn")
    parser.add_argument("--work", nargs="*", default=[" ".join(pair) for pair in WORK], help='such as "A step"')
    parser.add_argument("--compile", action="store_true", help="try torch.compile too")
    parser.add_argument("--memory", action="store_true", help="measure peak memory in place of time")
    parser.add_argument("--against", help="an older executable of the benchmark, in PyTorch's place")
    parser.add_argument("--binary", help="the benchmark's executable, if it is built already")
    arguments = parser.parse_args()
    arguments.work = [tuple(pair.split()) for pair in arguments.work]
    binary = arguments.binary or bench_binary()
    threads, arguments.peer = str(arguments.threads), "before" if arguments.against else "pytorch"

    def start():
        # PyTorch takes the fastest layout it finds; for memory that search would count, so it takes channels last.
        how = ["--compile"] if arguments.compile else ["--last"] if arguments.memory else []
        peer = [arguments.against, "serve"] if arguments.against else [sys.executable, str(HERE / "pytorch.py"), threads, *how]
        rayon = {"RAYON_NUM_THREADS": threads}
        return Side([binary, "serve"], rayon), Side(peer, rayon)

    (memory if arguments.memory else timings)(start, arguments)


if __name__ == "__main__":
    main()
