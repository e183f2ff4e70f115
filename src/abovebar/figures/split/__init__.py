"""Figures of what tuning does, domain beside domain."""
