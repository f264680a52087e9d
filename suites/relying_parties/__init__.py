"""What relying-party libraries accept: registrations, keys, attestation and authentications."""
