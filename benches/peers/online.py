"""Times Vowpal Wabbit on a text file, and on the cache that it makes of one: the peer of `cargo bench -- online`.

    python -m venv out/venv && out/venv/bin/pip install vowpalwabbit==9.11.9
    out/venv/bin/python benches/peers/online.py /tmp/multitf-online.txt

The file is the one that the benchmark leaves. A run makes a model and makes one pass, as the benchmark does. Vowpal
Wabbit parses on a thread of its own, and its cache is on disk and compressed, where the benchmark's examples lie in
memory; so `cpu` counts the seconds of both threads, and the honest comparison of the learning alone lies between.
"""

import argparse
import os
import statistics
import tempfile
import time

import vowpalwabbit

SETTINGS = [("linear", ""), ("quadratic", "-q am")]


def run(arguments):
    """Seconds on the clock and of the processor, examples, and the progressive loss."""
    clock, cpu = time.perf_counter(), time.process_time()
    model = vowpalwabbit.Workspace(f"--loss_function logistic --quiet {arguments}")
    seconds = time.perf_counter() - clock, time.process_time() - cpu
    examples, loss = model.get_weighted_examples(), model.get_sum_loss()
    model.finish()
    return *seconds, examples, loss / examples


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="examples of weight 1 in Vowpal Wabbit's text format")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    print("model\tfrom\texamples_per_second\tper_cpu_second\tprogressive_loss")
    with tempfile.TemporaryDirectory() as folder:
        cache = os.path.join(folder, "cache")
        sources = {"text": f"-d {arguments.file}", "cache": f"-d {arguments.file} --cache_file {cache}"}
        run(sources["cache"])
        for model, flags in SETTINGS:
            for source, data in sources.items():
                runs = [run(f"{data} {flags}") for _ in range(arguments.rounds)]
                clock, cpu = (statistics.median(column) for column in list(zip(*runs))[:2])
                _, _, examples, loss = runs[0]
                print(f"{model}\t{source}\t{examples / clock:.0f}\t{examples / cpu:.0f}\t{loss:.6f}", flush=True)


if __name__ == "__main__":
    main()
