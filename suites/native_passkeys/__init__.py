"""Native passkeys: the WebAuthn that a user pool does itself."""
