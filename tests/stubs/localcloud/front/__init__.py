"""What callers meet first: server, signatures, permissions, mounted services, and the client in process."""
