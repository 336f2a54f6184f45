"""The Rocket.Chat dialect: mailer and mailer.unsubscribe."""
