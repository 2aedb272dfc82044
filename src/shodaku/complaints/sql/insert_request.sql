-- It came in, in the transaction of its entry.
insert into data_request (workspace_id, contact_id, kind, via, jurisdiction, language, state, received_at, due_at,
                          identity_how, identity_by, identity_at, entry_id)
values (%(workspace_id)s, %(contact_id)s, %(kind)s, %(via)s, %(jurisdiction)s, %(language)s, %(state)s, %(received_at)s, %(due_at)s,
        %(identity_how)s, %(identity_by)s, %(identity_at)s, %(entry_id)s)
returning request_id
