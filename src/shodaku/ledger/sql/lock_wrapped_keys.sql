-- Waits for who is just writing a key, and lets nobody begin: what is counted then is all there is. Reading goes on.
lock table person_key, hold_key in share row exclusive mode
