"""What WebAuthn requires: each requirement once, for libraries, user pools and triggers alike."""
