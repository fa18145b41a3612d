"""Runs a command, and fails if it fails or its largest process took more memory: python3 peak.py BYTES COMMAND ..."""

import resource
import subprocess
import sys

limit, command = int(sys.argv[1]), sys.argv[2:]
code = subprocess.run(command).returncode
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024  # kilobytes on Linux
print(f"peak memory {peak / 1e9:.2f} GB, {limit / 1e9:.2f} GB are allowed")
sys.exit(code or peak > limit)
