"""How a user pool is configured, against AWS's own guidance, OWASP ASVS, the IETF and Security Hub. Only reads."""
