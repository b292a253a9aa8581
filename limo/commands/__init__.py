"""One module per command of `limo`."""
