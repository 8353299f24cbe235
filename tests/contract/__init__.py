"""The client and the sandbox held to GitHub's published descriptions, and the sandbox to real clients."""
