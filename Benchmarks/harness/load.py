"""The two load generators: wrk, and tools/load.c for what wrk cannot do."""

import json
import os
import subprocess

WRK_REPORT = os.path.join(os.path.dirname(os.path.dirname(__file__)), "tools", "report.lua")


class Refused(RuntimeError):
    """A run with an answer that was not a success: its figures would mean nothing."""


def wrk(url, connections, seconds, headers):
    """Requests a second and latencies in microseconds; every answer must be a success."""
    arguments = ["wrk", "-t", str(min(connections, 2)), "-c", str(connections), "-d", f"{seconds}s", "--timeout", "20s",
                 "-s", WRK_REPORT]
    for name, value in headers.items():
        arguments += ["-H", f"{name}: {value}"]
    # Not one answer and not one error in all that time: the machine stood still, so once more.
    for _ in range(2):
        done = subprocess.run(arguments + [url], capture_output=True, text=True, timeout=seconds + 60)
        line = next((line for line in done.stdout.splitlines() if line.startswith("REPORT ")), None)
        if line is None:
            raise RuntimeError(f"wrk {url}: {done.stdout}{done.stderr}")
        result = json.loads(line.removeprefix("REPORT "))
        if result["requests"] or result["errors"]:
            break
    if result["errors"] or not result["requests"]:
        raise Refused(f"wrk {url} with {connections} connections: {result}")
    result["rate"] = result["requests"] / result["seconds"]
    return result


def http_request(method, target, body="", **headers):
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if method == "POST":
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body.encode())}"]
    return "\r\n".join(lines) + "\r\n\r\n" + body


def requests_file(path, requests):
    with open(path, "w") as file:
        for request in requests:
            file.write(request + "\0")
    return path


def load(program, port, connections, requests, strict=True, **options):
    """Runs tools/load.c; options as its command line has them."""
    arguments = [program, "--port", str(port), "--connections", str(connections), "--requests", requests]
    for name, value in options.items():
        if value is True:
            arguments.append(f"--{name}")
        elif value is not None and value is not False:
            arguments += [f"--{name}", str(value)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=900)
    if done.returncode:
        raise RuntimeError(f"load: {done.stdout}{done.stderr}")
    result = json.loads(done.stdout)
    result["failed"] = result["broken"] + sum(
        count for status, count in result["statuses"].items() if not status.startswith("2"))
    result["rate"] = result["done"] / result["seconds"]
    if strict and (result["failed"] or not result["done"]):
        raise Refused(f"{requests}: {result}")
    return result
