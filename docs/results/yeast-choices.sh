#!/usr/bin/env bash
# What was tried on yeast's validation chromosome: trains the shared model with each set of settings, and prints its
# mean average precision there. Seconds to minutes each. Usage: MULTITF_DATA=... docs/results/yeast-choices.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${OUT:-out/yeast-choices}
mkdir -p "$out"

# name, budget, then [training] and [architecture] settings
try() {
  local name=$1 budget=$2 training=$3 architecture=$4
  printf '[training]\nbudget = %s\nvalidate_every = %s\npatience = 0\n%b[architecture]\n%b' \
    "$budget" $((budget / 10)) "$training" "$architecture" >"$out/$name.toml"
  cargo run -q --release --example compare -- --data "$MULTITF_DATA/yeast/dataset.toml" --models multi \
    --config "$out/$name.toml" --out "$out/$name" 2>"$out/$name.log" >"$out/$name.txt"
  printf '%s\t%s\n' "$name" "$(awk '$1 == "multi" && $2 == "valid" { print $5; exit }' "$out/$name.txt")"
}

# The settings before dropout and threshold were chosen.
before='hidden_dropout = 0.3\nprofile_threshold = 0.0\n'
try whole-300 400000 '' "${before}pool = 0\n"
try whole-200 400000 '' "${before}pool = 0\ncontext_bp = 200\nsignal = { means = 4 }\n"
try whole-160 400000 '' "${before}pool = 0\ncontext_bp = 160\nsignal = { means = 4 }\n"
try whole-300-no-dropout 400000 '' "pool = 0\nmotif_dropout = 0.0\nhidden_dropout = 0.0\nprofile_threshold = 0.0\n"
try whole-300-no-weights 400000 '[training.sampler]\ncorrection = "none"\n' "${before}pool = 0\n"
try three-stretches 400000 '' "$before"
try three-stretches-no-dropout 400000 '' 'motif_dropout = 0.0\nhidden_dropout = 0.0\nprofile_threshold = 0.0\n'
try six-stretches 400000 '' "${before}pool = 47\n"
try five-stretches-of-500 400000 '' "${before}pool = 96\nlast_pool = \"dropped\"\ncontext_bp = 500\nsignal = { means = 10 }\n"
try rate-.004 400000 'learning_rate = 0.004\n' "$before"
try 256-motifs 400000 '' "${before}motifs = 256\n"
try three-stretches-800k 800000 '' "$before"
try hidden-dropout-.5-800k 800000 '' 'hidden_dropout = 0.5\nprofile_threshold = 0.0\n'
try threshold-.3-800k 800000 '' 'hidden_dropout = 0.3\nprofile_threshold = 0.3\n'
# The defaults, and what each of them is worth.
try defaults 800000 '' ''
try random-motifs 800000 '' 'profiles = false\n'
try forward-strand 800000 '' 'strands = "forward"\n'
try whole-context 800000 '' 'pool = 0\n'
