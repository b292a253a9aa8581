"""JSON lines of users: read, checked, written whole; zstd streams."""
