"""Backup, restore, and finding out that this installation is a second copy of another one."""
