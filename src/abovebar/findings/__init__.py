"""Findings: claims, comparisons, the numbers they give and the verdicts that follow.

What several chapters need lies here; what one claim needs, in the folder of its name.
"""
