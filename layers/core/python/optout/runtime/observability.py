"""The logger and the metrics, with the name of the stack as their service. Neither may contain personal data."""

import traceback

from aws_lambda_powertools import Logger, Metrics

logger = Logger(log_uncaught_exceptions=False)
metrics = Metrics(namespace="optout")


def report(error: Exception) -> None:
    """Log a bug by its types and stack frames. The message is left out: it may quote personal data of a request."""
    chain = [error, *filter(None, (error.__cause__, error.__context__))]
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    logger.error(
        "unexpected error",
        error_types=[type(link).__name__ for link in chain],
        at=[f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    )
    metrics.add_metric(name="UnexpectedError", unit="Count", value=1)
