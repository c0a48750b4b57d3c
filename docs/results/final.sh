#!/usr/bin/env bash
# The final comparison on a data set: every arm, three seeds (docs/results/protocol.md). Hours. The test split is opened with
# `test`, once; the conflicting world has none, and is scored with `valid`. Usage: MULTITF_DATA=... docs/results/final.sh yeast|chr20|conflicting valid|test
set -euo pipefail
cd "$(dirname "$0")/../.."
name=$1 split=$2
out=${OUT:-out/final}/$name
compare=${COMPARE:-cargo run -q --release --example compare --}
data=(--data "${MULTITF_DATA:-}/$name/dataset.toml")
if [ "$name" = conflicting ]; then data=(--world conflicting); fi
mkdir -p "$(dirname "$out")"
$compare "${data[@]}" --models recipe,multi,single --budget 400000 --arms docs/results/arms.toml --seeds 3 --score "$split" --out "$out" \
  | tee "$out-$split.txt"
