#!/usr/bin/env bash
# What task balancers are worth, at two batch sizes. The constant of each is chosen on seed 0, and the choice is trained with
# other seeds. First on yeast, average precision over 49 factors on the validation chromosome; then, with the constants chosen
# there, in a simulated world where factors conflict, over 29 tracks and over those of three rare factors. A quarter to half a
# minute a training. Usage: MULTITF_DATA=... docs/results/balancers.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${OUT:-out/balancers}
seeds=${SEEDS:-3}
compare=${COMPARE:-cargo run -q --release --example compare --}
yeast=$MULTITF_DATA/yeast/dataset.toml
world=$out/world/world/dataset.toml
TIMEFORMAT=%U
mkdir -p "$out"

# data, folder, seeds, budget, batch size, learning rate, balance: trains.
train() {
  printf '[training]\nbudget = %s\nvalidate_every = %s\npatience = 0\nbatch_size = %s\nlearning_rate = %s\nbalance = %s\n' \
    "$4" $(($4 / 10)) "$5" "$6" "$7" >"$2.toml"
  { time $compare --data "$1" --models multi --seeds "$3" --config "$2.toml" --out "$2" >"$2.txt" 2>>"$2.log"; } 2>>"$2.time"
}

# folder, seed, factors: mean average precision, over all factors if none are named.
score() {
  awk -F'\t' -v seed="$2" -v factors="${3:-}" '
    $2 == seed && $8 != "NA" && (factors == "" || index(factors, $4)) { sum += $8; n++ }
    END { printf "%.4f\n", sum / n }' "$1/scores.tsv"
}

# folder, first seed, last seed, factors: the mean over seeds, and each of them.
scores() {
  for seed in $(seq "$2" "$3"); do score "$1" "$seed" "${4:-}"; done |
    awk '{ sum += $1; each = each (NR > 1 ? " " : "") $1 } END { printf "%.4f\t(%s)", sum / NR, each }'
}

# folder: seconds of a processor for one training.
seconds() {
  awk 'FILENAME ~ /time$/ { sum += $1; next } FNR > 1 { n++ } END { printf "%.0f", sum / n }' "$1.time" "$1/runs.tsv"
}

# a, b: whether a is more.
more() {
  awk "BEGIN { exit !($1 > $2) }"
}

# batch size, learning rate, a balancer's settings to choose from: the best of seed 0, with other seeds.
choose() {
  local batch=$1 rate=$2 best=-1 balance chosen folder found tried=
  shift 2
  for balance in "$@"; do
    folder=$out/$batch-${balance//[^a-z0-9.]/}
    train "$yeast" "$folder" 1 200000 "$batch" "$rate" "$balance"
    found=$(score "$folder" 0)
    tried+=" $found"
    if more "$found" "$best"; then best=$found chosen=$balance; fi
  done
  on_yeast "$batch" "$rate" "$chosen" "$seeds" "${tried# }"
  if [[ $batch == 128 ]]; then in_conflict "$rate" "$chosen" $((seeds - 1)); fi
}

# batch size, learning rate, balancer, seeds, a remark: trains with all seeds and prints the scores of all but the first.
on_yeast() {
  local folder=$out/$1-${3//[^a-z0-9.]/}
  train "$yeast" "$folder" "$4" 200000 "$1" "$2" "$3"
  printf 'yeast\t%s\t%s\t%s\t%s\t%s\n' "$1" "$3" "$5" "$(scores "$folder" 1 $(($4 - 1)))" "$(seconds "$folder")"
}

# learning rate, balancer, seeds: the same in the world of conflicts, where nothing was chosen and each seed counts.
in_conflict() {
  local folder=$out/world-${2//[^a-z0-9.]/}
  train "$world" "$folder" "$3" 100000 128 "$1" "$2"
  printf 'conflicting\t128\t%s\tall %s\trare %s\t%s\n' "$2" "$(scores "$folder" 0 $(($3 - 1)))" \
    "$(scores "$folder" 0 $(($3 - 1)) 'REST NRF1 CEBPB')" "$(seconds "$folder")"
}

# batch size, learning rates: all balancers, at the rate that is best for equal weights on seed 0.
balancers() {
  local batch=$1 best=-1 rate chosen found
  shift
  for rate in "$@"; do
    train "$yeast" "$out/$batch-rate-$rate" 1 200000 "$batch" "$rate" '"equal"'
    found=$(score "$out/$batch-rate-$rate" 0)
    printf 'yeast\t%s\trate %s\t%s\n' "$batch" "$rate" "$found"
    if more "$found" "$best"; then best=$found chosen=$rate; fi
  done
  choose "$batch" "$chosen" '"equal"'
  choose "$batch" "$chosen" '{ cagrad = { radius = 0.05 } }' '{ cagrad = { radius = 0.2 } }' '{ cagrad = { radius = 0.5 } }'
  choose "$batch" "$chosen" '{ entropy = { power = 0.25 } }' '{ entropy = { power = 0.5 } }' '{ entropy = { power = 1 } }'
}

$compare --world conflicting --models motif --out "$out/world" >"$out/world.txt" 2>"$out/world.log"
balancers 1024 0.004 0.008 0.016 0.032
balancers 128 0.002 0.004 0.008

# Those that were ahead of equal weights, with more seeds.
for balance in '"equal"' '{ entropy = { power = 0.25 } }'; do
  on_yeast 1024 0.016 "$balance" 6 more
done
for balance in '"equal"' '{ entropy = { power = 0.5 } }' '{ cagrad = { radius = 0.05 } }'; do
  on_yeast 128 0.004 "$balance" 6 more
done
for balance in '"equal"' '{ entropy = { power = 0.5 } }'; do
  in_conflict 0.004 "$balance" 5
done
