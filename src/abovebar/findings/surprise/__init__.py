"""Surprise as people mark it, as measures have it and as judges see it."""
