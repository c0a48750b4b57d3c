#!/usr/bin/env bash
# How the recipe was chosen on yeast's validation chromosome: trains the shared model with each set of settings, three seeds, and
# prints its mean average precision there. Two to ten minutes each. Usage: MULTITF_DATA=... docs/results/recipe-choices.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${OUT:-out/recipe-choices}
compare=${COMPARE:-cargo run -q --release --example compare --}
mkdir -p "$out"

# draws, members, motifs, hidden features, dropout of motifs, dropout of features, then further lines of [architecture]
try() {
  local draws=$1 name="$1-$2-$3-$4-$5-$6-${7:-}"
  name=${name//[^a-z0-9.-]/}
  printf '[architecture]\nmembers = %s\nmotifs = %s\nhidden = %s\nmotif_dropout = %s\nhidden_dropout = %s\n%b' \
    "${@:2:5}" "${7:-}" >"$out/$name.toml"
  $compare --data "$MULTITF_DATA/yeast/dataset.toml" --models multi --seeds 3 --budget "$draws" --config "$out/$name.toml" \
    --out "$out/$name" 2>"$out/$name.log" >"$out/$name.txt"
  awk -v name="$name" '$1 == "multi" && $2 == "valid" { print name, $5, $10; exit }' OFS='\t' "$out/$name.txt"
}

try 757000 2 128 256 0.1 0.5
try 757000 2 128 256 0.1 0.25
try 757000 2 128 256 0.0 0.25
try 400000 2 128 256 0.0 0.25
try 400000 2 128 256 0.0 0.0
try 400000 4 128 256 0.0 0.0
try 400000 2 64 256 0.0 0.0
try 400000 2 64 256 0.0 0.25
try 400000 4 64 256 0.0 0.1
try 250000 4 64 256 0.0 0.0
try 400000 2 128 512 0.0 0.0
try 400000 1 128 1024 0.0 0.25
try 400000 2 128 1024 0.0 0.25
try 400000 1 256 512 0.0 0.0
try 400000 1 256 1024 0.0 0.25
try 400000 2 128 256 0.0 0.0 'signal = "channels"\n'
try 400000 2 128 256 0.0 0.0 'signal = { means = 12 }\n'
try 400000 2 128 256 0.0 0.0 'signal = { means = 30 }\n'
try 400000 2 128 256 0.0 0.0 'context_bp = 500\npool = 96\nlast_pool = "dropped"\nsignal = { means = 20 }\n'
