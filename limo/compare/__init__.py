"""Two candidates of any two revisions, paired by problem (`limo compare`)."""
