-- What a person told and did not confirm yet: for a copy of one's own data.
select answers from signup_request
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and answers <> '{}' order by request_id
