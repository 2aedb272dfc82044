"""What the templates of the door ask."""
