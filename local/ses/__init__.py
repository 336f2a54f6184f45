"""A strict local stand-in for the Amazon SES v2 API, for development and tests. README.md describes it.

It behaves like SES for an unchanged ``boto3.client("sesv2")``: request validation, errors, limits, suppression list,
mailbox simulator and configuration-set events. Emails go to a local mailbox. A ledger records every accepted recipient,
and faults can be injected.
"""
