"""Every figure that the design wants reached: what is wanted, what was measured, and whether that is enough."""

FEWER, MORE = "at most", "at least"
OPERATIONS = ("auth_ping", "resumed", "history", "cold")


def _cell(results, connections=32, kept=True):
    return results["auth_ping"]["cells"][f"{connections} {'kept' if kept else 'new'}"]


def _ratio(results, *peers):
    cell = _cell(results)
    return cell["customersd"]["rate"] / max(cell[peer]["rate"] for peer in peers)


def _hop(*peers):
    """What is left of a ratio when the daemon did nothing at all: the constant answer over the same FastCGI hop."""

    def note(results):
        cell = _cell(results)
        most = cell["constant"]["rate"] / max(cell[peer]["rate"] for peer in peers)
        return f"a constant answer over the same hop reaches {most:.2f}×"

    return note


def _descriptors(results):
    flight = results["scale"]["flight"]
    if flight["width"] >= flight["asked"]:
        return ""
    return f"the machine's {results['run']['descriptors']:,} descriptors a process allow {flight['width']:,}"


def _worst(results):
    sessions = results["scale"]["sessions"]
    sizes = sorted(sessions, key=int)
    few, many = sessions[sizes[0]], sessions[sizes[-1]]
    return ", ".join(f"{name} {many[name] / few[name]:.2f}×" for name in OPERATIONS)


def _cpu_ratio(results):
    cell = _cell(results)
    return cell["customersd"]["own"] / cell["constant"]["own"]


def _growth(results):
    sessions = results["scale"]["sessions"]
    sizes = sorted(sessions, key=int)
    return max(sessions[sizes[-1]][name] / sessions[sizes[0]][name] for name in OPERATIONS)


def _refusals(results):
    flight = results["scale"]["flight"]
    statuses = ", ".join(f"{count:,} times {status}" for status, count in sorted(flight["statuses"].items()))
    return f"{statuses}; the first failure said {flight['refusal'].strip()}" if flight["failed"] else ""


def _flight_memory(results):
    flight = results["scale"]["flight"]
    each = (flight["rss"] - flight["rss_before"]) / max(flight["chat_peak"], 1)
    return (f"{flight['rss_before'] / 1024:.0f} MiB before, and {each:.0f} KiB a request at the chat server, of which libcurl"
            " takes 13 for a transfer and its connection")


def _flight_time(results):
    flight = results["scale"]["flight"]
    seconds = flight["width"] * flight["whole"] / 1e6 / flight["cores"]
    return (f"a request takes {flight['cpu']:.0f} µs of CPU in the daemon and {flight['whole']:.0f} µs with nginx, Redis, the"
            f" chat server's stand-in and the load generator, so {flight['width']:,} of them keep {flight['cores']} cores"
            f" busy for {seconds:.1f} s")


def _flight(field, scale=1.0):
    return lambda results: results["scale"]["flight"][field] / scale


# Part, text, direction, wanted, unit, how it is found, what explains a shortfall.
WANTED = (
    ("auth_ping", "auth_ping, 32 kept connections, against C libfcgi + hiredis", MORE, 2.5, "×",
     lambda r: _ratio(r, "c", "c_kept"), _hop("c", "c_kept")),
    ("auth_ping", "… against nginx Lua + Redis", MORE, 1.2, "×", lambda r: _ratio(r, "lua"), _hop("lua")),
    ("auth_ping", "… against php-fpm + phpredis", MORE, 5, "×", lambda r: _ratio(r, "php"), _hop("php")),
    ("auth_ping", "… against Go net/http/fcgi + redigo", MORE, 5, "×", lambda r: _ratio(r, "go"), _hop("go")),
    ("auth_ping", "the daemon's CPU an auth_ping, against a constant answer", FEWER, 1.25, "×", _cpu_ratio),
    ("scale", "requests in flight on a chat server that takes 500 ms", MORE, 10000, "",
     _flight("chat_peak"), _descriptors),
    ("scale", "… failed", FEWER, 0, "", _flight("failed"), _refusals),
    ("scale", "… memory at its highest", FEWER, 150, "MiB", _flight("rss", 1024), _flight_memory),
    ("scale", "… p99 with warm connections", FEWER, 700, "ms", _flight("p99", 1000),
     _flight_time),
    ("scale", "… processes", FEWER, 1, "", _flight("processes")),
    ("forwarding", "resumed client_connect: chat server calls", FEWER, 0, "",
     lambda r: r["forwarding"]["calls"]["resumed"]["most_calls"]),
    ("forwarding", "… Redis round trips", FEWER, 2, "",
     lambda r: r["forwarding"]["calls"]["resumed"]["redis"]),
    ("forwarding", "cold client_connect: sequential chat server round trips", FEWER, 3, "",
     lambda r: max(r["forwarding"]["calls"][name]["most_chat"] for name in ("cold", "cold, presence unknown"))),
    ("scale", "an operation at the most sessions against the fewest, the worst of four", FEWER, 1.2, "×",
     _growth, _worst),
    ("idle", "idle: memory", FEWER, 25, "MiB", lambda r: r["idle"]["rss"] / 1024,
     lambda r: f"{r['idle']['own'] / 1024:.1f} MiB of its own, the rest are pages of libraries"),
    ("idle", "idle: wake-ups a second (beyond the watchdog: none)", FEWER, 0.5, "", lambda r: r["idle"]["wakeups"]),
    ("idle", "idle: CPU", FEWER, 0.05, "%", lambda r: r["idle"]["cpu"] * 100),
    ("idle", "start to ready", FEWER, 100, "ms", lambda r: r["idle"]["start"] * 1000),
)


def judged(results):
    """(text, wanted, measured, reached, explanation) for each figure whose part was run."""
    for part, text, direction, wanted, unit, find, *explain in WANTED:
        if part not in results:
            continue
        value = find(results)
        reached = value >= wanted if direction == MORE else value <= wanted
        why = explain[0](results) if explain else ""
        yield text, f"{direction} {wanted:,g}{_unit(unit)}", f"{_number(value)}{_unit(unit)}", reached, why


def _unit(unit):
    return unit if unit in ("×", "") else " " + unit


def _number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}".rstrip("0").rstrip(".")
