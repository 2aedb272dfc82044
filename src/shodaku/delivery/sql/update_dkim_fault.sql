-- What a worker last said about opening a key; the mail of its domain waits meanwhile.
update dkim_key set fault = %(fault)s where workspace_id = %(workspace_id)s and key_id = %(key_id)s and fault <> %(fault)s
