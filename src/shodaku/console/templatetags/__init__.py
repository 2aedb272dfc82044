"""What the templates of the desk ask."""
