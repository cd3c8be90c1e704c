"""What the platform costs, measured: `make bench`. Not a test: answers are checked, times are only told.

Every figure of a page is CPU time of all processes of the server (user and system), because that is steady where other
work shares the machine; beside it stands the ratio to a bare Flask view on the same server command, measured in turns.
"""
