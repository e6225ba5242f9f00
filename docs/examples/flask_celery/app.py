"""The HTTP side: trigger a report, ask how it is, list reports, download one."""

from __future__ import annotations

import datetime as dt
import logging
from itertools import chain, islice
from typing import Any

from flask import Flask, Response, abort, request, url_for
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from . import runs, tasks
from .database import REPORT_TABLES, WEEK, utc
from .download import csv_pages

INSTANTS = ("created_at", "started_at", "finished_at", "now")
TOLD = ("report_id", "windows", "status", "reason", "attempts", *INSTANTS)
LISTED, LISTED_MOST = 20, 100
UNREACHED = (BrokerError, exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
app = Flask(__name__, static_folder=None)
app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's own provider has it


@app.post("/trigger_report")
def trigger_report() -> Any:
    """Answer at once with the id of a report that a worker will make, or is making."""
    windows = request.args.get("windows", WEEK)
    if windows not in REPORT_TABLES:
        abort(400, f"windows is one of {', '.join(REPORT_TABLES)}.")
    report_id = str(tasks.trigger(windows))
    where = url_for("check_status", report_id=report_id)
    return {"report_id": report_id}, 202, {"Location": where}


@app.get("/check_status")
@app.get("/check_status/<report_id>")
def check_status(report_id: str | None = None) -> dict[str, Any]:
    """Say how a report is; without an id, the latest one."""
    report_id = report_id or request.args.get("report_id")
    run = next(iter(runs.latest(1)), None) if report_id is None else runs.find(report_id)
    if run is None:
        abort(404, "No such report.")
    return _told(run)


@app.get("/reports")
def list_reports() -> dict[str, Any]:
    """Say how the latest reports are, the newest first."""
    limit = request.args.get("limit", 0, type=int) if "limit" in request.args else LISTED
    if not 1 <= limit <= LISTED_MOST:
        abort(400, f"limit is a number from 1 to {LISTED_MOST}.")
    return {"reports": [_told(run) for run in runs.latest(limit)]}


@app.get("/get_report/<report_id>")
def get_report(report_id: str) -> Response:
    """Hand out a complete report as a CSV file."""
    run = runs.find(report_id)
    if run is None:
        abort(404, "No such report.")
    if run.status == runs.RUNNING:
        abort(409, "The report is not ready yet.")
    if run.status == runs.FAILED:
        abort(409, f"The report failed: {run.reason}")
    pages = csv_pages(run)
    first = list(islice(pages, 2))  # what fails up to here is answered by an error
    app.logger.info("report %s: downloaded", run.report_id)
    name = f"report-{run.report_id}.csv"
    return Response(
        chain(first, pages),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@app.get("/health")
def health() -> tuple[dict[str, str], int]:
    """Say whether the database and the broker answer."""
    answer = {}
    for name, ask in (("database", lambda: runs.latest(1)), ("broker", tasks.ask_broker)):
        try:
            ask()
            answer[name] = "ok"
        except UNREACHED as error:
            app.logger.warning("%s: %s", name, error)
            answer[name] = "cannot be reached"
    return answer, 200 if {*answer.values()} == {"ok"} else 503


def _told(run: runs.Run) -> dict[str, object]:
    """Return what a client is told of a run; instants as in 2023-01-23T12:00:00+00:00."""
    row = {name: getattr(run, name) for name in TOLD}
    at = {name: utc(row[name]).astimezone(dt.UTC) for name in INSTANTS if row[name]}
    return row | {name: instant.isoformat() for name, instant in at.items()}


@app.after_request
def _secured(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


@app.errorhandler(HTTPException)
def _refused(error: HTTPException) -> Any:
    headers = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    return {"error": error.description}, error.code, headers


def _unavailable(error: Exception) -> Any:
    app.logger.warning("unavailable: %s", error)
    told = "The database or the broker cannot be reached. Try again later."
    return _refused(ServiceUnavailable(told, retry_after=runs.RETRY_AFTER))


for unreached in UNREACHED:
    app.register_error_handler(unreached, _unavailable)
