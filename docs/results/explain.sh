#!/usr/bin/env bash
# The tables of docs/results/explain.md. Needs Python with NumPy (PYTHON=... to choose one).
# Usage: MULTITF_DATA=... docs/results/explain.sh resolution MODEL CHROMOSOME,CHROMOSOME|hits|modisco MODEL
# MODEL is the model.safetensors of a recipe that was trained on yeast.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
multitf=${MULTITF:-cargo run -q --release --features cli --}
compare=${COMPARE:-cargo run -q --release --example compare --}
out=${OUT:-out/explain}
yeast="${MULTITF_DATA:-}/yeast"

case $1 in
resolution)
  $python docs/results/resolution.py regions "$yeast" "$3" "$out/regions"
  for regions in "$out"/regions/*.bed; do
    factor=$(basename "$regions" .bed)
    $multitf explain --model "$2" --data "$yeast/dataset.toml" --regions "$regions" --tasks "$factor" --out "$out/yeast/$factor" >&2
  done
  $python docs/results/resolution.py table "$yeast" "$out/regions" "$out/yeast"
  ;;
hits)
  $compare --models recipe,multi,single --explain --out "$out/simulated" >&2
  world="$out/simulated/world"
  $python docs/results/hits.py regions "$world" cell1 chr5 "$out/regions.bed"
  for model in recipe multi; do
    $multitf explain --model "$out/simulated/runs/$model/all/0/model.safetensors" --data "$world/dataset.toml" --cell cell1 \
      --regions "$out/regions.bed" --tile --out "$out/hits-$model" >&2
    printf '%s\n' "$model"
    $python docs/results/hits.py table "$world" cell1 "$out/regions.bed" "$out/hits-$model"
  done
  awk -F'\t' 'NR > 1 { key = $1 "\t" $2; count[key]++; own[key] += $4; other[key] += $5 }
    END { for (key in count) printf "%s\t%.3f\t%.3f\n", key, own[key] / count[key], other[key] / count[key] }' \
    "$out/simulated/borrowed.tsv" | sort -t"$(printf '\t')" -k1,1 -k4,4nr
  ;;
modisco)
  mkdir -p "$out"
  for factor in Reb1 Abf1 Rap1; do
    awk '$1 != "chrXIII" && $1 != "chrIV" && $1 != "chrVIII" { print $1 "\t" $2 - 100 "\t" $2 + 100 }' OFS='\t' \
      "$yeast/peaks/$factor.bed" | awk '$2 >= 0' >"$out/$factor.bed"
    $multitf explain --model "$2" --data "$yeast/dataset.toml" --regions "$out/$factor.bed" --tasks "$factor" \
      --out "$out/modisco/$factor" >&2
    $python tests/oracles/modisco.py "$out/modisco/$factor" "$yeast/motifs.meme" 300 "$factor"
  done | awk '!/^factor/ || !seen++'
  ;;
esac
