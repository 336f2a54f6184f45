"""A strict local stand-in for Amazon SES v2.

It answers the SES v2 API, so that a plain ``boto3.client("sesv2")`` whose endpoint points here notices nothing: the
same request checks, errors, limits, suppression list, mailbox simulator and configuration-set events, but the mail goes
to a local mailbox. A ledger remembers every accepted recipient, and faults are injected on demand, for reliability
tests.

Start it from the project's root: ``python -m local.ses --port 4579 --engine http://127.0.0.1:4566``.
"""
