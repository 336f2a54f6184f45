"""The LetterBucket dialect: newsletter subscribers."""
