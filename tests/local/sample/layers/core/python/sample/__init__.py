"""The sample's own layer."""

ORIGIN = "layer"
