-- The act that makes a person unreadable.
delete from person_key where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s returning wrapped
