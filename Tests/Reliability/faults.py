"""What can happen to a fleet: each fault breaks something, waits, and mends it."""

import os
import signal
import time

from . import world as worlds


def freeze(world, name, seconds):
    process = world.parts[name]
    worlds.signal_family(process, signal.SIGSTOP)
    time.sleep(seconds)
    worlds.signal_family(process, signal.SIGCONT)


def redis_master(world):
    master = world.master() or world.redis_ports[0]
    return f"redis{world.redis_ports.index(master)}"


def is_whole(world):
    """Whether the replica has all that the master has."""
    master = world.master()
    replicas = [port for port in world.redis_ports if port != master]
    return master is not None and all(
        "master_link_status:up" in world.redis(port, "INFO", "replication") for port in replicas)


def wait_for_replica(world):
    """A master that is lost before its replica is in step takes with it what only it has, however long ago it was written:
    that is no fail-over but a loss, and nobody's promise holds over it."""
    worlds.wait_until(lambda: is_whole(world), "a replica in step with its master", 120)


def wait_for_one_master(world):
    """Two Sentinels may each replace the master, a second or two apart: then what was written to the first one's choice is
    lost as well. So it is over when nothing has changed for three seconds."""
    since = [None, 0.0]

    def is_settled():
        master = world.master() if is_whole(world) else None
        if master != since[0]:
            since[:] = [master, time.monotonic()]
        return master is not None and time.monotonic() > since[1] + 3

    worlds.wait_until(is_settled, "one master", 120)



def kill_master(world, random):
    """Dead until a replica is promoted, then back as its replica."""
    name = redis_master(world)
    port = world.redis_ports[int(name[-1])]
    process = world.parts[name]
    process.child.kill()
    process.child.wait()
    world.processes.remove(process)
    worlds.wait_until(lambda: world.master() not in (None, port), "a promotion", 60)
    world.start_part(name)


def freeze_master(world, random):
    """Long enough for the Sentinels to replace it; it comes back as a master who does not know."""
    freeze(world, redis_master(world), random.uniform(2.5, 4))


def freeze_master_briefly(world, random):
    freeze(world, redis_master(world), random.uniform(0.1, 0.6))


def kill_replica(world, random):
    master = redis_master(world)
    worlds.restart(world, "redis1" if master == "redis0" else "redis0", random.uniform(0, 1))


def kill_sentinel(world, random):
    worlds.restart(world, f"sentinel{random.randrange(3)}", random.uniform(0, 1))


def freeze_sentinel(world, random):
    freeze(world, f"sentinel{random.randrange(3)}", random.uniform(0.5, 3))


def freeze_chat(world, random):
    freeze(world, "devchat", random.uniform(0.5, 3))


def kill_daemon(world, random):
    worlds.restart(world, f"daemon{random.randrange(world.daemons)}", random.uniform(0, 0.5))


def stop_daemon(world, random):
    """As systemd restarts it: what it has begun is answered."""
    name = f"daemon{random.randrange(world.daemons)}"
    process = world.parts[name]
    process.stop(signal.SIGTERM)
    world.processes.remove(process)
    world.start_part(name)


def freeze_daemon(world, random):
    freeze(world, f"daemon{random.randrange(world.daemons)}", random.uniform(0.2, 2))


def kill_nginx(world, random):
    worlds.restart(world, "nginx", random.uniform(0, 0.3))


def reload_nginx(world, random):
    os.kill(world.parts["nginx"].pid, signal.SIGHUP)


# Those after which Redis may have forgotten what it had confirmed: it replicates after it has answered.
FORGETFUL = {"kill_master", "freeze_master"}
FAIL_OVERS = [kill_master, freeze_master]
# devchat is frozen and not killed: it keeps its rooms in memory, which a chat server does not.
ALL = [kill_master, freeze_master, freeze_master_briefly, kill_replica, kill_sentinel, freeze_sentinel, freeze_chat,
       kill_daemon, stop_daemon, freeze_daemon, kill_nginx, reload_nginx]
