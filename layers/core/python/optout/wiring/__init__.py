"""Settings to clients to stores to use cases, one module per package of the domain. Lazy and cached."""
