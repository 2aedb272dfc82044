"""The ways by which a checkpoint gets outside, one file each."""
