#!/usr/bin/env python3
"""Shards of a comparison as tasks of HyperQueue, then their merge.

    pip install hyperqueue
    tools/hq.py 20 target/release/spiking mine.toml mine --seed 2

With a server that runs already, `--server DIR` is its folder; workers are yours (`hq worker start`). Without one, this machine's cores are
used. Tasks that fail, because a worker was killed, say, are tried twice more: what they had finished is not computed again.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile

from hyperqueue import Client, Job, LocalCluster
from hyperqueue.cluster import WorkerConfig

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("shards", type=int)
parser.add_argument("binary")
parser.add_argument("file")
parser.add_argument("out", metavar="dir")
parser.add_argument("--server", metavar="DIR", help="folder of a HyperQueue server that runs")
own, options = parser.parse_known_args()


@contextlib.contextmanager
def queue():
    if own.server:
        yield Client(own.server)
    else:
        with LocalCluster(worker_config=WorkerConfig()) as cluster:
            yield cluster.client()


def submit(client, shards, talk):
    """The shards that failed. What they say goes to a folder: HyperQueue would keep two files a task."""
    job = Job()
    for shard in shards:
        asked = ["--shard", f"{shard}/{own.shards}", "--threads", "1", *options]
        command = [own.binary, "compare", own.file, "--out", own.out, *asked]
        job.program(command, stdout=f"{talk}/{shard}.out", stderr=f"{talk}/{shard}.err")
    submitted = client.submit(job)
    client.wait_for_jobs([submitted], raise_on_error=False)
    return [shards[task] for task in client.get_failed_tasks(submitted)]


with queue() as client, tempfile.TemporaryDirectory(dir=".") as talk:
    left = list(range(1, own.shards + 1))
    for _ in range(3):
        left = submit(client, left, talk) if left else []
    for shard in left:
        with open(f"{talk}/{shard}.err") as said:
            print(f"shard {shard} failed: {said.read().strip().splitlines()[-1:]}", file=sys.stderr)
sys.exit(subprocess.run([own.binary, "merge", own.file, "--out", own.out, *options]).returncode)
