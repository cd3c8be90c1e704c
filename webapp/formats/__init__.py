"""Reads, derives, makes, checks, annotates and scores the workbooks in which transparency formats are loaded.

Owns what a format is, what can be wrong with a workbook of one, and how an exercise over one is made and marked. Knows
nothing of Flask, of the database or of any person: it is a pure library, usable alone and from the console.
"""
