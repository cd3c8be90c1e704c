"""What a WSGI server imports: `wsgi:app`."""

import config
from webapp.app import create_app

app = create_app(config.load())
