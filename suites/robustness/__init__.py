"""Malformed requests."""
