-- Off; the ledger keeps that it was on.
delete from exemption where workspace_id = %(workspace_id)s and sender_id = %(sender_id)s and name = %(name)s
