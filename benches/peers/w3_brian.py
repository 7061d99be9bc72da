"""Vogels et al.'s network in Brian2's C++ standalone mode, compiled into a folder whose `main` runs it again.

Usage: w3_brian.py seconds seed folder. Prints rates of the last second and seconds of computing a second."""
import json
import sys

import numpy as np
from brian2 import (
    Hz, Network, NeuronGroup, SpikeMonitor, Synapses, defaultclock, device, ms, second, seed, set_device,
)

EQUATIONS = """
dv/dt = (-60 - v) / (20*ms) - ge * v / ms + gi * (-80 - v) / ms + 1 / ms : 1 (unless refractory)
dge/dt = -ge / (5*ms) : 1
dgi/dt = -gi / (10*ms) : 1
"""
# Conductances over the capacitance: nS/200 pF, in 1/ms.
EXCITES, INHIBITS, NANOSIEMENS = 0.3 / 200, 3.0 / 200, 1.0 / 200


def build(draw):
    defaultclock.dt = 0.1 * ms
    seed(draw)
    cells = NeuronGroup(10000, EQUATIONS, threshold="v > -50", reset="v = -60", refractory=5 * ms, method="euler")
    cells.v = "-60 + 10*rand()"
    e, i = cells[:8000], cells[8000:]
    excites = Synapses(e, cells, on_pre=f"ge_post += {EXCITES}")
    inhibits = Synapses(i, i, on_pre=f"gi_post += {INHIBITS}")
    learns = Synapses(
        i,
        e,
        """w : 1
        dx/dt = -x / (20*ms) : 1 (event-driven)
        dy/dt = -y / (20*ms) : 1 (event-driven)""",
        on_pre=f"""gi_post += w * {NANOSIEMENS}
        w = clip(w + (y - 2*3*0.02) * 0.01, 0, 1e9)
        x += 1""",
        on_post="""w = clip(w + x * 0.01, 0, 1e9)
        y += 1""",
    )
    for synapses in (excites, inhibits, learns):
        synapses.connect(p=0.02)
    monitors = [SpikeMonitor(e), SpikeMonitor(i)]
    return Network(cells, excites, inhibits, learns, monitors), monitors


def main():
    seconds, draw, folder = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    set_device("cpp_standalone", build_on_run=False)
    net, monitors = build(draw)
    net.run(seconds * second)
    device.build(directory=folder, compile=True, run=True, debug=False)
    last = [np.asarray(m.t / second) > seconds - 1 for m in monitors]
    rates = [float(own.sum()) / size for own, size in zip(last, (8000, 2000))]
    print(json.dumps({"seconds": device._last_run_time / seconds, "rates": rates}))


main()
