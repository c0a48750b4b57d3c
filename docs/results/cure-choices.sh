#!/usr/bin/env bash
# What was tried against negative transfer on yeast's validation chromosome: trains the shared model with each set of
# settings, and prints the mean average precision there, and that among bins bound by any factor. One to ten minutes each.
# Usage: MULTITF_DATA=... SEEDS=1 docs/results/cure-choices.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${OUT:-out/cure-choices}
compare=${COMPARE:-cargo run -q --release --example compare --}
seeds=${SEEDS:-1}
mkdir -p "$out"

# name, then what is not the default in config.toml
try() {
  local name=$1
  printf '%b' "$2" >"$out/$name.toml"
  $compare --data "$MULTITF_DATA/yeast/dataset.toml" --models multi --seeds "$seeds" \
    --config "$out/$name.toml" --out "$out/$name" 2>"$out/$name.log" >"$out/$name.txt"
  printf '%s\t%s\n' "$name" "$(awk '$1 == "multi" && $2 == "valid" { print $5 "\t" $10; exit }' "$out/$name.txt")"
}

try plain ''
try entropy-1 '[training]\nbalance = { entropy = { power = 1 } }\n'
try entropy-.5 '[training]\nbalance = { entropy = { power = 0.5 } }\n'
try gated '[architecture]\nhead = { gated = { shared = 4, features = 32 } }\n'
try linear-adapter '[architecture]\nadapter = "linear"\n'
try hidden-4-adapter '[architecture]\nadapter = { hidden = 4 }\n'
try hidden-8-adapter '[architecture]\nadapter = { hidden = 8 }\n'
try no-weights '[training.sampler]\ncorrection = "none"\n'
try 3-members '[architecture]\nmembers = 3\n'
try 4-members '[architecture]\nmembers = 4\n'
try 2-unbound '[training.sampler]\nunbound_per_bound = 2.0\n'
try 1-unbound '[training.sampler]\nunbound_per_bound = 1.0\n'
try 2-unbound-rarity-.5 '[training.sampler]\nunbound_per_bound = 2.0\nrarity = 0.5\n'
try 2-unbound-rarity-1 '[training.sampler]\nunbound_per_bound = 2.0\nrarity = 1.0\n'
try 2-unbound-linear-adapter '[architecture]\nadapter = "linear"\n[training.sampler]\nunbound_per_bound = 2.0\n'
try entropy-1-2-unbound '[training]\nbalance = { entropy = { power = 1 } }\n[training.sampler]\nunbound_per_bound = 2.0\n'
