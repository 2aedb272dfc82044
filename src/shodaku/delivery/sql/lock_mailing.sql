-- Two last chunks that end at once must see each other: who ends one holds the mailing until the commit.
select from mailing where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s for no key update
