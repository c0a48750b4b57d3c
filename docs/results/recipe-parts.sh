#!/usr/bin/env bash
# What each part of the recipe is worth on yeast: trains the shared model with none, each and both, three seeds of 400,000 draws or
# twelve epochs, and prints the mean average precision on the validation chromosome, and what the recipe adds, with its interval.
# Usage: MULTITF_DATA=... docs/results/recipe-parts.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${OUT:-out/recipe-parts}
compare=${COMPARE:-cargo run -q --release --example compare --}
mkdir -p "$out"

# name, then what plain sharing gets of the recipe
try() {
  local name=$1
  printf "$2" >"$out/$name.toml"
  $compare --data "$MULTITF_DATA/yeast/dataset.toml" --models recipe,multi --seeds 3 --budget 400000 --config "$out/$name.toml" \
    --out "$out/$name" 2>"$out/$name.log" >"$out/$name.txt"
  awk -v name="$name" '
    $2 == "valid" && $1 == "multi" { mean = $5; which = $10 }
    $1 == "recipe" && $2 == "multi" && $3 == "*" { print name, mean, which, $6, $7, $8, $9 }' OFS='\t' "$out/$name.txt"
}

printf 'part\taverage_precision\tbound_ap\tdelta\tlow\thigh\tq\n'
try none ''
try epochs '[training]\nmin_epochs = 12.0\n'
try members '[architecture]\nmembers = 2\n'
