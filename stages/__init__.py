"""A thin script per stage of dvc.yaml: read, call the library, write."""
