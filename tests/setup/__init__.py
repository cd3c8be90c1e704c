"""What tests need beside Python: found on this machine, or else installed. `python -m tests.setup` does all of it."""
