"""What each custom-auth trigger owes to Cognito, and a pool to its triggers."""
