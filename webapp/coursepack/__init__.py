"""Reads, checks and scores course packages: plain folders of Markdown and YAML that a trainer can write.

Owns the format of a package, its problems as a trainer reads them, the compiled course that the platform stores, and
how a response to a question is marked. Knows nothing of Flask, of the database or of any person: it is a pure library.
"""
