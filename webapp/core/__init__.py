"""What every room stands on: database, access marks, clock, storage, jobs, mail outbox, audit, languages.

Not a word of the domain lives here: nothing in this room knows what a course, an obliged subject or a constancia is.
"""
