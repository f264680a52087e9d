"""Tokens from their issue to their end: claims, keys, refresh, rotation, revocation, signing out."""
