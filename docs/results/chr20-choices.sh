#!/usr/bin/env bash
# What was tried against negative transfer on chr20's validation split: trains the recipe's model with one member and each set of
# settings, two seeds, and prints the mean average precision there. One to four minutes each.
# Usage: MULTITF_DATA=... docs/results/chr20-choices.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${OUT:-out/chr20-choices}
compare=${COMPARE:-cargo run -q --release --example compare --}
mkdir -p "$out"

# name, motifs discovered for each factor, then further lines of [training] and what follows
try() {
  printf '[recipe]\nmembers = 1\ndiscovered = %s\n[training]\nbudget = 120000\nvalidate_every = 12000\npatience = 4\n%b' \
    "$2" "${3:-}" >"$out/$1.toml"
  $compare --data "$MULTITF_DATA/chr20/dataset.toml" --models recipe --seeds 2 --config "$out/$1.toml" --out "$out/$1" \
    2>"$out/$1.log" >"$out/$1.txt"
  awk -v name="$1" '$1 == "recipe" && $2 == "valid" { print name, $5, $10; exit }' OFS='\t' "$out/$1.txt"
}

try no-motifs 0
try learning-rate-.001 0 'learning_rate = 0.001\n'
try learning-rate-.004 0 'learning_rate = 0.004\n'
try batch-32 0 'batch_size = 32\n'
try batch-16 0 'batch_size = 16\n'
try weight-decay-.1 0 'weight_decay = 0.1\n'
try entropy-1 0 'balance = { entropy = { power = 1 } }\n'
try rarity-.5 0 '[training.sampler]\nrarity = 0.5\n'
try rarity-1 0 '[training.sampler]\nrarity = 1.0\n'
try 1-unbound 0 '[training.sampler]\nunbound_per_bound = 1.0\n'
try no-weights 0 '[training.sampler]\ncorrection = "none"\n'
try linear-adapter 0 '[architecture]\nadapter = "linear"\n'
try 1024-features 0 '[architecture]\nhidden = 1024\n'
try 1-motif 1
try 2-motifs 2
try 3-motifs 3
try 5-motifs 5
try 3-motifs-batch-32 3 'batch_size = 32\n'
