"""Course packages: what an author may write, what is refused and in which words, and how answers are marked."""
