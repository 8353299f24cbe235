"""A catalogue of cheats: none of them gains a pass in the ledger."""
