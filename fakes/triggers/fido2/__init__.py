"""Passkeys in custom auth: the credential API, the challenge API, and the triggers' part that verifies assertions.

The ceremonies are those of `protocol.webauthn`, as `fakes.relying_party` can spoil them.
From the ground upwards: `faults`, `configuration`, `user_handles`, `rows`, `store`; `ceremonies`;
`signing_in`; `proxy`, `credentials_api`, `challenge_api`.
"""
