"""`./dev deploy`: ask for what is missing, remember it, and deploy without further questions."""
