"""Figures: counts and ratios within one run, never seconds. `./dev bench` prints them."""
