"""Checks of passkeys in custom auth: the triggers, and the APIs by which users keep and use their passkeys."""
