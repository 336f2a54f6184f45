"""Bounces and complaints: the policy, and its application."""
