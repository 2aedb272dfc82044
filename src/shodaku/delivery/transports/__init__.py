"""What carries permitted messages to the next server."""
