"""Portraits drawn for looks: same person in every look of a character, other clothes and rooms."""
