"""Generates the OpenAPI document of all public routes from the template (routes) and the handlers (models, docstrings
and errors). A new route needs no entry anywhere else."""
