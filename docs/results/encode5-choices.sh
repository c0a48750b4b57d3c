#!/usr/bin/env bash
# What was tried for cell types without labels: leaves each training cell type of encode5 out in turn, trains on the others with each set
# of settings, three seeds, and prints the mean average precision over the left-out tracks, that among bins that differ between
# cell types, and that of each left-out cell type. The test cell type is not read. One to ten minutes each.
# Usage: MULTITF_DATA=... docs/results/encode5-choices.sh [SETTING...]
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$(realpath -m "${OUT:-out/encode5-choices}")
compare=${COMPARE:-cargo run -q --release --example compare --}
seeds=${SEEDS:-3}
mkdir -p "$out/quantile"
ln -sf "$(realpath "$MULTITF_DATA")/encode5"/* "$out/quantile"
rm -f "$out/quantile/dataset.toml"
sed 's/^\[accessibility\].*/&\ntransform = "quantile"/' "$MULTITF_DATA/encode5/dataset.toml" >"$out/quantile/dataset.toml"
log="$MULTITF_DATA/encode5/dataset.toml" quantile="$out/quantile/dataset.toml"
wanted=("$@")

# name, data set, model, draws, then lines of config.toml, with | for their ends
try() {
  local name=$1 data=$2 model=$3 draws=$4
  if [ "${#wanted[@]}" -gt 0 ] && [[ " ${wanted[*]} " != *" $name "* ]]; then return; fi
  tr '|' '\n' <<<"${5:-}" >"$out/$name.toml"
  $compare --data "$data" --leave-out all --models "$model" --budget "$draws" --seeds "$seeds" --config "$out/$name.toml" \
    --out "$out/$name" >"$out/$name.txt" 2>"$out/$name.log"
  awk -F'\t' -v name="$name" '
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $at["average_precision"] != "NA" {
      sum += $at["average_precision"]; count++
      cell = $at["cell"]; sums[cell] += $at["average_precision"]; counts[cell]++
    }
    $at["differing_ap"] != "NA" { differing += $at["differing_ap"]; tracks++ }
    END {
      printf "%s\t%.3f\t%.3f", name, sum / count, differing / tracks
      many = split("HepG2 HUVEC K562", cells, " ")
      for (i = 1; i <= many; i++) printf "\t%.3f", sums[cells[i]] / counts[cells[i]]
      printf "\n"
    }' "$out/$name/scores.tsv"
}

sampler='[training.sampler]|'
rare="${sampler}rarity = 0.5|"
known='[recipe]|min_epochs = 6.0|discovered = 3|rarity = 0.0|'
members='[architecture]|members = 4|'
printf 'setting\taverage_precision\tdiffering_ap\tHepG2\tHUVEC\tK562\n'
try average-accessibility "$log" average-accessibility 1000
try multi "$log" multi 200000
try rarity-.5 "$log" multi 200000 "$rare"
try rarity-1 "$log" multi 200000 "${sampler}rarity = 1.0|"
try 100k "$log" multi 100000 "$rare"
try 400k "$log" multi 400000 "$rare"
try quantile "$quantile" multi 200000 "$rare"
try no-weights "$log" multi 200000 "${rare}correction = \"none\"|"
try soft "$log" multi 200000 "[training]|ambiguous = { soft = 0.5 }|$rare"
try weight-decay-.1 "$log" multi 200000 "[training]|weight_decay = 0.1|$rare"
try rate-.001 "$log" multi 200000 "[training]|learning_rate = 0.001|$rare"
try batches-of-32 "$log" multi 200000 "[training]|batch_size = 32|$rare"
try 64-features "$log" multi 200000 "[architecture]|hidden = 64|$rare"
try motif-dropout-.3 "$log" multi 200000 "[architecture]|motif_dropout = 0.3|$rare"
try no-dropout "$log" multi 200000 "[architecture]|motif_dropout = 0.0|hidden_dropout = 0.0|$rare"
try context-1000 "$log" multi 200000 "[architecture]|context_bp = 1000|$rare"
try members "$log" multi 200000 "$members$rare"
try members-quantile "$quantile" multi 200000 "$members$rare"
try members-400k "$log" multi 400000 "$members$rare"
try recipe "$log" recipe 200000
try recipe-of-known-cells "$log" recipe 200000 "${known}dropout = 0.0|"
try recipe-of-known-cells-dropout "$log" recipe 200000 "${known}dropout = 0.5|$rare"
