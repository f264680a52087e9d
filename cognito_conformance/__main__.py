"""`python -m cognito_conformance` is `cognito-conformance`."""

from cognito_conformance.launcher import main

main()
