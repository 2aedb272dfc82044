-- Sealed once: a second worker changes nothing.
update certificate set body = %(body)s
where workspace_id = %(workspace_id)s and erasure_id = %(erasure_id)s and body is null and destroy_after is not null
