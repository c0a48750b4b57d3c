#!/usr/bin/env bash
# What each part of the recipe is worth on chr20's validation split: compares it with a shared model that has none of its parts, with
# those that lack one, and with single models as they are and with discovered motifs to start from. Three seeds, an hour.
# Usage: MULTITF_DATA=... docs/results/chr20-parts.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$(realpath -m "${OUT:-out/chr20-parts}")
compare=${COMPARE:-cargo run -q --release --example compare --}
mkdir -p "$out/recipe"

# name, model, then what it has, as lines of [architecture] and of [training]
try() {
  local name=$1 model=$2
  mkdir -p "$out/$name/runs"
  # The recipe's own runs are the same for all.
  ln -sfn "$out/recipe" "$out/$name/runs/recipe"
  printf '[architecture]\n%b[training]\nbudget = 120000\nvalidate_every = 12000\npatience = 4\n%b' "$3" "$4" >"$out/$name.toml"
  $compare --data "$MULTITF_DATA/chr20/dataset.toml" --models "recipe,$model" --seeds 3 --config "$out/$name.toml" \
    --out "$out/$name" 2>"$out/$name.log" >"$out/$name.txt"
  awk -v name="$name" -v model="$model" '
    $2 == "valid" && $1 == model { mean = $5; which = $10 }
    $1 == "recipe" && $2 == model && $3 != "*" { better += $10 == "better"; worse += $10 == "worse" }
    $1 == "recipe" && $2 == model && $3 == "*" { print name, mean, which, $6, $7, $8, $9, better + 0, worse + 0 }' \
    OFS='\t' "$out/$name.txt"
}

printf 'model\taverage_precision\tbound_ap\trecipe_has_more\tlow\thigh\tq\trecipe_better\trecipe_worse\n'
members='members = 4\n'
dropout='motif_dropout = 0.0\nhidden_dropout = 0.0\n'
motifs='discovered = 3\n'
epochs='min_epochs = 6.0\n'
try plain multi '' ''
try without-motifs multi "$members$dropout" "$epochs"
try without-epochs multi "$members$dropout$motifs" ''
try without-members multi "$dropout$motifs" "$epochs"
try with-dropout multi "$members$motifs" "$epochs"
try single single '' ''
try single-with-motifs single "$motifs" ''
