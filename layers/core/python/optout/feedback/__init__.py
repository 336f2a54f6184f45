"""Bounces and complaints: policy, and what they record."""
