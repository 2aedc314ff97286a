"""Watches the daemon from outside while it is killed.

usage: probe.py kill SOCKET PID     SIGKILLs PID; prints how often the socket refused, and the milliseconds to the next answer
       probe.py stop PID            SIGTERMs PID; prints the milliseconds until it is gone
"""
import os
import select
import signal
import socket
import sys
import time


def record(kind, content):
    return bytes([1, kind, 0, 1]) + len(content).to_bytes(2, "big") + b"\0\0" + content


def pair(name, value):
    return bytes([len(name), len(value)]) + name + value


REQUEST = (
    record(1, b"\0\1\0\0\0\0\0\0")
    + record(4, pair(b"REQUEST_METHOD", b"GET") + pair(b"REQUEST_URI", b"/customers/openapi.yaml") + pair(b"REMOTE_ADDR", b"127.0.0.1"))
    + record(4, b"")
    + record(5, b"")
)


def answers(path):
    """Connects and asks; waits for the first bytes of the answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall(REQUEST)
        return connection.recv(8)[:2] == b"\1\6"


def wait_gone(pid, descriptor):
    if not select.select([descriptor], [], [], 20)[0]:
        sys.exit(f"{pid} is still there")


def main():
    pid = int(sys.argv[-1])
    descriptor = os.pidfd_open(pid)
    begin = time.monotonic()
    if sys.argv[1] == "stop":
        os.kill(pid, signal.SIGTERM)
        wait_gone(pid, descriptor)
        print(round((time.monotonic() - begin) * 1000))
        return
    path = sys.argv[2]
    refused = 0
    os.kill(pid, signal.SIGKILL)
    wait_gone(pid, descriptor)
    while True:
        try:
            if answers(path):
                break
        except ConnectionRefusedError:
            refused += 1
        except (ConnectionError, FileNotFoundError) as error:
            # An answer that was on its way when the process died.
            refused += isinstance(error, FileNotFoundError)
        if time.monotonic() - begin > 20:
            sys.exit("no answer after 20 s")
        time.sleep(0.001)
    print(refused, round((time.monotonic() - begin) * 1000))


main()
