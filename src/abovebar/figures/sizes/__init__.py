"""Figures of models against their size."""
