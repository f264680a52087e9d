"""What makes a pytest run a conformance run."""
