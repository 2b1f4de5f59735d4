"""Who may call: accounts, their identities, and the keys that are published for them."""
