"""What every stage stands on: tables, whole files, clocks, scratch folders, templates, a Ray cluster."""
