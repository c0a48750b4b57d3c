#!/usr/bin/env bash
# What each part is worth where factors get into each other's way: trains the shared model of a simulated world with parts of the
# recipe and with what is not in it, and prints the mean average precision on the validation chromosome, and that of the three
# rare factors. Half a minute to ten minutes each. Run the comparison first: its world is used.
# Usage: docs/results/conflicting.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
world=${WORLD:-out/conflicting/simulated/world/dataset.toml}
out=${OUT:-out/conflicting-parts}
compare=${COMPARE:-cargo run -q --release --example compare --}
mkdir -p "$out"

# name, members, epochs, rarity
try() {
  printf '[architecture]\nmembers = %s\n[training]\nbudget = 100000\nvalidate_every = 20000\nmin_epochs = %s\n[training.sampler]\nrarity = %s\n' \
    "$2" "$3" "$4" >"$out/$1.toml"
  $compare --data "$world" --models multi --config "$out/$1.toml" --out "$out/$1" >"$out/$1.txt" 2>"$out/$1.log"
  awk -F'\t' -v name="$1" -v rare="REST NRF1 CEBPB" '
    $1 == "multi" && $8 != "NA" { sum += $8; n++; if (index(rare, $4)) { rare_sum += $8; rare_n++ } }
    END { printf "%s\t%.3f\t%.3f\n", name, sum / n, rare_sum / rare_n }' "$out/$1/scores.tsv"
}

try plain 1 0 0
try two-epochs 1 2 0
try twelve-epochs 1 12 0
try rarity 1 0 1
try members 4 0 0
try rarity-and-members 4 0 1
try two-epochs-and-rarity 1 2 1
try two-epochs-and-members 4 2 0
try two-epochs-rarity-and-members 4 2 1
try twelve-epochs-and-two-members 2 12 0
