"""The sandbox's pages, as a browser gets them."""
