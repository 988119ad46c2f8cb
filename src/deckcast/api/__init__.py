"""The web server: thin routes over the parts; the only package that knows FastAPI."""
