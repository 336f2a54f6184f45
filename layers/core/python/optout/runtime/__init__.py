"""Shared by all Lambda functions: logger, metrics, field types, the worker loop."""
