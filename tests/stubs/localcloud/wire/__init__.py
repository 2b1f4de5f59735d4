"""The wire: HTTP values, signatures, errors, JSON and XML."""
