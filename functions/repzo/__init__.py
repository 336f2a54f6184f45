"""The Repzo dialect: mail-unsubscribe."""
