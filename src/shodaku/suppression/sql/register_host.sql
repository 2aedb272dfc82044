-- A host that writes a journal is known before its first line: a restore elsewhere asks for its file.
insert into journal_floor (host, seq) values (%(host)s, 0) on conflict (host) do nothing
