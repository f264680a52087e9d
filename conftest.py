"""Puts the harness to work for plain `pytest`."""

pytest_plugins = (
    "harness.plugin",
    "harness.fixtures",
    "harness.authenticator_fixtures",
    "harness.trigger_fixtures",
    "harness.passkey_fixtures",
    "harness.fido2_fixtures",
    "harness.posture_fixtures",
)
