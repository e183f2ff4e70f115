"""Figures of likeness within and between models and people."""
