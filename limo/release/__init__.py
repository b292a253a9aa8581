"""What is handed out: files, licence gate, cards, Croissant metadata, manifest."""
