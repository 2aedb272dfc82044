-- A saved state; the caller holds the campaign's row, so numbers have no gap and no double.
insert into campaign_revision (workspace_id, campaign_id, revision, document, saved_by, saved_at)
values (%(workspace_id)s, %(campaign_id)s, %(revision)s, %(document)s, %(staff_id)s, %(now)s)
