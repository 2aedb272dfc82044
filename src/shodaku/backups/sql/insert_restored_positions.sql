-- From here on every host's journal must be read before the gate opens.
insert into restored_position (host, seq) select each.host, each.seq from unnest(%(hosts)s::text[], %(seqs)s::bigint[]) as each (host, seq)
