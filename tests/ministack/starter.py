"""Starts ministack on loopback, and ends it with whoever started it."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def die_with_parent():
    """Whatever becomes of this process (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def start(port, folder):
    env = {
        **{name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ},
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "HOME": folder,
    }
    log = open(os.path.join(folder, "log"), "wb")
    return subprocess.Popen(
        [sys.executable, "-m", "ministack"],
        cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent,
    )


def wait_for(port, process):
    for _ in range(600):
        if process.poll() is not None:
            return False
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/ready", timeout=1)
            return True
        except OSError:
            time.sleep(0.1)
    return False


@contextlib.contextmanager
def running():
    """The port at which it listens."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        process = start(port, folder)
        try:
            if not wait_for(port, process):
                with open(os.path.join(folder, "log"), errors="replace") as log:
                    sys.exit("ministack does not start: " + log.read()[-2000:])
            yield port
        finally:
            process.kill()
            process.wait()
