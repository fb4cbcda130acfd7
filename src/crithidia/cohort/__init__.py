"""Many patients."""
