"""`python -m deckcast`."""

from deckcast.cli import main

if __name__ == "__main__":
    main()
