"""Rebuild in a fresh clone and compare out by out, down to the first difference (`limo verify`)."""
