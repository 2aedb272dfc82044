"""Situations of law, told in the vocabulary of LAW.md section 9, run through the product's own code."""
