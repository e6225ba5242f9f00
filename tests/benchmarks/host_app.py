"""What the host application of docs/examples takes: requests a second, load, memory of the worker.

    python tests/benchmarks/host_app.py                   # --stores 8000 --requests 300

starts a server and a worker on this machine, with a database and a queue of their own, loads
made-up stores with hourly polls of nine days, and asks from eight threads at once. Each kind of
request ends after ten seconds. Needs PostgreSQL and RabbitMQ, as the tests do, the extra "test" and
the group "examples". Run nothing else beside it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from store_uptime.testing import make_dataset
from told import tell

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import services
from support.host_app import Host, clean_environment, copy_application, settings_of

THREADS, SECONDS = 8, 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stores", type=int, default=8000)
    parser.add_argument("--requests", type=int, default=300)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        services.postgres_server() as server,
        services.postgres_database(server) as url,
        services.rabbitmq_queue() as (broker, queue),
    ):
        folder = Path(name)
        copy_application(folder)
        env = settings_of(url) | {"CELERY_BROKER_URL": broker, "CELERY_QUEUE": queue}
        host = Host(folder, clean_environment() | env)
        (folder / "csv").mkdir()
        stores = make_dataset(arguments.stores, 9)
        stores.write_csv(folder / "csv")
        for what in ("load", "load again"):
            seconds = timed(lambda: host.command("load", str(folder / "csv")).check_returncode())
            tell(f"{what}: {stores.status.height:,} polls in {seconds:.1f} s")
        with host.serving():
            measure(host, arguments.requests)


def measure(host: Host, requests: int) -> None:
    """Print what the requests and a report take."""
    first = host.trigger()
    for what, method, path in (
        ("trigger", "POST", "/trigger_report"),
        ("status", "GET", f"/check_status/{first}"),
        ("list", "GET", "/reports"),
    ):
        done, codes, seconds = ask(host, method, path, requests)
        tell(f"{what}: {done / seconds:.0f} requests a second ({done} in {seconds:.1f} s, {codes})")
    host.start_worker()
    worker = host.worker
    assert worker is not None
    seconds = timed(lambda: host.finished(first))
    tell(f"first report, with the start of the worker: {seconds:.1f} s")
    seconds = timed(lambda: host.finished(host.trigger()))
    tell(f"another report: {seconds:.1f} s")
    tell(f"download: {timed(lambda: host.ask('GET', f'/get_report/{first}')):.1f} s")
    status = Path(f"/proc/{worker.pid}/status")
    if status.exists():  # only on Linux
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        tell(f"worker: {int(peak.split()[1]) // 1024} MB at its largest")


def ask(host: Host, method: str, path: str, requests: int) -> tuple[int, set[int], float]:
    """Return how many requests were answered, by which codes, in how many seconds."""
    begin = time.monotonic()

    def one(_: int) -> int | None:
        over = time.monotonic() - begin > SECONDS
        return None if over else host.ask(method, path).status

    with ThreadPoolExecutor(THREADS) as pool:
        codes = [code for code in pool.map(one, range(requests)) if code]
    return len(codes), set(codes), time.monotonic() - begin


def timed(do: Callable[[], object]) -> float:
    begin = time.monotonic()
    do()
    return time.monotonic() - begin


if __name__ == "__main__":
    main()
