"""The book's figures: tidy numbers in, a figure out; colour tells the stage of training alone.

What several chapters need lies here; what one claim needs, in the folder of its name.
"""
