"""What the sandbox does, and that it does it as GitHub does."""
