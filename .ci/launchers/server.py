"""A server of HyperQueue with a worker of two processors, in the folder that is named, until standard input ends."""

import pathlib
import sys
import time

from hyperqueue.cluster import LocalCluster, WorkerConfig

folder = pathlib.Path(sys.argv[1])
cluster = LocalCluster(server_dir=str(folder))
while not (folder / "hq-current" / "access.json").exists():  # which a thread writes
    time.sleep(0.05)
cluster.start_worker(WorkerConfig(cores=2))
print("ready", flush=True)
sys.stdin.read()
cluster.stop()
