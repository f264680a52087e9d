"""The cases of the WebAuthn checks: honest responses and their named changes, for whoever is a relying party.

A case says what to change and whether the result is acceptable; who puts it before a library, triggers or a user pool,
and how, is the bearer's business (harness/ceremony_court.py for a library).
"""
