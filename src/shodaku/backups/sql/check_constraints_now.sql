-- A table cannot be altered while the check of a row of it still waits.
set constraints all immediate
