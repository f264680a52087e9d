"""A run's results as a model, and each rendering of it."""
