"""Logger and metrics, made once. Nothing that names a person goes into either."""

import traceback

from aws_lambda_powertools import Logger, Metrics

logger = Logger(service="optout", log_uncaught_exceptions=False)
metrics = Metrics(namespace="optout", service="optout")


def report(error: Exception) -> None:
    """Log a bug by its type and place. Its text stays out: it may quote what somebody sent."""
    chain = [error, *filter(None, (error.__cause__, error.__context__))]
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    logger.error(
        "unexpected error",
        error_types=[type(link).__name__ for link in chain],
        at=[f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    )
    metrics.add_metric(name="UnexpectedError", unit="Count", value=1)
