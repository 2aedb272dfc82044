-- Targets of a mailing, by the number that stands in its links.
select links from mailing where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s
