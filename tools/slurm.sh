#!/usr/bin/env bash
# Shards of a comparison as a job array of SLURM, then their merge:
#
#     tools/slurm.sh 20 target/release/spiking mine.toml mine --seed 2
#
# Options of sbatch come from its environment variables (SBATCH_PARTITION, SBATCH_TIMELIMIT, SBATCH_ACCOUNT, ...); the folder must be one that
# all nodes see. Jobs that fail are submitted twice more: what they had finished is not computed again.
set -euo pipefail
[ $# -ge 4 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
shards=$1 binary=$2 file=$3 out=$4
shift 4
shard() { printf '%q ' "$binary" compare "$file" --out "$out" "$@" --threads; }
for _ in 1 2 3; do
    # shellcheck disable=SC2016 # what is quoted is for the node
    sbatch --wait --requeue --array="1-$shards" --job-name="$(basename "$out")" --output="${SBATCH_OUTPUT:-/dev/null}" \
        --wrap="$(shard "$@")"'"${SLURM_CPUS_PER_TASK:-1}" --shard "$SLURM_ARRAY_TASK_ID/'"$shards"'"' && break
done
exec "$binary" merge "$file" --out "$out" "$@"
