#!/usr/bin/env bash
# How the settings of each side were chosen: trains models with one set of settings after another on the development split
# (docs/results/protocol.md), and prints the mean average precision there. The test split of the data set is not read.
# Usage: MULTITF_DATA=... docs/results/choices.sh yeast|chr20 single|shared|trees|parts [SETTING...]; SEEDS=3 for three seeds.
# Trees need COMPARE='cargo run -q --release --features boost --example compare --'.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=$1 side=$2 seeds=${SEEDS:-1}
shift 2
out=$(realpath -m "${OUT:-out/choices}/$name")
compare=${COMPARE:-cargo run -q --release --example compare --}
mkdir -p "$out"

# The development split takes the place of the test split, and is not trained on.
data=$out/data
if [ ! -e "$data/dataset.toml" ]; then
  mkdir -p "$data"
  ln -sf "$(realpath "$MULTITF_DATA")/$name"/* "$data"
  rm -f "$data/dataset.toml"
  sed -e 's/^test = ..chrIV.*/test = ["chrII", "chrXVI"]\ntrain = ["chrI", "chrIII", "chrV", "chrVI", "chrVII", "chrIX", "chrX", "chrXI", "chrXII", "chrXIV", "chrXV"]/' \
    -e 's/^train = ..chr20:0.*/train = ["chr20:0-4200000"]/' -e 's/^test = ..chr20.*/test = ["chr20:4200000-5500000"]/' \
    "$MULTITF_DATA/$name/dataset.toml" >"$data/dataset.toml"
fi
if ! grep -qE '^test = ."(chrII", "chrXVI|chr20:4200000-5500000)"' "$data/dataset.toml"; then
  echo "$data/dataset.toml has no development split" >&2
  exit 1
fi

# name, model, a config.toml, and a baselines.toml if there is one, each with | for the ends of lines
try() {
  local setting=$1 model=$2
  if [ "${#wanted[@]}" -gt 0 ] && [[ " ${wanted[*]} " != *" $setting "* ]]; then return; fi
  tr '|' '\n' <<<"$3" >"$out/$side-$setting.toml"
  tr '|' '\n' <<<"${4:-}" >"$out/$side-$setting.baselines"
  $compare --data "$data/dataset.toml" --models "$model" --seeds "$seeds" --config "$out/$side-$setting.toml" --score test \
    --baselines "$out/$side-$setting.baselines" --out "$out/$side-$setting" 2>"$out/$side-$setting.log" >"$out/$side-$setting.txt"
  awk -v name="$name $side $setting" -v seeds="$seeds" '
    NR == FNR { if ($1 != "model") { draws += $4; seconds += $9 } next }
    $2 == "test" && $3 == seeds { print name, seeds, $5, $10, draws / seeds, seconds / seeds; exit }' OFS='\t' \
    "$out/$side-$setting/runs.tsv" "$out/$side-$setting.txt"
}
wanted=("$@")

alone() { # draws, members, then lines of [training]
  printf '[single]|budget = %s|members = %s|[training]|%s' "$1" "$2" "${3:-}"
}
none='[training.sampler]|correction = "none"|'
plain='[architecture]|motif_dropout = 0.0|hidden_dropout = 0.0|'

shared() { # draws, members, then lines of [training]
  printf '[recipe]|members = %s|[training]|budget = %s|%s' "$2" "$1" "${3:-}"
}

if [ "$side" = single ]; then
  try 100k single "$(alone 100000 1)"
  try 100k-weights single "$(alone 100000 '1|correction = "weight"')"
  try 25k single "$(alone 25000 1)"
  try 50k single "$(alone 50000 1)"
  try 200k single "$(alone 200000 1)"
  try 100k-batch-32 single "$(alone 100000 1 'batch_size = 32|')"
  try 100k-no-dropout single "$(alone 100000 1)$plain"
  try 100k-own-pool single "$(alone 100000 1)[training.sampler]|pool = \"own\"|"
  try 100k-looks single "$(alone 100000 '1|looks = 8')"
  try 100k-narrow single "$(alone 100000 1)[architecture]|hidden = 64|motifs = 64|"
  try 100k-wide single "$(alone 100000 1)[architecture]|hidden = 512|motifs = 256|"
  try 100k-members single "$(alone 100000 4)"
fi

if [ "$side" = shared ]; then
  try 400k recipe "$(shared 400000 1)"
  try 400k-last recipe "$(shared 400000 1 'validate_every = 400000|')"
  try 400k-no-weights recipe "$(shared 400000 1)$none"
  try 400k-batch-32 recipe "$(shared 400000 1 'batch_size = 32|')"
  try 400k-soft recipe "$(shared 400000 1 'ambiguous = { soft = 0.5 }|')"
  try 400k-dropout recipe "$(shared 400000 '1|dropout = 0.25')"
  try 400k-wide recipe "$(shared 400000 1)[architecture]|hidden = 1024|"
  try 800k recipe "$(shared 800000 1)"
  try 800k-wide-dropout recipe "$(shared 800000 '1|dropout = 0.25')[architecture]|hidden = 1024|"
  try 400k-members recipe "$(shared 400000 4)"
  try 400k-8-members recipe "$(shared 400000 8)"
  try 400k-members-batch-32 recipe "$(shared 400000 4 'batch_size = 32|')"
fi

# What each part of the chosen recipe is worth.
part() { # name, draws, then further lines of [recipe] and other tables
  try "$1" recipe "$(printf '[training]|budget = %s|[recipe]|%s' "$2" "${3:-}")"
}
if [ "$side" = parts ]; then
  part recipe 400000
  part one-member 400000 'members = 1|'
  part dropout 400000 'dropout = 0.5|'
  part two-epochs 130000 'min_epochs = 2.0|'
  part no-profiles 400000 '[architecture]|profiles = false|'
  part no-motifs 400000 'discovered = 0|[architecture]|profiles = false|'
fi

if [ "$side" = trees ]; then
  draws='[training]|budget = 100000|'
  try weights boost "$draws"
  try weights-child-.01 boost "$draws" '[boost]|min_child_weight = 0.01|'
  try no-weights boost "$draws$none"
  try no-weights-child-10 boost "$draws$none" '[boost]|min_child_weight = 10.0|'
  try no-weights-child-.1 boost "$draws$none" '[boost]|min_child_weight = 0.1|'
  try no-weights-depth-4 boost "$draws$none" '[boost]|depth = 4|'
fi
