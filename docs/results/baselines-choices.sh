#!/usr/bin/env bash
# What was tried for the baselines on yeast's validation chromosome: fits the 13 factors of yeast.md with each set of
# settings, and prints their mean average precision there. Minutes each. Usage: MULTITF_DATA=... docs/results/baselines-choices.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${OUT:-out/baselines-choices}
singles=Ace2,Skn7,Mbp1,Swi4,Tda9,Sfp1,Rsc3,Stp2,Phd1,Rox1,Mig2,Fkh1,Spt15
mkdir -p "$out"

# model, name, then baselines.toml
try() {
  local model=$1 name=$1-$2
  printf '%b' "$3" >"$out/$name.toml"
  cargo run -q --release --features boost --example compare -- --data "$MULTITF_DATA/yeast/dataset.toml" --models "$model" \
    --factors "$singles" --budget 300000 --baselines "$out/$name.toml" --out "$out/$name" 2>"$out/$name.log" >"$out/$name.txt"
  printf '%s\t%s\n' "$name" "$(awk -v model="$model" '$1 == model && $2 == "valid" { print $5; exit }' "$out/$name.txt")"
}

try online defaults ''
try online 22-bits '[online]\nbits = 22\n'
try online rate-.1 '[online]\nlearning_rate = 0.1\n'
try online rate-2 '[online]\nlearning_rate = 2.0\n'
try online l2 '[online]\nl2 = 1e-6\n'
try online l1 '[online]\nl1 = 1e-6\n'
try online linear '[online]\nquadratic = []\n'
try online words-by-accessibility '[online]\nbits = 22\nquadratic = ["am", "ak"]\n'
try online pairs-of-motifs '[online]\nbits = 22\nquadratic = ["am", "mm"]\n'
try online flanks-of-100 '[features]\nflank_bp = 100\n'
try boost defaults ''
try boost depth-4 '[boost]\ndepth = 4\n'
try boost depth-8 '[boost]\ndepth = 8\n'
try boost rate-.05 '[boost]\nlearning_rate = 0.05\nrounds = 600\n'
try boost child-weight-10 '[boost]\nmin_child_weight = 10.0\n'
try boost lambda-10 '[boost]\nlambda = 10.0\n'
try boost flanks-of-100 '[features]\nflank_bp = 100\n'
try two-feature defaults ''
try two-feature flanks-of-100 '[features]\nflank_bp = 100\n'
