-- What somebody bought, newest first.
select purchase_no, title, amount_yen, at from purchase where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s order by at desc
