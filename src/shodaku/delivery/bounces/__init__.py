"""What came back, read from its bytes alone: who, what, at which stage, and for which reason."""
