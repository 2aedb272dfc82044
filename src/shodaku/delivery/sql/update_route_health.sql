-- What the worker last heard from the relay, for the console; since when it gets nothing.
update route set last_error = %(error)s, last_error_at = case when %(error)s::text is null then null else clock_timestamp() end,
    set_aside_at = case when %(set_aside)s then coalesce(set_aside_at, clock_timestamp()) end
where workspace_id = %(workspace_id)s and route_id = %(route_id)s
  and (last_error is distinct from %(error)s or (set_aside_at is not null) <> %(set_aside)s)
