"""Shared by all HTTP endpoints: dialect, request, body, validation, throttle, endpoint."""
