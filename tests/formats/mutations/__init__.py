"""Workbooks as people hand them in, made without the library that judges them, and what a person said each would be told."""
