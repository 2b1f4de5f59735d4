"""What all actions share: how they are declared, their parameters, pages, filters and tags."""
