"""What all HTTP endpoints share: dialect, request, body, validation, throttle, endpoint."""
