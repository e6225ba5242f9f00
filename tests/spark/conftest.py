"""A classic Spark session, and Spark Connect served by the same JVM."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def sessions() -> Iterator[dict[str, Any]]:
    """Start Spark once; it takes some ten seconds."""
    from pyspark.sql import SparkSession  # noqa: PLC0415
    from pyspark.sql.connect.session import SparkSession as RemoteSession  # noqa: PLC0415

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "3",
        "spark.sql.timeType.enabled": "true",
        # Small partitions would be put together again.
        "spark.sql.adaptive.enabled": "false",
        # A JVM that lives for a minute or two: thorough compiling would cost more than it saves.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.driver.host": "127.0.0.1",
        "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master("local[2]")
        for name, value in settings.items():
            builder = builder.config(name, value)
        classic = builder.getOrCreate()
        classic.sparkContext.setLogLevel("OFF")
        connect = RemoteSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
        yield {"classic": classic, "connect": connect}
        connect.stop()
        classic.stop()


@pytest.fixture(params=["classic", "connect"])
def session(request: pytest.FixtureRequest, sessions: dict[str, Any]) -> Any:
    """Return each of the two sessions, in UTC."""
    chosen = sessions[request.param]
    chosen.conf.set("spark.sql.session.timeZone", "UTC")
    return chosen
