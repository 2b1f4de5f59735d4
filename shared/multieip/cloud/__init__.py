"""The one seam to the outside: a port, the vendor's SDK behind it, and typed operations on top."""
