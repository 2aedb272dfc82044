-- Offered no more, and still served: what was sent shows it.
update picture set put_away_at = %(now)s
where workspace_id = %(workspace_id)s and image_id = %(image_id)s and put_away_at is null
