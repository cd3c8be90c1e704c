"""The formats library: reading, judging and writing workbooks of transparency formats."""
