"""Figures of marks, by criterion, jury and setting."""
