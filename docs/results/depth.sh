#!/usr/bin/env bash
# Do deeper networks help on yeast? Trains the shared model with each trunk and dropout at equal budget, and prints its
# mean average precision on the training and on the validation chromosomes. Usage: MULTITF_DATA=... docs/results/depth.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${OUT:-out/depth}
compare=${COMPARE:-cargo run -q --release --example compare --}
mkdir -p "$out"
printf 'trunk\tdropout\tdraws\tparameters\ttrain\tvalid\tvalid_at_end\ttraining_loss_at_end\n'

# name, dropout in all places, [architecture] settings, draws
try() {
  local name=$1 dropout=$2 architecture=$3 draws=${4:-300000} scored
  local run="$out/$name-$dropout-$draws"
  printf '[training]\nbudget = %s\nvalidate_every = %s\npatience = 0\n[architecture]\nmotifs = 64\n%b' \
    "$draws" "$((draws / 10))" "motif_dropout = $dropout\nbody_dropout = $dropout\nhidden_dropout = $dropout\n$architecture\n" >"$run.toml"
  for scored in valid train; do
    $compare --data "$MULTITF_DATA/yeast/dataset.toml" --models multi --config "$run.toml" --out "$run" \
      --score "$scored" 2>"$run.log" >"$run.$scored.txt"
  done
  score() { awk -v wanted="$1" '$1 == "multi" && $2 == wanted { print $5; exit }' "$run.$1.txt"; }
  parameters=$(awk -F'\t' '$1 == "multi" { print $5 }' "$run/runs.tsv")
  end=$(tail -n 1 "$run/runs/multi/all/0/log.tsv" | awk -F'\t' '{ printf "%.3f\t%.4f", $5, $4 }')
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$dropout" "$draws" "$parameters" "$(score train)" "$(score valid)" "$end"
}

for dropout in 0.0 0.3 0.5 0.7; do
  try shallow "$dropout" ''
  try parallel "$dropout" 'trunk = { parallel = { widths = [13, 7] } }'
  try fine-pools "$dropout" 'pool = 12\nlast_pool = "dropped"'
  try plain-1 "$dropout" 'pool = 12\nlast_pool = "dropped"\ntrunk = { plain = { channels = 32, blocks = 1, kernel = 3 } }'
  try plain-2 "$dropout" 'pool = 12\nlast_pool = "dropped"\ntrunk = { plain = { channels = 32, blocks = 2, kernel = 3 } }'
  try dilated-2 "$dropout" 'pool = 12\nlast_pool = "dropped"\ntrunk = { dilated = { channels = 32, layers = 2, kernel = 3 } }'
done
# How the positions are pooled, in the deepest of them.
for pooling in max average attention; do
  try "plain-2-$pooling" 0.3 "pool = 12\nlast_pool = \"dropped\"\npooling = \"$pooling\"\ntrunk = { plain = { channels = 32, blocks = 2, kernel = 3 } }"
done
# Whether the deeper ones only need more time.
try shallow 0.0 '' 1200000
try plain-1 0.0 'pool = 12\nlast_pool = "dropped"\ntrunk = { plain = { channels = 32, blocks = 1, kernel = 3 } }' 1200000
try dilated-2 0.0 'pool = 12\nlast_pool = "dropped"\ntrunk = { dilated = { channels = 32, layers = 2, kernel = 3 } }' 1200000
