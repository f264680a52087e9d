"""What one-time codes owe to their users: strength, limits, binding, and silence about who has a number."""
