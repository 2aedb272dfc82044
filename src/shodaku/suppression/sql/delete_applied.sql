-- What the floor says already.
delete from journal_applied a using journal_floor f where f.host = a.host and a.seq <= f.seq
