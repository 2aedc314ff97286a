"""What the figures were measured on."""

import os
import platform
import subprocess


def _first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except OSError:
        return "absent"
    return ((done.stdout or done.stderr).strip().splitlines() or ["unknown"])[0]


def _package(name):
    return _first_line("dpkg-query", "-W", "-f=${Version}", name)


def describe():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    with open("/proc/meminfo") as file:
        memory = int(file.readline().split()[1]) // 1048576
    try:
        with open("/etc/debian_version") as file:
            debian = "Debian " + file.read().strip()
    except FileNotFoundError:
        debian = platform.platform()
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory": f"{memory} GiB",
        "kernel": platform.release(),
        "system": debian,
        "load at the start": " ".join(f"{value:.1f}" for value in os.getloadavg()),
        "swift": _first_line("swift", "--version"),
        "nginx": _package("nginx"),
        "redis": _package("redis-server"),
        "libfcgi": _package("libfcgi-dev"),
        "hiredis": _package("libhiredis-dev"),
        "php": _package("php8.2-fpm") + ", phpredis " + _package("php-redis"),
        "go": _package("golang-go") + ", redigo " + _package("golang-github-gomodule-redigo-dev"),
        "nginx lua": _package("libnginx-mod-http-lua"),
        "wrk": _package("wrk"),
    }
