"""Timing in turn, and the table of ratios."""
import json
import statistics
import subprocess


def ours(command):
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def optional(name):
    try:
        return __import__(name)
    except ImportError:
        print(f"{name}: missing")
        return None


def table(title, own, peers, rounds):
    """own: () -> (time, fact); peers: name -> () -> (time, fact). Every round runs all of them once."""
    times, facts = {}, {}
    for _ in range(rounds):
        for name, run in [("equipoise", own), *peers.items()]:
            ms, fact = run()
            times.setdefault(name, []).append(ms)
            facts.setdefault(name, []).append(fact)
    base = times["equipoise"]
    print(f"\n{title}\n{'':34}{'median':>12}{'ratio':>10}   same physics")
    for name, values in times.items():
        ratio = statistics.median(v / b for v, b in zip(values, base))
        print(f"{name:34}{statistics.median(values):12.4f}{ratio:10.2f}   {statistics.mean(facts[name]):.4f}")
