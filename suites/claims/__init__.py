"""What tokens say beside Cognito's own claims, and what signing up and changing one's address may do."""
