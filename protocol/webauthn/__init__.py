"""WebAuthn Level 3 as a relying party reads it: data, keys, signatures, attestation, the two ceremonies. Pure.

From the bytes upwards: `base64url`, `cbor`, `der`; `client_data`, `authenticator_data`, `attestation_object`,
`responses`; `algorithms`, `cose`, `edwards`; `certificates`, `attestation/`; `credentials`, `ceremony`, `registration`,
`authentication`.
Every error is a `WebAuthnError` (`errors`). Clauses are those of the editor's draft of 2026-07-30.
"""
