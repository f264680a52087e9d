"""Second factors: software tokens, texts, mails, and that none of them can be passed by."""
