"""What tuning does in creative writing and in code, and how far the two part."""
