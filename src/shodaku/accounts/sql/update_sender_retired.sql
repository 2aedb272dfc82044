-- Not offered any more, or again; whoever locked all senders.
update sender set retired_at = %(retired_at)s where workspace_id = %(workspace_id)s and sender_id = %(sender_id)s
