#!/usr/bin/env bash
# A cell type that no model has seen: every arm, three seeds (docs/results/protocol.md), in two settings, which differ in the places of the
# test: `new`, a chromosome that nothing was trained on, and `seen`, the places that were trained on in other cell types. The models
# are the same, and are trained once. Hours. The test cell type is opened with `test`, once.
# Usage: MULTITF_DATA=... docs/results/encode5.sh valid|test
set -euo pipefail
cd "$(dirname "$0")/../.."
split=$1
out=$(realpath -m "${OUT:-out/encode5}")
compare=${COMPARE:-cargo run -q --release --example compare --}
mkdir -p "$out/data"
ln -sf "$(realpath "$MULTITF_DATA")/encode5"/* "$out/data"
rm -f "$out/data/dataset.toml"
sed 's/^test = .*/test = ["chr20:1600000-11095000"]/' "$MULTITF_DATA/encode5/dataset.toml" >"$out/data/dataset.toml"

score() { # setting, data set
  $compare --data "$2" --models recipe,multi,single,accessibility,average,average-accessibility --budget 200000 --seeds 3 \
    --score "$split" --out "$out/$1" | tee "$out/$1-$split.txt"
}
score new "$MULTITF_DATA/encode5/dataset.toml"
if [ "$split" = test ]; then
  mkdir -p "$out/seen"
  cp -r "$out/new/runs" "$out/seen"
  score seen "$out/data/dataset.toml"
fi
