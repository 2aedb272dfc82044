"""Histories of the send path under every fault at once: one seed, one history, on any machine."""
