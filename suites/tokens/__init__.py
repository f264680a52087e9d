"""Checks of token verifiers."""
