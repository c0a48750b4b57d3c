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

before='[online]\nbits = 18\nquadratic = ["am"]\n'
try online before "$before"
try online 22-bits '[online]\nbits = 22\nquadratic = ["am"]\n'
try online rate-.1 "${before}learning_rate = 0.1\n"
try online rate-2 "${before}learning_rate = 2.0\n"
try online l2 "${before}l2 = 1e-6\n"
try online l1 "${before}l1 = 1e-7\n"
try online linear '[online]\nbits = 18\nquadratic = []\n'
try online words-by-accessibility '[online]\nquadratic = ["am", "ak"]\n'
try online pairs-of-motifs ''
try online pairs-of-motifs-l2 '[online]\nl2 = 1e-7\n'
try online flanks-of-100 "${before}[features]\nflank_bp = 100\n"
before='[boost]\nrounds = 300\nlearning_rate = 0.1\n'
try boost before "$before"
try boost depth-4 "${before}depth = 4\n"
try boost depth-8 "${before}depth = 8\n"
try boost rate-.05 ''
try two-feature defaults ''
try two-feature flanks-of-100 '[features]\nflank_bp = 100\n'
