"""`python -m webapp.formats`: the commands of `aula formats` without loading the platform around them."""

from webapp.formats.cli import formats

if __name__ == "__main__":
    formats(prog_name="python -m webapp.formats")
