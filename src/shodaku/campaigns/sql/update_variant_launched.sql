-- To whom it goes, in the transaction that planned.
update trial_variant set mailing_id = %(mailing_id)s, people = %(people)s
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and no = %(no)s
