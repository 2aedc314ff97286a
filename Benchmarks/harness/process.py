"""Processes that the benchmark starts, measures and stops, by process id and never by name."""

import os
import resource
import signal
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


def raise_descriptor_limit():
    """As many descriptors as the system lets us have; children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def wait_until(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.01)
    raise RuntimeError(f"waited in vain for {what}")


class Process:
    """One program with its children; its output goes to a file."""

    def __init__(self, name, arguments, folder, environment=None):
        self.name = name
        self.log = os.path.join(folder, f"{name}.log")
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
                env=None if environment is None else {**os.environ, **environment})

    @property
    def pid(self):
        return self.child.pid

    def family(self):
        """Its process id and those of its children, for programs whose workers are processes."""
        ids = [self.pid]
        for parent in ids:
            try:
                threads = os.listdir(f"/proc/{parent}/task")
            except FileNotFoundError:
                continue
            for thread in threads:
                try:
                    with open(f"/proc/{parent}/task/{thread}/children") as file:
                        ids += [int(child) for child in file.read().split()]
                except FileNotFoundError:
                    pass
        return ids

    def cpu(self):
        """Seconds of processor time so far, user and system, children and waited-for children included."""
        total = 0
        for pid in self.family():
            try:
                with open(f"/proc/{pid}/stat") as file:
                    fields = file.read().rpartition(")")[2].split()
            except FileNotFoundError:
                continue
            total += sum(int(field) for field in fields[11:15])
        return total / TICK

    def status(self, field):
        """A number of /proc/PID/status: `VmRSS` and `VmHWM` in KiB, `Threads`."""
        with open(f"/proc/{self.pid}/status") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1])
        return 0

    def wakeups(self):
        """Voluntary context switches of all its threads so far."""
        total = 0
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{thread}/status") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt"))
        return total

    def check(self):
        if self.child.poll() is not None:
            with open(self.log, errors="replace") as log:
                raise RuntimeError(f"{self.name} ended with {self.child.returncode}: {log.read()[-2000:]}")

    def stop(self, number=signal.SIGTERM, seconds=15):
        if self.child.poll() is not None:
            return
        self.child.send_signal(number)
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class Processes(list):
    """All that run; stops them in the opposite order."""

    def start(self, name, arguments, folder, environment=None):
        process = Process(name, arguments, folder, environment)
        self.append(process)
        return process

    def end(self, process, number=signal.SIGTERM):
        process.stop(number)
        self.remove(process)

    def stop(self):
        while self:
            self.pop().stop()
