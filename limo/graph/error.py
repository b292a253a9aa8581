"""What stops a proof; used by `limo verify`."""


class VerifyError(Exception):
    """The proof cannot be run: the message names the thing and the remedy."""
