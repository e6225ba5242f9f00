"""The HTTP side: trigger a report, ask how it is, download it."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, abort, request, url_for
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from . import runs, tasks
from .database import REPORT_TABLES, WEEK

app = Flask(__name__)


@app.post("/trigger_report")
def trigger_report() -> Any:
    """Answer at once with the id of a report that a worker will make."""
    windows = request.args.get("windows", WEEK)
    if windows not in REPORT_TABLES:
        abort(400, f"windows is one of {', '.join(REPORT_TABLES)}.")
    report_id = str(tasks.trigger(windows))
    where = url_for("check_status", report_id=report_id)
    return {"report_id": report_id}, 202, {"Location": where}


@app.get("/check_status")
@app.get("/check_status/<report_id>")
def check_status(report_id: str | None = None) -> dict[str, str]:
    """Say how a report is; without an id, the latest one."""
    report_id = report_id or request.args.get("report_id")
    run = runs.latest() if report_id is None else runs.find(report_id)
    if run is None:
        abort(404, "No such report.")
    answer = {"report_id": str(run.report_id), "status": run.status}
    return answer | {"reason": run.reason} if run.reason else answer


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
    name = f"report-{run.report_id}.csv"
    return Response(
        runs.read_report(run).write_csv(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@app.errorhandler(HTTPException)
def _refused(error: HTTPException) -> tuple[dict[str, Any], int]:
    return {"error": error.description}, error.code or 500


@app.errorhandler(BrokerError)
@app.errorhandler(OperationalError)
@app.errorhandler(PoolTimeout)
def _unavailable(error: Exception) -> tuple[dict[str, Any], int]:
    app.logger.error("unavailable: %s", error)
    return {"error": "The database or the broker cannot be reached. Try again later."}, 503
