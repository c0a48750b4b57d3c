#!/usr/bin/env bash
# The tables of docs/results/variants.md. Needs Python with NumPy (PYTHON=... to choose one).
# Usage: MULTITF_DATA=... docs/results/variants.sh planted|random MODEL|many MODEL
# MODEL is the model.safetensors of a recipe that was trained on yeast; for `many`, one of a single network.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
multitf=${MULTITF:-cargo run -q --release --features cli --}
compare=${COMPARE:-cargo run -q --release --example compare --}
out=${OUT:-out/variants}
yeast="${MULTITF_DATA:-}/yeast"
mkdir -p "$out"

case $1 in
planted)
  $compare --models recipe,multi,single --out "$out/simulated" >&2
  world="$out/simulated/world"
  $python docs/results/variants.py planted "$world" cell1 chr5 "$out/planted.vcf"
  for model in recipe multi; do
    $multitf variants --model "$out/simulated/runs/$model/all/0/model.safetensors" --data "$world/dataset.toml" --cell cell1 \
      --vcf "$out/planted.vcf" --out "$out/$model.vcf.gz" --table "$out/$model.tsv.gz" --force >&2
    printf '%s\n' "$model"
    $python docs/results/variants.py planted-table "$world" "$out/$model.tsv.gz"
  done
  ;;
random)
  $python docs/results/variants.py random "$yeast" chrIV,chrVIII "$out/random.vcf"
  $multitf variants --model "$2" --data "$yeast/dataset.toml" --vcf "$out/random.vcf" --out "$out/random.vcf.gz" \
    --table "$out/random.tsv.gz" --force >&2
  $python docs/results/variants.py random-table "$yeast" chrIV,chrVIII "$out/random.tsv.gz"
  ;;
many)
  for count in 100000 1000000; do
    $python docs/results/variants.py many "$yeast" $count "$out/many.vcf"
    /usr/bin/time -f "$count variants: %e s, %U s of processor time, %M KiB" \
      $multitf variants --model "$2" --data "$yeast/dataset.toml" --vcf "$out/many.vcf" --out "$out/many.vcf.gz" --index --force
  done
  ;;
esac
