"""Logger and metrics, made once. Nothing that names a person goes into either."""

from aws_lambda_powertools import Logger, Metrics

logger = Logger(service="optout", log_uncaught_exceptions=False)
metrics = Metrics(namespace="optout", service="optout")
