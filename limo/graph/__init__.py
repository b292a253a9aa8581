"""Every out with its columns and key, dvc.lock, dvc.yaml's code deps from imports, two pages of docs."""
