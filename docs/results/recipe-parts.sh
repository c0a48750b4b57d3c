#!/usr/bin/env bash
# What each part of the recipe is worth on yeast's validation chromosome: compares it with a shared model that has none of its
# parts, and with those that lack one (its epochs are within the budget here). Then 13 single models without dropout, beside those
# that have it, and the shared model without profiles. An hour. Usage: MULTITF_DATA=... docs/results/recipe-parts.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$(realpath -m "${OUT:-out/recipe-parts}")
compare=${COMPARE:-cargo run -q --release --example compare --}
data="$MULTITF_DATA/yeast/dataset.toml"
mkdir -p "$out/recipe"

# name, then what the shared model has, as lines of [architecture]
try() {
  local name=$1
  mkdir -p "$out/$name/runs"
  # The recipe's own runs are the same for all.
  ln -sfn "$out/recipe" "$out/$name/runs/recipe"
  printf '[architecture]\n%b' "$2" >"$out/$name.toml"
  $compare --data "$data" --models recipe,multi --seeds 3 --budget 400000 --config "$out/$name.toml" \
    --out "$out/$name" 2>"$out/$name.log" >"$out/$name.txt"
  awk -v name="$name" '
    $2 == "valid" && $1 == "multi" { mean = $5; which = $10 }
    $1 == "recipe" && $2 == "multi" && $3 == "*" { print name, mean, which, $6, $7, $8, $9 }' OFS='\t' "$out/$name.txt"
}

printf 'shared_model\taverage_precision\tbound_ap\trecipe_has_more\tlow\thigh\tq\n'
members='members = 4\n'
dropout='motif_dropout = 0.0\nhidden_dropout = 0.0\n'
try plain ''
try without-members "$dropout"
try with-dropout "$members"

singles() {
  printf '[architecture]\n%b' "$2" >"$out/$1.toml"
  $compare --data "$data" --models single --singles Ace2,Skn7,Mbp1,Swi4,Tda9,Sfp1,Rsc3,Stp2,Phd1,Rox1,Mig2,Fkh1,Spt15 \
    --budget 400000 --config "$out/$1.toml" --out "$out/$1" 2>"$out/$1.log" >"$out/$1.txt"
  awk -v name="$1" '$1 == "single" && $2 == "valid" { print name, $5, $10; exit }' OFS='\t' "$out/$1.txt"
}

printf 'single_models\taverage_precision\tbound_ap\n'
singles single ''
singles single-without-dropout "$dropout"

# The shared model without the data set's profiles: what its filters start from, as lines of [architecture]
starts() {
  printf '[architecture]\nprofiles = false\n%b' "$members$dropout$2" >"$out/$1.toml"
  $compare --data "$data" --models multi --seeds 3 --budget 400000 --config "$out/$1.toml" --out "$out/$1" \
    2>"$out/$1.log" >"$out/$1.txt"
  awk -v name="$1" '$1 == "multi" && $2 == "valid" { print name, $5, $10; exit }' OFS='\t' "$out/$1.txt"
}

printf 'filters_start\taverage_precision\tbound_ap\n'
starts from-discovered-motifs 'discovered = 3\n'
starts at-random ''
