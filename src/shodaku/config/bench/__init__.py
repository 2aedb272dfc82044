"""Figures: each module runs one measurement and yields a JSON-ready mapping a case."""
