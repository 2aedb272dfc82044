-- A mail that tries one route leaves by that one or not at all: by another it would show nothing.
update chunk set route_id = %(route_id)s, route_fixed = true
where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and state = 'planned'
