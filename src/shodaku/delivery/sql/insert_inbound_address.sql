-- Mail to this address is read; the same one twice is one.
insert into inbound_address (workspace_id, address, at) values (%(workspace_id)s, %(address)s, %(now)s)
on conflict (workspace_id, address) do nothing
