"""Checks of clients that sign in with SRP."""
