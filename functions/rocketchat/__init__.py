"""The Rocket.Chat dialect: login, logout, mailer and mailer.unsubscribe."""
