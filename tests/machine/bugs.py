"""Mistakes that somebody might make, each planted into the product's own code; see README.md."""

from __future__ import annotations

BUGS = {}
