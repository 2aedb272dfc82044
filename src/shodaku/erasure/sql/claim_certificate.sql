-- The first link to the certificate is the only one; once it is issued none is made any more.
update erasure set certificate_key = %(certificate_key)s
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and receipt = %(receipt)s and certificate_key is null
