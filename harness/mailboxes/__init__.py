"""Mailboxes and phones: where a run reads the links and the codes that the target sends to its users."""
