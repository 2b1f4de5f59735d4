"""The operating systems of the local cloud's instances and the network around them."""
